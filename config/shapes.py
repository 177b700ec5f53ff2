"""What stands where in the files of a package. Meaning is checked elsewhere."""

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from config.words import (
    Body,
    ConflictId,
    Day,
    Duty,
    Hour,
    Instant,
    Key,
    Month,
    Name,
    PackageId,
    Slug,
    Summary,
    Text,
    Title,
)

FORMAT = 1
"""The version of the format that this code reads."""

SourceWord = Literal["source", "public", "assumed", "sample"]
Level = Literal["central", "province", "city", "grassroots", "outside"]
DutyKind = Literal[
    "issue-plan",
    "study-conference",
    "dissemination",
    "guide",
    "monitor",
    "supervise",
    "report",
    "synthesis-report",
    "periodic-review",
    "standing-task",
]
Rule = Literal["before", "by", "within-month", "phrase", "standing", "periodic"]
FieldType = Literal["whole", "decimal", "text", "date", "choice"]
Roll = Literal["none", "next", "previous"]
Few = Annotated[int, Field(ge=0, le=60)]


class Shape(BaseModel):
    """Strict: nothing is converted, nothing unknown is let through."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class PackageShape(Shape):
    """``package.yaml``."""

    format: int
    id: PackageId
    title: Title
    sample: bool = False
    calendar: PackageId
    bodies: Name = "bodies.yaml"
    contacts: Name = "contacts.yaml"
    policy: Name = "policy.yaml"
    documents: Annotated[list[Name], Field(min_length=1)]
    notes: list[Text] = []


class BodyShape(Shape):
    """One body, group, role or audience."""

    id: Body
    name: Name
    level: Level
    kind: Literal["body", "group", "role", "audience"] = "body"
    parent: Body | None = None
    source: SourceWord
    sample: bool = False
    parent_source: SourceWord = "source"
    members: list[Body] = []
    members_source: SourceWord = "source"
    unit: Name | None = None
    unit_source: SourceWord = "source"
    valid_from: Day | None = None
    valid_to: Day | None = None
    """The last day."""
    successors: list[Body] = []
    note: Text | None = None


class BodiesShape(Shape):
    """``bodies.yaml``."""

    bodies: Annotated[list[BodyShape], Field(min_length=1)]


class ContactShape(Shape):
    """Where a body gets its mail."""

    body: Body
    email: str
    locale: Literal["vi", "en"] = "vi"


class ContactsShape(Shape):
    """``contacts.yaml``."""

    contacts: list[ContactShape]


class NudgeShape(Shape):
    """A reminder; *days* from the last day on which the duty is in time."""

    name: Slug
    days: Annotated[int, Field(ge=-60, le=60)]
    working: bool = True


class RungShape(Shape):
    """One rung of a ladder."""

    number: Annotated[int, Field(ge=1, le=20)]
    name: Name
    working_days: Annotated[int, Field(ge=1, le=200)]
    recipients: Annotated[list[Body], Field(min_length=1)]
    basis: Text | None = None


class LadderShape(Shape):
    """The rungs for the duties of one document."""

    document: Key
    rungs: list[RungShape]


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS = get_args(Weekday)


class SummaryShape(Shape):
    """A weekly summary of one document, at the policy's hour."""

    document: Key
    weekday: Weekday
    recipients: Annotated[list[Body], Field(min_length=1)]


class PolicyShape(Shape):
    """``policy.yaml``: values that no text fixes."""

    source: Literal["policy"]
    before_date: Literal["strict", "inclusive"]
    rollover: Roll
    """Where the last day of a calendar phrase goes that is a day off."""
    rollover_counted: Roll = "next"
    """The same for counted periods (Civil Code 2015, Article 148 clause 5)."""
    term_end: Day | None = None
    """The last day of the current term (nhiệm kỳ)."""
    hour: Annotated[int, Field(ge=0, le=23)]
    latest_start_working_days: Few
    resubmit_working_days: Few
    nudges: list[NudgeShape] = []
    ladders: list[LadderShape] = []
    proof: bool = False
    """Whether a rung needs proof that the body was told before."""
    receipts: bool = False
    """Whether a body gets a mail that its report was received."""
    digest: bool = False
    """Whether what is owed to one body at one time goes out as one mail."""
    correct_minutes: Annotated[int, Field(ge=0, le=1440)] = 15
    """How long a report may be put right by its sender."""
    summaries: list[SummaryShape] = []


class AlternativeShape(Shape):
    """A bound that another reading of the sentence would give."""

    rule: Literal["before", "by"]
    date: Day
    why: Text


class DeadlineShape(Shape):
    """The date of a duty: the words, where they stand, how they are read."""

    phrase: Text | None = None
    at: Literal["own", "heading", "inherited", "ambiguous", "none"]
    inherited_from: list[Duty] = []
    rule: Rule
    date: Day | None = None
    month: Month | None = None
    reading: Literal["policy", "strict", "inclusive"] = "policy"
    due_exclusive: Instant | None = None
    event: Day | None = None
    """The day that a counted period counts from, when it is not the day of issue."""
    cue: Name | None = None
    """The word that tells of time without giving a date: ``kịp thời``."""
    source: SourceWord = "source"
    alternative: AlternativeShape | None = None


class DependsShape(Shape):
    """What a duty builds on; drawn, never a gate."""

    id: Duty
    basis: Literal["text", "logic"]
    why: Text | None = None


class FigureShape(Shape):
    """A field of the report: a number unless it says otherwise."""

    name: Slug
    label: Name
    type: FieldType = "whole"
    unit: Name | None = None
    required: bool = True
    choices: Annotated[list[Name], Field(max_length=30)] = []
    hint: Name | None = None
    """What helps to fill it in, shown under the label."""


class CheckShape(Shape):
    """A condition on the whole numbers of one report: the sum of *left* to the sum of *right*."""

    left: Annotated[list[Slug], Field(min_length=1)]
    op: Literal["<=", "=="]
    right: Annotated[list[Slug], Field(min_length=1)]


class ObligationShape(Shape):
    """One duty."""

    id: Duty
    clause: Name
    tracked: bool
    kind: DutyKind
    force: Literal["purpose", "requirement", "operative", "focus-task"] = "operative"
    summary: Summary | None = None
    source: SourceWord = "source"
    basis: Text | None = None
    """Where an assumed duty comes from."""
    quote: Text | None = None
    words: Text | None = None
    """The part of the quotation that lays down this very duty."""
    assignees: list[Body] = []
    assignees_basis: Literal["explicit", "implied"]
    accountable: Name | None = None
    audience: list[Body] = []
    audience_text: Name | None = None
    receivers: list[Body] = []
    via: Body | None = None
    reviewer: Body | None = None
    reviewer_source: SourceWord = "source"
    acceptance: Literal["receiver", "automatic"] = "receiver"
    deadline: DeadlineShape
    depends_on: list[DependsShape] = []
    waits_for: list[Duty] = []
    also: list[Duty] = []
    realised_by: Key | None = None
    lead_working_days: Few | None = None
    """Working days it needs once its inputs are there; without it, policy.yaml decides."""
    figures: Annotated[list[FigureShape], Field(max_length=40)] = []
    figures_source: SourceWord = "source"
    """Where the form comes from: ``assumed`` where the text only says that a report is due."""
    checks: list[CheckShape] = []
    wants_plan: bool = False
    conflicts: list[ConflictId] = []
    note: Text | None = None


class CarriesOutShape(Shape):
    """The document above, its duty done by this issue, its duty done by this report."""

    document: Key
    issue: Duty | None = None
    report: Duty | None = None


class DeliveryShape(Shape):
    """A line of the distribution list (nơi nhận): who gets it, not who must act."""

    text: Name
    bodies: list[Body] = []


class ConflictShape(Shape):
    """A contradiction or gap in the text, and how it is handled."""

    id: ConflictId
    title: Name
    severity: Literal["high", "medium", "low"]
    obligations: list[Duty] = []
    finds: Slug | None = None
    """The finding of ``cascade lint`` that this is; without it, only a person can see it."""
    handling: Text


class DocumentShape(Shape):
    """``documents/*.yaml``."""

    key: Key
    number: Name
    kind: Name
    title: Title
    source: SourceWord = "source"
    issuer: Body
    issued: Day
    issued_source: SourceWord = "source"
    time: Hour
    time_source: SourceWord = "source"
    clerk: Body | None = None
    text: Name | None = None
    carries_out: CarriesOutShape | None = None
    reports_when: Duty | None = None
    distribution: list[DeliveryShape] = []
    obligations: Annotated[list[ObligationShape], Field(min_length=1)]
    conflicts: list[ConflictShape] = []


class DayOffShape(Shape):
    """A day on which offices rest."""

    date: Day
    reason: Text
    decision: Text | None = None


class WorkedShape(DayOffShape):
    """A weekend day that is worked."""

    instead_of: Day | None = None


class CalendarShape(Shape):
    """``calendars/*.yaml``."""

    id: PackageId
    name: Name
    years: Annotated[list[int], Field(min_length=1)]
    off: list[DayOffShape]
    worked: list[WorkedShape]
