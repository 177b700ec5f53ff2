"""Recorded histories: ledgers as they were written by the rules of their day, kept for good.

Each file holds the hashed bodies of one ledger, one a line. They are made by
``python -m tests.histories.record`` and never made anew for rules that changed: that today's rules
still give yesterday's facts is what they prove (``tests/domain/test_histories.py``).
"""
