"""Decisions of operators from the command line, each about one body's copy of a duty."""

from collections.abc import Callable, Sequence

from cli.problems import out, say
from cli.typed import Typed
from config.settings import load as load_settings
from models.domain.facts import (
    DisputeRejected,
    ExtensionRefused,
    Fact,
    Opened,
    Superseded,
    Waived,
)
from models.domain.requests import (
    Reassign,
    RefuseExtension,
    RejectDispute,
    Request,
    Waive,
)
from models.domain.state import Progress, State
from models.domain.terms import AssignmentId, BodyId, DocumentKey, assignment_id
from models.record import Outcome
from models.store import Store, Transaction
from notifications.wiring import open_store, recorder_of
from notifications.words import bound_words

Make = Callable[[AssignmentId, Transaction], Request]
"""Makes the request about a copy, inside the transaction that records it."""


def waive(document: str, obligation: str, body: str, by: str, authority: str, lang: str) -> int:
    """Lift one duty from one body; return the exit status."""
    typed = Typed(lang)
    by, authority = typed.who("--by", by), typed.decision("--authority", authority)
    if typed.refused():
        return 1
    outcome = record_decision(
        document, obligation, body, lang, lambda copy, _: Waive(copy, by, authority)
    )
    if outcome is None:
        return 1
    copy = assignment_id(obligation, body)
    return tell_recorded(
        outcome,
        Waived,
        f"{copy} được miễn ({authority})",
        f"{copy} is waived ({authority})",
        lang,
    )


def reassign(
    document: str,
    obligation: str,
    body: str,
    to: str,
    by: str,
    authority: str,
    reason: str,
    lang: str,
) -> int:
    """Move one duty from *body* to the body *to*; return the exit status.

    The links of the old body end in the same commit; the new one is told, with working days left.
    """
    typed = Typed(lang)
    by, authority = typed.who("--by", by), typed.decision("--authority", authority)
    reason = typed.reason("--reason", reason)
    if typed.refused():
        return 1
    outcome = record_decision(
        document,
        obligation,
        body,
        lang,
        lambda copy, transaction: Reassign(
            copy, BodyId(to), by, authority, transaction.text(reason)
        ),
    )
    if outcome is None:
        return 1
    due = next((each.fact.due for each in outcome.facts if isinstance(each.fact, Opened)), None)
    until = bound_words(due, lang) if due else ""
    vi = f"{obligation} chuyển từ {body} sang {to} ({authority})"
    en = f"{obligation} moved from {body} to {to} ({authority})"
    if until:
        vi, en = f"{vi}, hạn {until}", f"{en}, due {until}"
    return tell_recorded(outcome, Superseded, vi, en, lang)


def refuse(
    document: str, obligation: str, body: str, by: str, authority: str, reason: str, lang: str
) -> int:
    """Answer no to a body that asked for more time; return the exit status."""
    return _answer(
        (document, obligation, body),
        (by, authority, reason),
        RefuseExtension,
        ExtensionRefused,
        ("không gia hạn {copy} ({authority})", "{copy} is not extended ({authority})"),
        lang,
    )


def uphold(
    document: str, obligation: str, body: str, by: str, authority: str, reason: str, lang: str
) -> int:
    """Answer a body that says a duty is not its own: it stays; return the exit status."""
    return _answer(
        (document, obligation, body),
        (by, authority, reason),
        RejectDispute,
        DisputeRejected,
        ("{copy} vẫn thuộc đơn vị ({authority})", "{copy} stays with the unit ({authority})"),
        lang,
    )


def _answer(
    where: tuple[str, str, str],
    typed_: tuple[str, str, str],
    request: type[RefuseExtension] | type[RejectDispute],
    fact: type[Fact],
    words: tuple[str, str],
    lang: str,
) -> int:
    """Answer what a body asked for, by whom, on what authority and why; it is told by mail."""
    typed = Typed(lang)
    by, authority = typed.who("--by", typed_[0]), typed.decision("--authority", typed_[1])
    reason = typed.reason("--reason", typed_[2])
    if typed.refused():
        return 1
    outcome = record_decision(
        *where,
        lang,
        lambda copy, transaction: request(copy, by, authority, transaction.text(reason)),
    )
    if outcome is None:
        return 1
    vi, en = (each.format(copy=assignment_id(*where[1:]), authority=authority) for each in words)
    vi, en = f"{vi}; đơn vị được báo bằng thư", f"{en}; the unit is told by mail"
    return tell_recorded(outcome, fact, vi, en, lang)


def record_decision(
    document: str, obligation: str, body: str, lang: str, make: Make
) -> Outcome | None:
    """Record one decision about one copy; tell why not and return ``None`` if it cannot be."""
    settings = load_settings()
    store = open_store(settings)
    try:
        if find_copy(store, document, obligation, body, lang) is None:
            return None
        key, assignment = DocumentKey(document), assignment_id(obligation, body)
        outcome = recorder_of(settings, store).record(key, lambda now: make(assignment, now))
    finally:
        store.close()
    if outcome.refusal is not None:
        say(outcome.refusal.text(lang))
        return None
    return outcome


def find_copy(
    store: Store, document: str, obligation: str, body: str, lang: str
) -> tuple[State, Progress] | None:
    """Return the document and one body's copy of a duty of it; tell what there is if not this."""
    state = store.state(DocumentKey(document))
    if state.plan is None:
        say(unknown_document(store, document, lang))
        return None
    progress = state.progress.get(assignment_id(obligation, body))
    if progress is None:
        owed = sorted(
            each.body for each in state.progress.values() if each.obligation == obligation
        )
        say(unknown_duty(obligation, body, owed, [*state.plan.obligations], lang))
        return None
    return state, progress


def tell_recorded(outcome: Outcome, kind: type[Fact], vi: str, en: str, lang: str) -> int:
    """Print what was recorded, with the number of its fact; return the exit status."""
    seq = next(each.seq for each in outcome.facts if isinstance(each.fact, kind))
    out.print(
        f"Đã ghi: {vi}. Sự kiện số {seq}." if lang == "vi" else f"Recorded: {en}. Fact {seq}.",
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
