"""To whom checkpoints were handed, row by row, against the mails and the checkpoints themselves.

The mail's key holds its day, and the mail's Message-ID follows from its key: so the day on which a
checkpoint was handed out is held, and with it the day by which it was signed.
"""

from collections.abc import Iterator

from audit.anchor import KIND
from audit.codes import Code
from audit.envelope import short
from audit.finding import Finding
from audit.instants import instant, writes_an_instant
from audit.source import Source
from models.domain.calendar import local

_ROWS = (
    "SELECT a.id, a.size, a.channel, a.ref, a.state, a.at, o.seq, o.kind, o.stream, o.contact,"
    " o.state, c.signed_at FROM ledger_anchor a LEFT JOIN outbox o ON o.key = a.ref"
    " LEFT JOIN ledger_checkpoint c ON c.size = a.size ORDER BY a.id"
)
_FINAL = ("sent", "failed", "cancelled")
"""What a mail is then, it stays; before, the row of its witness may lag behind."""
_STATES = (*_FINAL, "pending", "sending", "unknown", "parked")


def examine(source: Source) -> Iterator[Finding]:
    """Yield what is wrong with each row of ``ledger_anchor``."""
    for number, size, channel, ref, state, at, *mail, signed_at in source.rows(_ROWS):
        row = f"ledger_anchor:{number}"
        seq, kind, stream, contact, is_now = mail
        if seq is None:
            yield _wrong(row, f"outbox {short(ref)}: —")
            continue
        said, expected = (size, channel, kind, stream), (seq, f"mail:{contact}", KIND, "")
        if said != expected:
            yield _wrong(row, f"{short(ref)}: {short(said)} ≠ {short(expected)}")
        if state not in _STATES or (state in _FINAL and state != is_now):
            yield _wrong(row, f"state {short(state)} ≠ {short(is_now)}")
        day = str(ref).split("|")[1:2]
        if [_day(at)] != day:
            yield _wrong(row, f"at {short(at)} ≠ {short(day)}")
        elif signed_at is not None and _day(signed_at) > _day(at):
            why = f"signed_at {short(signed_at)} > {short(at)} ({row})"
            yield Finding(Code.CHECKPOINT_ROW, row=f"ledger_checkpoint:{size}", data={"why": why})


def _day(text: object) -> str:
    """Return the day of an instant in Viet Nam, by which the mails are called."""
    if not isinstance(text, str) or not writes_an_instant(text):
        return ""
    return local(instant(text)).date().isoformat()


def _wrong(row: str, why: str) -> Finding:
    return Finding(Code.ANCHOR_ROW, row=row, data={"why": why})
