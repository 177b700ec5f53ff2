"""Put findings together: the same shape for every family."""

from collections.abc import Iterable, Sequence

from config.lint.codes import severity_of
from config.lint.finding import Change, Choice, Finding, Move, Option, Remedy, Severity, Words
from config.lint.subject import Subject
from config.lint.words import both, until


def finding(
    subject: Subject,
    code: str,
    duties: Iterable[str],
    follows: Words,
    ways: Iterable[Sequence[Change]],
    *,
    bodies: Iterable[str] = (),
    documents: Iterable[str] = (),
    severity: Severity | None = None,
    where: str = "",
) -> Finding:
    """Return a finding about *duties*; *ways* are the settlements."""
    clauses = subject.clauses(duties)
    named = (*documents, *(clause.document for clause in clauses))
    return Finding(
        code,
        severity or severity_of(code),
        follows,
        tuple(dict.fromkeys(named)),
        clauses,
        tuple(dict.fromkeys(bodies)),
        remedies(ways),
        where=where,
    )


def remedies(ways: Iterable[Sequence[Change]]) -> tuple[Remedy, ...]:
    """Return the settlements, the smallest first and marked; those of no change left out."""
    ranked = sorted((tuple(way) for way in ways if way), key=sized)
    return tuple(Remedy(way, minimal=place == 0) for place, way in enumerate(ranked))


def sized(way: Sequence[Change]) -> tuple[int, int]:
    """Return how large a settlement is: how many changes, how many working days."""
    return len(way), sum(abs(each.days) for each in way if isinstance(each, Move))


def choice(
    name: str,
    vi: str,
    en: str,
    *,
    obligations: Iterable[str] = (),
    bodies: Iterable[str] = (),
    options: Iterable[tuple[str, str, str]] = (),
) -> Choice:
    """Return a decision; *options* are value, Vietnamese, English."""
    ways = tuple(Option(value, Words(o_vi, o_en)) for value, o_vi, o_en in options)
    return Choice(name, Words(vi, en), tuple(obligations), tuple(bodies), ways)


def said(remedy: Remedy, documents: Iterable[str] = ()) -> Words:
    """Return all changes of *remedy* in words; *documents*: those that the finding is about.

    Dates that move to the same day are told together.
    """
    home = tuple(documents)[:1]
    groups: dict[tuple[object, ...], list[Move]] = {}
    found: list[Words] = []
    for each in remedy.changes:
        if isinstance(each, Choice):
            found.append(_said_choice(each))
        else:
            groups.setdefault((each.after, each.days, each.document), []).append(each)
    found.extend(_said_moves(moves, home) for moves in groups.values())
    return Words("; ".join(each.vi for each in found), "; ".join(each.en for each in found))


def _said_choice(change: Choice) -> Words:
    if not change.options:
        return change.said
    vi = ", hoặc ".join(each.said.vi for each in change.options)
    en = ", or ".join(each.said.en for each in change.options)
    return Words(f"{change.said.vi}: {vi}", f"{change.said.en}: {en}")


def _said_moves(moves: Sequence[Move], home: tuple[str, ...]) -> Words:
    labels, first = both(each.label for each in moves), moves[0]
    after, far = until(first.after), abs(first.days)
    how_vi, how_en = ("lùi", "later") if first.days >= 0 else ("sớm lên", "earlier")
    vi = f"dời hạn {labels.vi} đến {after.vi} ({how_vi} {far} ngày làm việc"
    en = f"move {labels.en} to {after.en} ({far} working day{'s' * (far != 1)} {how_en}"
    if first.document not in home:
        vi += f"; {first.issuer_name} quyết định"
        en += f"; {first.issuer_name} decides"
    return Words(f"{vi})", f"{en})")
