"""Which addresses a body had when: by their references, as far as mails and erasures tell.

The table of contacts is personal data and may change; it is not proven. What is known of a
reference: whose it is, that it never goes to another body, and from where on it was erased.
"""

import json
from collections.abc import Iterator
from functools import lru_cache

from audit.codes import Code
from audit.finding import Finding
from audit.source import Source
from models.domain.effects import Notify
from models.store import ADMIN

_BODY = "SELECT body FROM contact WHERE ref = ?"
_ERASED = "SELECT seq, body FROM ledger_event WHERE stream = ? AND type = 'Erased'"
