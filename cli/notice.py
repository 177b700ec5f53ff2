"""`cascade notice`: a body was told by other means, and an office vouches for it."""

from cli.decide import record_decision, tell_recorded
from cli.typed import Typed
from models.domain.facts import NoticeRecorded
from models.domain.requests import RecordNotice


def notice(document: str, obligation: str, body: str, by: str, how: str, lang: str) -> int:
    """Record that *body* was told of its duty; return the exit status."""
    typed = Typed(lang)
    by, how = typed.who("--by", by), typed.reason("--how", how)
    if typed.refused():
        return 1
    outcome = record_decision(
        document,
        obligation,
        body,
        lang,
        lambda copy, transaction: RecordNotice(copy, by, transaction.text(how)),
    )
    if outcome is None:
        return 1
    return tell_recorded(
        outcome,
        NoticeRecorded,
        f"{body} đã được báo về {obligation}, {by} xác nhận",
        f"{body} was told of {obligation}, as {by} vouches",
        lang,
    )
