"""The mail catcher's memory (``kept``) and the pages on which people and programs read it."""
