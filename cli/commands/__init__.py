"""The commands as people type them: names, options, help. What they do is in ``cli``.

Nothing heavy is imported before a command needs it.
"""
