"""Who is named, who is not, who gets the document, and for how long they exist."""

from collections.abc import Iterator

from config.bounds import DATED
from config.bundle import Part
from config.lint.finding import Change, Finding, Words
from config.lint.make import choice, finding
from config.lint.subject import Subject
from config.lint.words import both
from config.shapes import ObligationShape


def check(subject: Subject) -> Iterator[Finding]:
    """Yield gaps in who owes what."""
    for part, duties in subject.in_documents():
        for duty in duties:
            yield from _no_date_no_owner(subject, duty)
        yield from _named_without_date(subject, part, duties)
        yield from _distribution_differs(subject, part, duties)
        yield from _no_end(subject, part, duties)


def _no_date_no_owner(subject: Subject, duty: ObligationShape) -> Iterator[Finding]:
    if (
        not duty.tracked
        or duty.force != "operative"
        or duty.assignees_basis != "implied"
        or duty.realised_by is not None
        or not duty.assignees
        or duty.deadline.rule in DATED  # words without a date are told as that
        or subject.due(duty.id) is not None
    ):
        return
    label, who = subject.label(duty.id), both(subject.names(duty.assignees))
    vi = (
        f"{label} không nêu ai làm và không có hạn. Gói hiểu là của {who.vi}; không ai trong số đó"
        " đọc thấy tên mình."
    )
    en = (
        f"{label} names neither a doer nor a date. The package takes it for {who.en}; none of them"
        " reads its own name there."
    )
    way = choice(
        "name-doer-and-date",
        f"nêu đơn vị thực hiện và hạn của {label}, hoặc ghi là việc thường xuyên của {who.vi}",
        f"name the doer and the date of {label}, or call it a standing duty of {who.en}",
        obligations=(duty.id,),
        bodies=duty.assignees,
    )
    bodies = subject.owners(duty.id)
    yield finding(subject, "no-date-no-owner", (duty.id,), Words(vi, en), [[way]], bodies=bodies)


def _named_without_date(
    subject: Subject, part: Part, duties: list[ObligationShape]
) -> Iterator[Finding]:
    """Bodies of a general demand that the clauses which set its date do not name."""
    groups: dict[tuple[str, ...], list[ObligationShape]] = {}
    for duty in duties:
        sources = duty.deadline.inherited_from
        if duty.tracked or duty.deadline.at != "inherited" or duty.assignees_basis != "explicit":
            continue
        if not any(subject.due(each) is not None for each in sources):
            continue
        named = {body for each in sources for body in subject.duties[each].assignees}
        owing = {body for each in sources for body in subject.owners(each)}
        # A tie by date alone: whoever owes the same product in a joined clause is named too.
        left = tuple(
            body
            for body in duty.assignees
            if body not in named
            and not ((members := subject.expand([body], part)) and set(members) <= owing)
        )
        if left:
            groups.setdefault(left, []).append(duty)
    for left, found in groups.items():
        ids = [each.id for each in found]
        sources = [s for each in found for s in each.deadline.inherited_from]
        names, of = both(map(subject.label, ids)), both(map(subject.label, sources))
        who = both(subject.names(left))
        vi = (
            f"{who.vi} có tên ở {names.vi}, nhưng các mục định hạn cho việc đó ({of.vi}) không nêu"
            " tên: không có hạn, không có báo cáo cho các nơi này."
        )
        en = (
            f"{who.en}: named in {names.en}, but not in the clauses that set the date ({of.en}): "
            "no date and no report line for them."
        )
        ways: list[list[Change]] = [
            [
                choice(
                    "leave-out-or-name",
                    f"với {who.vi}",
                    f"as to {who.en}",
                    obligations=ids,
                    bodies=left,
                    options=[
                        ("not-followed", "không theo dõi riêng", "do not follow it up"),
                        ("named", f"ghi thêm vào {of.vi}", f"name them in {of.en}"),
                    ],
                )
            ]
        ]
        yield finding(subject, "named-without-date", ids, Words(vi, en), ways, bodies=left)


def _distribution_differs(
    subject: Subject, part: Part, duties: list[ObligationShape]
) -> Iterator[Finding]:
    """Who is told to act but not sent the document, and the other way round."""
    listed = [body for each in part.shape.distribution for body in each.bodies]
    if not listed:
        return
    reached = {*listed, *subject.expand(listed, part)}
    unsent: dict[str, list[str]] = {}
    acting: set[str] = set()
    for duty in duties:
        acting.update(duty.assignees, subject.expand(duty.assignees, part))
        if duty.assignees_basis != "explicit":
            continue
        for body in duty.assignees:
            members = subject.expand([body], part)
            if body not in reached and not (members and set(members) <= reached):
                unsent.setdefault(body, []).append(duty.id)
    idle = [
        body
        for body in dict.fromkeys(listed)
        if body not in acting and not set(subject.expand([body], part)) & acting
    ]
    if not unsent and not idle:
        return
    vi, en = [], []
    changes: list[Change] = []
    if unsent:
        who = both(subject.names(unsent))
        vi.append(f"Được giao việc nhưng không có trong Nơi nhận: {who.vi}.")
        en.append(f"Given duties, but not on the distribution list: {who.en}.")
        changes.append(
            choice(
                "add-to-distribution",
                f"thêm vào Nơi nhận: {who.vi}",
                f"add to the distribution list: {who.en}",
                obligations=[each for ids in unsent.values() for each in dict.fromkeys(ids)],
                bodies=unsent,
            )
        )
    if idle:
        who = both(subject.names(idle))
        vi.append(f"Có trong Nơi nhận nhưng không được giao việc nào: {who.vi}.")
        en.append(f"On the distribution list, but without any duty: {who.en}.")
        changes.append(
            choice(
                "confirm-for-information",
                f"ghi rõ là gửi để biết, để báo cáo: {who.vi}",
                f"say that it is sent for information: {who.en}",
                bodies=idle,
            )
        )
    ids = [each.id for each in duties if any(each.id in found for found in unsent.values())]
    yield finding(
        subject,
        "distribution-differs",
        ids,
        Words(" ".join(vi), " ".join(en)),
        [changes],
        bodies=(*unsent, *idle),
        documents=(part.shape.key,),
    )


def _no_end(subject: Subject, part: Part, duties: list[ObligationShape]) -> Iterator[Finding]:
    """Duties without an end, owed by bodies whose last day is known."""
    ends: dict[str, list[str]] = {}
    for duty in duties:
        if not duty.tracked or subject.due(duty.id) is not None or duty.realised_by is not None:
            continue
        ending = [body for body in subject.owners(duty.id) if subject.roster[body].valid_to]
        if ending:
            ends[duty.id] = ending
    if not ends:
        return
    bodies = list(dict.fromkeys(body for found in ends.values() for body in found))
    days = [day for body in bodies if (day := subject.roster[body].valid_to)]
    heirs = [heir for body in bodies for heir in subject.roster[body].successors]
    names = both(map(subject.label, ends))
    vi = (
        f"{names.vi} không có ngày kết thúc, mà {len(bodies)} đầu mối phải làm kết thúc hoạt động "
        f"từ {min(days):%d/%m/%Y} đến {max(days):%d/%m/%Y}; không mục nào nói ai làm tiếp."
    )
    en = (
        f"{names.en} have no end, but {len(bodies)} bodies that owe them end between "
        f"{min(days)} and {max(days)}; no clause says who goes on."
    )
    way = choice(
        "set-end-or-successor",
        "đặt ngày kết thúc, hoặc ghi nơi kế thừa làm tiếp",
        "set an end, or say that the successors go on",
        obligations=ends,
        bodies=dict.fromkeys(heirs),
    )
    yield finding(
        subject, "no-end", ends, Words(vi, en), [[way]], bodies=bodies, documents=(part.shape.key,)
    )
