"""Dates in the law's own words: a Vietnamese deadline phrase and what follows from it.

:func:`read` takes a phrase apart in passes: text to tokens (:mod:`.text`, :mod:`.lexicon`), tokens
to things with a value (:mod:`.atoms`), those to places that bind (one module per family), and
chooses. The rules and their sources are in each family's module.
"""

from models.domain.deadlines.read import read
from models.domain.deadlines.result import Caution, Deadline, Kind, Problem
from models.domain.deadlines.settings import BeforeDate, Reading, Rollover, reading_under

__all__ = [
    "BeforeDate",
    "Caution",
    "Deadline",
    "Kind",
    "Problem",
    "Reading",
    "Rollover",
    "read",
    "reading_under",
]
