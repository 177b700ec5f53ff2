"""`cascade extend`: move one date by a recorded act, and say what that does to the rest."""

from collections.abc import Sequence

from pendulum import DateTime

from cli.decide import unknown_document, unknown_duty
from cli.problems import out, say
from cli.prospects import prospect_words
from cli.typed import Typed
from config.settings import load as load_settings
from models.domain.deadlines import Deadline, read, reading_under
from models.domain.facts import BoundMoved, FeasibilityChanged, Rescheduled
from models.domain.moving import hanging_on, stated
from models.domain.refusals import EARLIER
from models.domain.requests import MoveBound
from models.domain.terms import BodyId, DocumentKey, ObligationId
from models.record import Outcome
from models.store import Store, Transaction
from notifications.wiring import open_store, recorder_of
from notifications.words import bound_words


def extend(
    document: str,
    obligation: str,
    bodies: Sequence[str],
    to: str,
    by: str,
    authority: str,
    reason: str,
    earlier: bool,
    lang: str,
) -> int:
    """Move the date of *obligation*, for everybody or for *bodies*; return the exit status.

    *to* is a date in words ("đến hết ngày 15/11/2023"), read as the document reads its own.
    """
    typed = Typed(lang)
    to, by = typed.date_words("--to", to), typed.who("--by", by)
    authority = typed.decision("--authority", authority)
    reason = typed.reason("--reason", reason)
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
        if stated(state.plan, obligation) is None and obligation not in state.plan.obligations:
            say(unknown_duty(obligation, "", [], [*state.plan.obligations], lang))
            return 1
        owed = sorted(
            {body for each in hanging_on(state.plan, obligation) for body in each.assignees}
        )
        strange = [body for body in bodies if body not in owed]
        if strange and owed:
            for body in strange:
                say(unknown_duty(obligation, body, owed, [], lang))
            return 1
        recorder = recorder_of(settings, store)
        found = read(
            to,
            issued=recorder.clock.now().date(),
            settings=reading_under(state.document.policy),
            calendar=state.document.calendar,
        )
        due = _understood(to, found, lang)
        if due is None:
            return 1

        def ask(transaction: Transaction) -> MoveBound:
            return MoveBound(
                ObligationId(obligation),
                due,
                to,
                by,
                authority,
                transaction.text(reason),
                tuple(map(BodyId, bodies)),
                earlier=earlier,
            )

        outcome = recorder.record(key, ask)
        if outcome.refusal is not None:
            say(outcome.refusal.text(lang))
            if outcome.refusal == EARLIER:
                say(bound_words(due, lang))
            return 1
        tell(store, outcome, lang)
    finally:
        store.close()
    return 0


def _understood(to: str, found: Deadline, lang: str) -> DateTime | None:
    """Return the date that *to* names, after telling what is doubtful about it."""
    vi = lang == "vi"
    if found.error is not None:
        say(found.error.message_vi if vi else found.error.message_en)
        return None
    if found.due_exclusive is None or len(found.occurrences) > 1:
        say(
            f"“{to}” không cho ra một ngày cụ thể. Ví dụ: “đến hết ngày 15/11/2023”."
            if vi
            else f"“{to}” names no single date. Say, for example, “đến hết ngày 15/11/2023”."
        )
        return None
    for noted in found.warnings:
        if noted.code == "bare_date":
            continue
        said = noted.message_vi if vi else noted.message_en
        if noted.code == "before_issue":  # "issued" is today: the act's own day
            said = "Hạn mới là một ngày đã qua." if vi else "The new date has passed already."
        out.print(said, style="yellow", markup=False)
    return found.due_exclusive


def tell(store: Store, outcome: Outcome, lang: str) -> None:
    """Print what was recorded: the act, whom it moves, and what is no longer possible in time."""
    vi = lang == "vi"
    plan = outcome.state.plan
    assert plan is not None
    act = next(each for each in outcome.facts if isinstance(each.fact, BoundMoved))
    fact = act.fact
    assert isinstance(fact, BoundMoved)
    was = bound_words(fact.was, lang) if fact.was else "—"
    line = (
        f"Đã ghi: hạn của {fact.obligation} dời từ {was} sang {bound_words(fact.due, lang)}"
        f" ({fact.authority}). Sự kiện số {act.seq}."
        if vi
        else f"Recorded: {fact.obligation} moved from {was} to {bound_words(fact.due, lang)}"
        f" ({fact.authority}). Fact {act.seq}."
    )
    out.print(line, markup=False)
    moved = [each.fact for each in outcome.facts if isinstance(each.fact, Rescheduled)]
    for obligation in plan.document.obligations:
        own = [each for each in moved if plan.assignments[each.assignment][0] is obligation]
        for due in sorted({each.due for each in own}):
            names = [
                plan.name(plan.assignments[each.assignment][1]) for each in own if each.due == due
            ]
            who = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
            text = (
                f"  {obligation.id}: {len(names)} đơn vị, {bound_words(due, lang)} ({who})"
                if vi
                else f"  {obligation.id}: {len(names)} bodies, {bound_words(due, lang)} ({who})"
            )
            out.print(text, markup=False)
            if due < fact.due:
                out.print(_kept(vi), markup=False, style="yellow")
    if not moved:
        out.print(_kept(vi), markup=False, style="yellow")
    for each in outcome.facts:
        if isinstance(each.fact, FeasibilityChanged):
            above = store.state(each.stream)
            out.print(
                prospect_words(above, each.fact, lang),
                markup=False,
                style="red" if each.fact.needs else "green",
            )


def _kept(vi: bool) -> str:
    return (
        "  Hạn chặt hơn của mục khác, cùng một sản phẩm, vẫn áp dụng; cần dời cả mục đó."
        if vi
        else "  The stricter date of another clause for the same product stays; move that one too."
    )
