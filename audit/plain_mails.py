"""Mails about no document: the daily checkpoint, which must have a witness."""

import hashlib
import json
from collections.abc import Iterator

from audit.anchor import KIND
from audit.codes import Code
from audit.contacts import Contacts
from audit.envelope import short
from audit.finding import Finding
from audit.source import Source

_MAILS = (
    "SELECT key, seq, message_id, assignment, kind, detail, recipient, contact FROM outbox"
    " WHERE stream = '' ORDER BY key"
)
_NOTE = "SELECT note FROM ledger_checkpoint WHERE size = ?"
_ANCHOR = "SELECT size, channel FROM ledger_anchor WHERE ref = ?"


def examine(source: Source, log_id: str) -> Iterator[Finding]:
    """Compare each with its key, its checkpoint and its witness."""
    contacts = Contacts(source)
    for key, seq, message_id, assignment, kind, detail, recipient, contact in source.rows(_MAILS):
        row = f"outbox:{key}"
        head, _, said = str(key).rpartition("|")
        if head.partition("|")[0] != kind or not contact or assignment:
            yield Finding(Code.MAIL_ADDED, row=row)
            continue
        owner = contacts.body(contact)
        expected = {
            "message_id": (message_id, hashlib.sha256(f"{log_id}|{key}".encode()).hexdigest()[:40]),
            "contact": (contact, said),
            "recipient": (recipient, None if owner is None else owner[0]),
        }
        for column, (found, value) in expected.items():
            if found != value:
                data = {"column": column, "found": short(found), "expected": short(value)}
                yield Finding(Code.MAIL_ALTERED, row=row, data=data)
        if kind == KIND:
            yield from _checkpoint(source, key, seq, detail, contact)


def _checkpoint(source: Source, key: str, seq: int, detail: str, contact: str) -> Iterator[Finding]:
    """Compare the mail of a checkpoint with the checkpoint, and with the row of its witness."""
    note = source.one(_NOTE, seq)
    try:
        said = json.loads(detail)
        fits = note is not None and said["note"] == note[0] and said["size"] == seq
    except (ValueError, KeyError, TypeError):
        fits = False
    if not fits:
        data = {"column": "detail", "found": short(detail), "expected": f"ledger_checkpoint {seq}"}
        yield Finding(Code.MAIL_ALTERED, row=f"outbox:{key}", data=data)
    witness = source.one(_ANCHOR, key)
    if witness != (seq, f"mail:{contact}"):
        why = f"{short(key)}: {short(witness)} ≠ {seq}, mail:{contact}"
        yield Finding(Code.ANCHOR_ROW, row=f"outbox:{key}", data={"why": why})
