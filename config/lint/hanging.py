"""How the duties hang together: circles, and what can never open."""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from config.bundle import Part
from config.lint.finding import Change, Finding, Words
from config.lint.make import choice, finding
from config.lint.subject import Subject
from config.lint.words import both
from config.shapes import ObligationShape

_ENDLESS = frozenset({"standing", "periodic"})


def check(subject: Subject) -> Iterator[Finding]:
    """Yield circles of duties and duties that nothing can ever open."""
    circular: set[str] = set()
    for _, duties in subject.in_documents():
        waits = {each.id: list(each.waits_for) for each in duties}
        own = set(waits)
        rests = {each.id: [on.id for on in each.depends_on if on.id in own] for each in duties}
        for graph, is_gate in ((waits, True), (rests, False)):
            for circle in circles(graph):
                circular.update(circle if is_gate else ())
                yield _circle(subject, circle, is_gate)
    yield from _unreachable(subject, circular)


def circles(graph: Mapping[str, list[str]]) -> list[tuple[str, ...]]:
    """Return circles that share no node, each as the way round it."""
    left = {node: list(to) for node, to in graph.items()}
    found = []
    while True:
        try:
            TopologicalSorter(left).prepare()
        except CycleError as error:
            circle = tuple(reversed(error.args[1][:-1]))
            found.append(circle)
            left = {n: [t for t in to if t not in circle] for n, to in left.items()}
        else:
            return found


def _circle(subject: Subject, circle: tuple[str, ...], is_gate: bool) -> Finding:
    chain = " → ".join(map(subject.label, (*circle, circle[0])))
    word_vi, word_en = ("chờ", "waits for") if is_gate else ("dựa vào", "rests on")
    vi = f"{chain}: mỗi việc {word_vi} việc kia, nên không việc nào bắt đầu được."
    en = f"{chain}: each {word_en} the next, so none of them can begin."
    ways: list[list[Change]] = [
        [
            choice(
                "drop-tie",
                f"bỏ việc {subject.label(one)} {word_vi} {subject.label(on)}",
                f"let {subject.label(one)} no longer {'wait for' if is_gate else 'rest on'} "
                f"{subject.label(on)}",
                obligations=(one, on),
            )
        ]
        for one, on in zip(circle, (*circle[1:], circle[0]), strict=True)
    ]
    return finding(subject, "circle", circle, Words(vi, en), ways)


def _unreachable(subject: Subject, circular: set[str]) -> Iterator[Finding]:
    """Duties that wait for what nobody owes or what never closes, without a date to open by."""
    never: dict[str, list[str]] = {}
    changed = True
    while changed:
        changed = False
        for _, duties in subject.in_documents():
            for duty in duties:
                if duty.id in never or duty.id in circular or not _gated(subject, duty):
                    continue
                stuck = [on for on in duty.waits_for if on in never or _endless(subject, on)]
                if stuck:
                    never[duty.id] = stuck
                    changed = True
    for key, stuck in never.items():
        label, names = subject.label(key), both(map(subject.label, stuck))
        vi = (
            f"{label} chờ {names.vi}, việc không ai làm hoặc không bao giờ kết thúc, và không có"
            " hạn của chính nó để bắt đầu: không bao giờ bắt đầu được."
        )
        en = (
            f"{label} waits for {names.en}, which nobody owes or which never ends, and has no bound"
            " of its own to open by: it can never open."
        )
        yield finding(
            subject,
            "unreachable",
            (key, *stuck),
            Words(vi, en),
            [[_date(subject, key)], [_drop(subject, key, stuck)]],
            bodies=subject.owners(key),
        )
    for part in subject.parts:
        yield from _document(subject, part, never)


def _gated(subject: Subject, duty: ObligationShape) -> bool:
    keys = (duty.id, *duty.also)
    return duty.tracked and bool(duty.waits_for) and all(subject.due(k) is None for k in keys)


def _endless(subject: Subject, key: str) -> bool:
    """Tell whether a duty is closed by nothing."""
    duty = subject.duties[key]
    if not subject.owners(key):
        return True
    return (
        duty.deadline.rule in _ENDLESS
        and duty.realised_by is None
        and not duty.waits_for
        and all(subject.due(each) is None for each in (key, *duty.also))
    )


def _document(subject: Subject, part: Part, never: Mapping[str, list[str]]) -> Iterator[Finding]:
    """A document whose duty above can never open, or whose report up can never be sent."""
    link, key = part.shape.carries_out, part.shape.key
    if link is None:
        return
    if link.issue in never:
        label = subject.label(str(link.issue))
        vi = f"{key} được ban hành để thực hiện {label}, mà {label} không bao giờ bắt đầu được."
        en = f"{key} is issued to carry out {label}, and {label} can never open."
        way = _date(subject, str(link.issue))
        yield finding(
            subject, "unreachable", (str(link.issue),), Words(vi, en), [[way]], documents=(key,)
        )
    when = part.shape.reports_when
    if link.report is not None and when is not None and _endless(subject, when):
        above, label = subject.label(link.report), subject.label(when)
        vi = (
            f"{key} báo cáo lên ({above}) khi {label} xong, mà {label} không bao giờ kết thúc: báo"
            " cáo không bao giờ được gửi."
        )
        en = (
            f"{key} reports up ({above}) when {label} is done, and {label} never ends: the report"
            " is never sent."
        )
        way = choice(
            "choose-trigger",
            f"chọn việc khác để báo cáo lên, hoặc đặt hạn cho {label}",
            f"let another duty send the report up, or set a date for {label}",
            obligations=(when,),
        )
        yield finding(
            subject,
            "unreachable",
            (link.report, when),
            Words(vi, en),
            [[way]],
            documents=(key,),
        )


def _date(subject: Subject, key: str) -> Change:
    label = subject.label(key)
    return choice("set-date", f"đặt hạn cho {label}", f"set a date for {label}", obligations=(key,))


def _drop(subject: Subject, key: str, stuck: list[str]) -> Change:
    label, names = subject.label(key), both(map(subject.label, stuck))
    return choice(
        "drop-tie",
        f"{label} không chờ {names.vi} nữa",
        f"let {label} no longer wait for {names.en}",
        obligations=(key, *stuck),
    )
