"""Prove or refute that a directive can be carried out as it is worded, before it is issued."""

from config.lint.finding import Clause, Finding, Move, Option, Remedy, Severity
from config.lint.run import Verdict, lint

__all__ = ["Clause", "Finding", "Move", "Option", "Remedy", "Severity", "Verdict", "lint"]
