"""The weekly summary as a mail: what :mod:`notifications.week` counted, in sentences and lines."""

from collections.abc import Iterator, Sequence
from textwrap import shorten

from pendulum import DateTime

from models.domain.calendar import last_day, local
from models.domain.state import Plan
from notifications.letter import Letter, Sender
from notifications.view import address_view, document_view, harmless
from notifications.week import LateUnit, Week
from notifications.words import bound_words, count_words, day_words, days_words, instant_words

Section = dict[str, object]
LONGEST = 60
"""Characters of a duty's words in a line of the summary."""


def summary_view(
    letter: Letter, week: Week, plan: Plan, sender: Sender, lang: str
) -> dict[str, object]:
    """Return everything that the templates of the summary may show."""
    counts = week.table
    view: dict[str, object] = {
        **document_view(plan.document, plan, lang),
        "lang": lang,
        "recipient": letter.recipient_name,
        "at": instant_words(week.at, lang),
        "day": f"{local(week.at):%d/%m/%Y}",
        "done": count_words(counts.done, lang),
        "total": count_words(week.total, lang),
        "done_in_time": count_words(counts.done_in_time, lang),
        "done_late": count_words(counts.done_late, lang),
        "open_in_time": count_words(counts.open_in_time, lang),
        "late_open": count_words(counts.open_late, lang),
        "lines": list(_lines(week, lang)),
        "sections": list(_sections(week, lang)),
    }
    return {name: harmless(value) for name, value in view.items()} | {
        "asks": address_view(None, sender)["asks"]
    }


def _lines(week: Week, lang: str) -> Iterator[str]:
    """Yield the rates and what waits for a decision; nothing is said of what is not there."""
    vi = lang == "vi"
    counts = week.table
    (strict, of_strict), (lenient, of_lenient) = counts.strict, counts.lenient
    if of_strict or of_lenient:
        yield (
            f"Đúng hạn: {_rate(lenient, of_lenient)} theo hạn đang áp dụng, "
            f"{_rate(strict, of_strict)} theo hạn ban đầu."
            if vi
            else f"In time: {_rate(lenient, of_lenient)} by the bound in force, "
            f"{_rate(strict, of_strict)} by the first one."
        )
    apart = [
        f"{count_words(count, lang)} {words[0 if vi else 1]}"
        for count, words in (
            (counts.waived, ("được miễn", "waived")),
            (counts.superseded, ("đã chuyển đơn vị", "moved to another body")),
        )
        if count
    ]
    if apart:
        yield ("Ngoài ra: " if vi else "Besides: ") + ", ".join(apart) + "."
    if week.asked:
        yield (
            f"Chờ quyết định: {count_words(week.asked, lang)} đề nghị của đơn vị."
            if vi
            else f"Waiting for a decision: {count_words(week.asked, lang)} requests of units."
        )
    if week.impossible:
        yield (
            f"Không còn kịp hạn do dời hạn: {count_words(week.impossible, lang)} nhiệm vụ."
            if vi
            else f"No longer possible because of moved dates: "
            f"{count_words(week.impossible, lang)} duties."
        )


def _sections(week: Week, lang: str) -> Iterator[Section]:
    vi = lang == "vi"
    if week.late:
        title = (
            f"Đang quá hạn: {count_words(week.late_units, lang)} đơn vị"
            if vi
            else f"Overdue: {count_words(week.late_units, lang)} units"
        )
        late = [_late(unit, lang) for unit in week.late]
        yield _section(title, late, week.late_units, lang)
    if week.untold:
        title = (
            f"Chưa báo được: {count_words(week.untold_units, lang)} đơn vị"
            if vi
            else f"Could not be told: {count_words(week.untold_units, lang)} units"
        )
        yield _section(title, [_late(unit, lang) for unit in week.untold], week.untold_units, lang)
    if week.coming:
        title = "Đến hạn trong 7 ngày tới" if vi else "Due within 7 days"
        coming = [
            (
                f"{_day(each.due, lang)}: {each.clause} {_short(each.summary)}",
                f"{count_words(each.open, lang)} {'đơn vị' if vi else 'units'}",
            )
            for each in week.coming
        ]
        yield _section(title, coming, week.coming_bounds, lang)
    if week.reviewers:
        title = (
            f"Chờ xem xét: {count_words(week.reviews, lang)} báo cáo"
            if vi
            else f"To be reviewed: {count_words(week.reviews, lang)} reports"
        )
        yield _section(title, _counts(week.reviewers, lang), len(week.reviewers), lang)
    if week.awaited:
        title = (
            f"Đang thực hiện: {count_words(week.awaited_units, lang)} đơn vị"
            if vi
            else f"At work: {count_words(week.awaited_units, lang)} units"
        )
        yield _section(title, _counts(week.awaited, lang), week.awaited_units, lang)


def _late(unit: LateUnit, lang: str) -> tuple[str, str]:
    """Return a unit with its clauses, and for how long it is beyond its bound."""
    words = f"{unit.days} ngày" if lang == "vi" else days_words(unit.days)
    if unit.rung:
        words += f", bước {unit.rung}" if lang == "vi" else f", step {unit.rung}"
    return f"{unit.name} ({', '.join(unit.clauses)})", words


def _section(title: str, rows: Sequence[tuple[str, str]], count: int, lang: str) -> Section:
    rest = count - len(rows)
    more = ("và %s nữa" if lang == "vi" else "and %s more") % count_words(rest, lang)
    return {"title": title, "rows": list(rows), "more": more if rest > 0 else ""}


def _counts(named: Sequence[tuple[str, int]], lang: str) -> list[tuple[str, str]]:
    return [(name, count_words(count, lang)) for name, count in named]


def _day(due: DateTime, lang: str) -> str:
    """Return the last day in time, and the hour where there is one."""
    whole = local(due) == local(due).start_of("day")
    return day_words(last_day(due), lang) if whole else bound_words(due, lang)


def _short(text: str) -> str:
    return shorten(text, LONGEST, placeholder=" …")


def _rate(part: int, whole: int) -> str:
    return f"{part}/{whole} ({part * 100 // whole}%)" if whole else "–"
