"""Decisions of operators from the command line."""

from collections.abc import Sequence

from cli.problems import out, say
from cli.typed import Typed
from config.settings import load as load_settings
from models.domain.facts import Waived
from models.domain.requests import Waive
from models.domain.terms import DocumentKey, assignment_id
from models.store import Store
from notifications.wiring import open_store, recorder_of


def waive(document: str, obligation: str, body: str, by: str, authority: str, lang: str) -> int:
    """Lift one duty from one body; return the exit status."""
    typed = Typed(lang)
    by, authority = typed.who("--by", by), typed.decision("--authority", authority)
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
        outcome = recorder_of(settings, store).record(key, Waive(assignment, by, authority))
    finally:
        store.close()
    if outcome.refusal is not None:
        say(outcome.refusal.text(lang))
        return 1
    seq = next(each.seq for each in outcome.facts if isinstance(each.fact, Waived))
    out.print(
        f"Đã ghi: {assignment} được miễn ({authority}). Sự kiện số {seq}."
        if lang == "vi"
        else f"Recorded: {assignment} is waived ({authority}). Fact {seq}.",
        markup=False,
    )
    return 0


def unknown_document(store: Store, document: str, lang: str) -> str:
    """Return that there is no such document, and which there are."""
    known = ", ".join(row["id"] for row in store.streams()) or "—"
    return (
        f"Không có văn bản {document!r}. Đang theo dõi: {known}"
        if lang == "vi"
        else f"No document {document!r}. Known: {known}"
    )


def unknown_duty(
    obligation: str, body: str, owed: Sequence[str], obligations: Sequence[str], lang: str
) -> str:
    """Return that there is no such duty, or that *body* does not owe it, and what there is."""
    if not owed:
        listed = ", ".join(sorted(obligations))
        return (
            f"Không có nhiệm vụ {obligation!r}. Các nhiệm vụ: {listed}"
            if lang == "vi"
            else f"No obligation {obligation!r}. Known: {listed}"
        )
    listed = ", ".join(owed)
    return (
        f"{body!r} không có nhiệm vụ {obligation}. Các đơn vị: {listed}"
        if lang == "vi"
        else f"{body!r} does not owe {obligation}. Bodies: {listed}"
    )
