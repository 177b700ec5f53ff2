"""From a checked package to the rules' own values. Nothing here can fail on a checked package."""

from collections.abc import Iterable, Sequence

from pendulum import DateTime

from config.bounds import due_exclusive, reading_of
from config.bundle import Bundle, Part
from config.notes import Note
from config.roster import Roster
from config.shapes import WEEKDAYS, BodyShape, FigureShape, ObligationShape, PolicyShape
from models.domain.directive import (
    Body,
    Bound,
    Check,
    Document,
    Figure,
    Nudge,
    Obligation,
    Parent,
    Policy,
    Rung,
    Summary,
)
from models.domain.terms import (
    Acceptance,
    AssignmentId,
    BodyId,
    DocumentKey,
    ObligationId,
    Source,
    assignment_id,
)


def documents_of(bundle: Bundle, notes: Sequence[Note]) -> tuple[Document, ...]:
    """Return the documents, each after the one it carries out."""
    roster = Roster(bundle.bodies.bodies)
    parts = {part.shape.key: part for part in bundle.parts}

    def depth(part: Part) -> int:
        above = part.shape.carries_out
        return 0 if above is None else 1 + depth(parts[above.document])

    ordered = sorted(bundle.parts, key=depth)
    return tuple(_document(bundle, part, roster, notes) for part in ordered)


def _document(bundle: Bundle, part: Part, roster: Roster, notes: Sequence[Note]) -> Document:
    shape = part.shape
    duties = {each.id: each for _, each in part.tracked}
    obligations = tuple(_obligation(part, each, duties, roster, bundle) for each in duties.values())
    policy = _policy(bundle.policy, shape.key)
    link = shape.carries_out
    parent = None
    if link is not None:
        parent = Parent(
            DocumentKey(link.document),
            _copy(link.issue, shape.issuer),
            _copy(link.report, shape.issuer),
        )
    return Document(
        key=DocumentKey(shape.key),
        number=shape.number,
        kind=shape.kind,
        title=shape.title,
        issuer=BodyId(shape.issuer),
        issue_at=part.issue_at(),
        bodies=_bodies(roster, part, obligations, policy),
        obligations=obligations,
        policy=policy,
        calendar=bundle.calendar.work,
        parent=parent,
        reports_when=ObligationId(shape.reports_when) if shape.reports_when else None,
        clerk=BodyId(shape.clerk) if shape.clerk else None,
        package=bundle.package.id,
        package_sha256=bundle.sha256,
        issued_on=shape.issued,
        notes=tuple(note.vi for note in notes if note.document == shape.key),
    )


def _copy(duty: str | None, issuer: str) -> AssignmentId | None:
    return None if duty is None else assignment_id(duty, issuer)


def _obligation(
    part: Part,
    duty: ObligationShape,
    duties: dict[str, ObligationShape],
    roster: Roster,
    bundle: Bundle,
) -> Obligation:
    owners: tuple[BodyId, ...] = ()
    if duty.id not in part.covered:
        owners = roster.expand(duty.assignees, part.shape.issued)
    found = [_bound(each, duty, duties, part, bundle) for each in (duty.id, *duty.also)]
    bounds = tuple(bound for bound in found if bound is not None)
    return Obligation(
        id=ObligationId(duty.id),
        clause=duty.clause,
        quote=duty.quote or "",
        summary=duty.summary or "",
        kind=duty.kind,
        assignees=owners,
        bound=_strictest(bounds),
        reviewer=BodyId(duty.reviewer) if duty.reviewer else None,
        receiver=BodyId(duty.receivers[0]) if duty.receivers else None,
        acceptance=Acceptance(duty.acceptance),
        # A duty of another document is bound to this one by Document.parent, not by an edge.
        depends_on=tuple(ObligationId(e.id) for e in duty.depends_on if e.id in duties),
        waits_for=tuple(ObligationId(each) for each in duty.waits_for),
        also=tuple(ObligationId(each) for each in duty.also),
        realised_by=DocumentKey(duty.realised_by) if duty.realised_by else None,
        figures=tuple(_figure(each) for each in duty.figures),
        checks=tuple(Check(tuple(c.left), c.op, tuple(c.right)) for c in duty.checks),
        wants_plan=duty.wants_plan,
        source=Source(duty.source),
        bounds=bounds,
        reports_on=_content(duty, duties),
        lead=duty.lead_working_days,
    )


def _figure(shape: FigureShape) -> Figure:
    return Figure(
        shape.name,
        shape.label,
        shape.unit or "",
        shape.required,
        shape.type,
        tuple(shape.choices),
        shape.hint or "",
    )


def _content(duty: ObligationShape, duties: dict[str, ObligationShape]) -> tuple[ObligationId, ...]:
    """Return what the duty reports on by the text's own words, as duties that bodies owe.

    A clause that is closed together with others has no copies of its own: those stand for it.
    """
    found: dict[ObligationId, None] = {}
    for depends in duty.depends_on:
        if depends.basis != "text" or depends.id not in duties or depends.id in duty.waits_for:
            continue
        joining = [each.id for each in duties.values() if depends.id in each.also]
        for each in joining or [depends.id]:
            if each != duty.id:
                found[ObligationId(each)] = None
    return tuple(found)


def _bound(
    duty_id: str,
    owner: ObligationShape,
    duties: dict[str, ObligationShape],
    part: Part,
    bundle: Bundle,
) -> Bound | None:
    """Return the bound that the clause *duty_id* sets for the duty *owner* (itself, or joining)."""
    duty, policy = duties[duty_id], bundle.policy
    deadline = duty.deadline
    due: DateTime | None = due_exclusive(deadline, policy, bundle.calendar.work, part.shape.issued)
    if due is None:
        return None
    clause = duty.clause
    if deadline.inherited_from and deadline.inherited_from[0] in duties:
        clause = duties[deadline.inherited_from[0]].clause
    return Bound(
        phrase=deadline.phrase or "",
        rule=deadline.rule,
        reading=reading_of(deadline, policy),
        due_exclusive=due,
        clause=clause,
        source=Source(deadline.source),
        of=_origin(duty, owner, duties),
        event=deadline.event,
    )


def _origin(
    duty: ObligationShape, owner: ObligationShape, duties: dict[str, ObligationShape]
) -> str:
    """Return the obligation in whose words the date of *duty* stands, as *owner* sees it."""
    sources = [each for each in duty.deadline.inherited_from if each in duties]
    if owner.id in sources:
        return owner.id
    if sources:
        return sources[0]
    # One heading dates several clauses: the same words, one date.
    same = duty.deadline.at == owner.deadline.at == "heading"
    return owner.id if same and duty.deadline.phrase == owner.deadline.phrase else duty.id


def _strictest(bounds: Iterable[Bound]) -> Bound | None:
    """Return the earliest bound; of equal ones the first, which is the duty's own."""
    return min(bounds, key=lambda bound: bound.due_exclusive, default=None)


def _policy(shape: PolicyShape, document: str) -> Policy:
    rungs = next((each.rungs for each in shape.ladders if each.document == document), [])
    summary = next((each for each in shape.summaries if each.document == document), None)
    return Policy(
        nudges=tuple(Nudge(each.name, each.days, each.working) for each in shape.nudges),
        rungs=tuple(
            Rung(each.number, each.name, each.working_days, tuple(map(BodyId, each.recipients)))
            for each in rungs
        ),
        hour=shape.hour,
        latest_start_working_days=shape.latest_start_working_days,
        resubmit_working_days=shape.resubmit_working_days,
        before_date=shape.before_date,
        rollover=shape.rollover,
        rollover_counted=shape.rollover_counted,
        term_end=shape.term_end,
        proof=shape.proof,
        receipts=shape.receipts,
        digest=shape.digest,
        correct_minutes=shape.correct_minutes,
        summary=None
        if summary is None
        else Summary(WEEKDAYS.index(summary.weekday), tuple(map(BodyId, summary.recipients))),
    )


def _bodies(
    roster: Roster, part: Part, obligations: Iterable[Obligation], policy: Policy
) -> tuple[Body, ...]:
    """Return the bodies that act in this document, or may be given a duty of it, in order.

    A duty may move to a body that stands beside those that owe it, under the same superior.
    """
    wanted: set[str] = {part.shape.issuer}
    if part.shape.clerk:
        wanted.add(part.shape.clerk)
    for each in obligations:
        wanted.update(each.assignees)
        wanted.update(body for body in (each.reviewer, each.receiver) if body)
    for _, duty in part.tracked:
        wanted.update(duty.receivers)
        wanted.update(body for body in (duty.via,) if body)
    for rung in policy.rungs:
        wanted.update(rung.recipients)
    wanted.update(policy.summary.recipients if policy.summary else ())
    owing = {body for each in obligations for body in each.assignees}
    superiors = {parent for body in owing if (parent := roster[body].parent)}

    def may_owe(body: BodyShape) -> bool:
        beside = body.kind == "body" and body.parent in superiors
        return beside and roster.exists(body.id, part.shape.issued)

    return tuple(
        Body(
            BodyId(body.id),
            body.name,
            body.level,
            BodyId(body.parent) if body.parent else None,
            Source.SAMPLE if body.sample else Source(body.source),
        )
        for body in roster.bodies.values()
        if body.id in wanted or may_owe(body)
    )
