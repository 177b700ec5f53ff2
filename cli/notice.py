"""`cascade notice`: a body was told by other means, and an office vouches for it."""

from cli.decide import unknown_document, unknown_duty
from cli.problems import out, say
from cli.typed import Typed
from config.settings import load as load_settings
from models.domain.facts import NoticeRecorded
from models.domain.requests import RecordNotice
from models.domain.terms import DocumentKey, assignment_id
from models.store import Transaction
from notifications.wiring import open_store, recorder_of


def notice(document: str, obligation: str, body: str, by: str, how: str, lang: str) -> int:
    """Record that *body* was told of its duty; return the exit status."""
    typed = Typed(lang)
    by, how = typed.who("--by", by), typed.reason("--how", how)
    if typed.refused():
        return 1
    settings = load_settings()
    store = open_store(settings)
    try:
        key = DocumentKey(document)
        state = store.state(key)
        if state.plan is None:
            say(unknown_document(store, document, lang))
            return 1
        assignment = assignment_id(obligation, body)
        if assignment not in state.progress:
            owed = sorted(
                each.body for each in state.progress.values() if each.obligation == obligation
            )
            say(unknown_duty(obligation, body, owed, [*state.plan.obligations], lang))
            return 1

        def ask(transaction: Transaction) -> RecordNotice:
            return RecordNotice(assignment, by, transaction.text(how))

        outcome = recorder_of(settings, store).record(key, ask)
    finally:
        store.close()
    if outcome.refusal is not None:
        say(outcome.refusal.text(lang))
        return 1
    seq = next(each.seq for each in outcome.facts if isinstance(each.fact, NoticeRecorded))
    out.print(
        f"Recorded: {body} was told of {obligation}, as {by} vouches. Fact {seq}."
        if lang == "en"
        else f"Đã ghi: {body} đã được báo về {obligation}, {by} xác nhận. Sự kiện số {seq}.",
        markup=False,
    )
    return 0
