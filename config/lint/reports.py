"""Report lines: who must report, on what, to whom."""

from collections.abc import Iterator

from config.bundle import Part
from config.lint.finding import Change, Finding, Words
from config.lint.make import choice, finding
from config.lint.subject import REPORTS, Subject
from config.lint.words import both, listed
from config.shapes import ObligationShape


def check(subject: Subject) -> Iterator[Finding]:
    """Yield gaps between duties, reports and receivers of each document."""
    for part, duties in subject.in_documents():
        for duty in duties:
            if duty.kind == "report" and duty.tracked:
                yield from _report_without_duty(subject, part, duty)
        yield from _no_report_line(subject, duties)
        yield from _receivers_differ(subject, duties)


def _report_without_duty(
    subject: Subject, part: Part, report: ObligationShape
) -> Iterator[Finding]:
    """Bodies that report on work which the clause it stands in lays on others only."""
    mine = {each.id for each in part.shape.obligations}
    reporting = subject.owners(report.id)
    content = [
        each.id
        for each in report.depends_on
        if each.basis == "text" and each.id in mine and each.id not in report.waits_for
    ]
    for work in content:
        doing = set(subject.owners(work))
        left = [body for body in reporting if body not in doing]
        if not left or not doing:
            continue
        covering = [
            each for each in content if each != work and set(left) <= set(subject.owners(each))
        ]
        same = [each for each in covering if subject.due(each) == subject.due(work)]
        shown = same or covering
        label, of = subject.label(report.id), subject.label(work)
        who = both(_named(subject, report, left))
        vi = f"{who.vi} phải báo cáo theo {label}, nhưng {of} chỉ giao việc đó cho nơi khác"
        en = f"{who.en} must report under {label}, but {of} lays that work on others only"
        ways: list[list[Change]] = [
            [
                choice(
                    "assign-work",
                    f"giao {of} cho {who.vi}",
                    f"assign {of} to {who.en}",
                    obligations=(work,),
                    bodies=left,
                )
            ],
            [
                choice(
                    "lift-report",
                    f"không đòi {who.vi} báo cáo phần của {of}",
                    f"ask {who.en} for no report on {of}",
                    obligations=(report.id,),
                    bodies=left,
                )
            ],
        ]
        if shown:
            names = both(map(subject.label, shown))
            vi += f". Gần nhất là {names.vi}, có giao cho các nơi này"
            en += f". The nearest is {names.en}, which they do owe"
            ways.insert(
                0,
                [
                    choice(
                        "take-as-duty",
                        f"ghi rõ {names.vi} là việc phải báo cáo của {who.vi}",
                        f"say that {names.en} is what {who.en} report on",
                        obligations=shown,
                        bodies=left,
                    )
                ],
            )
        ids = (report.id, work, *shown)
        follows = Words(f"{vi}.", f"{en}.")
        yield finding(subject, "report-without-duty", ids, follows, ways, bodies=left)


def _named(subject: Subject, duty: ObligationShape, bodies: list[str]) -> list[str]:
    """Return the names under which the clause names *bodies*: a whole group by its own name."""
    part = subject.part_of[duty.id]
    left, found = dict.fromkeys(bodies), []
    for each in duty.assignees:
        members = subject.expand([each], part)
        if members and all(body in left for body in members):
            found.append(subject.name(each))
            left = {body: None for body in left if body not in members}
    return [*found, *subject.names(left)]


def _no_report_line(subject: Subject, duties: list[ObligationShape]) -> Iterator[Finding]:
    """Operative duties of named bodies that report nowhere in the document."""
    reporting = {
        body for each in duties if each.kind in REPORTS for body in subject.owners(each.id)
    }
    silent: dict[str, list[str]] = {}
    for duty in duties:
        if duty.force == "operative" and duty.tracked and duty.assignees_basis == "explicit":
            left = [body for body in subject.owners(duty.id) if body not in reporting]
            if left:
                silent[duty.id] = left
    if not silent:
        return
    bodies = list(dict.fromkeys(body for left in silent.values() for body in left))
    who, names = both(subject.names(bodies)), both(map(subject.label, silent))
    vi = (
        f"{who.vi} được giao {names.vi} nhưng không mục nào của văn bản bảo phải báo cáo: không có"
        " báo cáo nào để biết việc đã xong."
    )
    en = (
        f"{who.en} owe {names.en}, but no clause of the document tells them to report: no report"
        " will say that it is done."
    )
    changes: list[Change] = [
        choice(
            "add-report-line",
            f"ghi {subject.name(body)} báo cáo cho ai, hoặc ai ghi nhận minh chứng",
            f"say to whom {subject.name(body)} reports, or who records the evidence",
            obligations=[duty for duty, left in silent.items() if body in left],
            bodies=(body,),
        )
        for body in bodies
    ]
    yield finding(subject, "no-report-line", silent, Words(vi, en), [changes], bodies=bodies)


def _receivers_differ(subject: Subject, duties: list[ObligationShape]) -> Iterator[Finding]:
    sets: dict[frozenset[str], list[str]] = {}
    for duty in duties:
        if duty.kind in REPORTS and duty.receivers:
            sets.setdefault(frozenset(duty.receivers), []).append(duty.id)
    if len(sets) < 2:
        return
    told = [
        (listed(map(subject.label, ids)), both(sorted(subject.names(receivers))))
        for receivers, ids in sets.items()
    ]
    vi = "; ".join(f"{ids} gửi {names.vi}" for ids, names in told)
    en = "; ".join(f"{ids} to {names.en}" for ids, names in told)
    one = choice(
        "choose-receiver",
        "chọn một nơi nhận cho mọi báo cáo",
        "choose one receiver for all reports",
        obligations=[duty for ids in sets.values() for duty in ids],
        options=[
            ("+".join(sorted(receivers)), names.vi, names.en)
            for receivers, (_, names) in zip(sets, told, strict=True)
        ],
    )
    follows = Words(
        f"Báo cáo cùng một văn bản gửi các nơi khác nhau: {vi}. Dễ gửi nhầm hoặc gửi thiếu.",
        f"Reports under one document go to different receivers: {en}. They are easily missent.",
    )
    ids = [duty for each in sets.values() for duty in each]
    bodies = [body for each in sets for body in sorted(each)]
    yield finding(subject, "receivers-differ", ids, follows, [[one]], bodies=bodies)
