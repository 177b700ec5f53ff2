"""Read one phrase: prepare, find what binds, work it out, choose."""

from collections.abc import Sequence
from datetime import date, datetime

from pendulum import DateTime

from models.domain.calendar import WorkCalendar, local
from models.domain.deadlines import marks
from models.domain.deadlines.atoms import Line
from models.domain.deadlines.candidate import Candidate, Finding
from models.domain.deadlines.case import Case, Refusal, end_of, midnight, show
from models.domain.deadlines.messages import caution, problem
from models.domain.deadlines.moments import FIRST_YEAR, LAST_YEAR, Flaw
from models.domain.deadlines.parse import parse
from models.domain.deadlines.result import Caution, Deadline, Kind, Problem, last_day
from models.domain.deadlines.settings import Reading
from models.domain.deadlines.text import LONGEST

_DEFAULT = Reading()
_Solved = tuple[Candidate, Finding | Problem, tuple[Caution, ...]]


def read(
    phrase: str,
    *,
    issued: date | None = None,
    event: date | datetime | None = None,
    since: date | None = None,
    settings: Reading = _DEFAULT,
    calendar: WorkCalendar = WorkCalendar(),
) -> Deadline:
    """Read a Vietnamese deadline *phrase*, alone or inside its sentence.

    *issued* is the document's date: it gives missing years, relative words and periods their
    place. *event* is what a counted period counts from; a plain date when its hour is not known,
    otherwise an instant with its zone (``ValueError`` for a naive one). *since* is where the
    occurrences of a periodic duty begin (default: *issued*). No text raises: what is
    not understood with certainty comes back with :attr:`Deadline.error` and without a date.
    """
    if isinstance(event, datetime):
        event = local(event)
    if isinstance(issued, datetime):
        issued = issued.date()
    if not phrase.strip():
        return _refusal(phrase, problem("empty"))
    if len(phrase) > LONGEST:
        return _refusal(phrase[:100], problem("too_long", length=len(phrase)))
    since = since or issued
    for known in (issued, event, since):
        if known is not None and not FIRST_YEAR <= known.year <= LAST_YEAR:
            return _refusal(phrase, problem("year_out_of_range", year=known.year, found=known))
    line, groups = parse(phrase)
    if not groups:
        return _nothing(phrase, line)
    solved = [
        _solve(line, each, Case(issued, event, since, settings, calendar)) for each in groups[0]
    ]
    return _choose(phrase, line, solved, issued)


def _solve(line: Line, candidate: Candidate, case: Case) -> _Solved:
    case.quote = lambda: candidate.quoted(line)
    try:
        finding = candidate.form.solve(case)
    except Refusal as refusal:
        return candidate, refusal.problem, ()
    return candidate, finding, tuple(case.cautions)


def _choose(phrase: str, line: Line, solved: Sequence[_Solved], issued: date | None) -> Deadline:
    everything: list[tuple[Candidate, Finding, tuple[Caution, ...]]] = []
    for candidate, result, cautions in solved:
        if isinstance(result, Problem):
            return _refusal(phrase, result, line, candidate)
        everything.append((candidate, result, cautions))
    dated = everything
    if len(everything) > 1:
        dated = [item for item in everything if item[1].due is not None] or everything
        if any(_bounds(item[1]) != _bounds(dated[0][1]) for item in dated[1:]):
            return _several(phrase, line, [(each, found) for each, found, _ in dated])
    candidate, finding, notes = dated[0]
    warnings = [*notes, *_about_issue(finding, issued), *_about_scan(line, candidate)]
    if len(everything) > 1:
        others = (each.quoted(line) for each, found, _ in everything if _differs(found, finding))
        if listed := "; ".join(others):
            warnings.append(caution("other_marks", list=listed))
    first, last = line.starts[candidate.first], line.starts[candidate.last]
    start, end = line.text.span(first, last)
    return Deadline(
        phrase,
        finding.kind,
        finding.due,
        finding.rule,
        finding.basis,
        finding.occurrences,
        finding.readings,
        tuple(warnings),
        None,
        finding.start,
        line.text.original[start:end],
        (start, end),
    )


def _several(phrase: str, line: Line, found: Sequence[tuple[Candidate, Finding]]) -> Deadline:
    listed = "; ".join(
        f"“{each.quoted(line)}”: hết ngày {show(last_day(finding.due))}"
        for each, finding in found
        if finding.due
    )
    readings = tuple((each.quoted(line), finding.due) for each, finding in found if finding.due)
    return Deadline(
        phrase, None, None, "", "", readings=readings,
        error=problem("several_deadlines", list=listed),
    )  # fmt: skip


def _differs(found: Finding, chosen: Finding) -> bool:
    return found.kind is not chosen.kind or _bounds(found) != _bounds(chosen)


def _bounds(finding: Finding) -> tuple[DateTime | None, tuple[DateTime, ...]]:
    return finding.due, finding.occurrences


def _about_issue(finding: Finding, issued: date | None) -> list[Caution]:
    if issued is None or finding.due is None:
        return []
    if finding.due <= midnight(issued):
        return [caution("before_issue", issued=show(issued))]
    if finding.kind is not Kind.PERIODIC and finding.due <= end_of(issued):
        return [caution("on_issue_day", issued=show(issued))]
    return []


def _about_scan(line: Line, candidate: Candidate) -> list[Caution]:
    if not line.text.repaired:
        return []
    start, end = line.text.span(line.starts[candidate.first], line.starts[candidate.last])
    if any(start <= place < end for place in line.text.repaired):
        return [caution("scanned_digits", found=line.text.original[start:end])]
    return []


def _refusal(
    phrase: str, error: Problem, line: Line | None = None, candidate: Candidate | None = None
) -> Deadline:
    found, span = "", (0, 0)
    if line is not None and candidate is not None:
        span = line.text.span(line.starts[candidate.first], line.starts[candidate.last])
        found = line.text.original[span[0] : span[1]]
    return Deadline(phrase, None, None, "", "", error=error, found=found, span=span)


def _nothing(phrase: str, line: Line) -> Deadline:
    if match := marks.is_vague(line.codes):
        return _refusal(phrase, problem("vague", found=line.quote(match.start(), match.end())))
    for place, value in line.values.items():
        if line.codes[place] in "AIBZFTVWUXY%":
            code = "vague" if line.codes[place] == "V" else "no_marker"
            code = value.code if isinstance(value, Flaw) else code
            found = line.quote(place, place + 1)
            return _refusal(phrase, problem(code, found=found, year=getattr(value, "year", None)))
    if marks.speaks_of_time(line.codes):
        return _refusal(phrase, problem("not_understood", found=line.text.original[:80].strip()))
    return _refusal(phrase, problem("no_deadline"))
