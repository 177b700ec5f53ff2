"""A ledger with a key and checkpoints of its own, and bundles made from it."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from audit.assembled import Parts
from audit.bundle import Exported, export
from audit.contents import kept
from audit.merkle import leaf_hash, root
from audit.notes import Checkpoint, Signer, sign
from audit.offline import verify
from audit.people import people_of
from audit.reading import rows
from audit.seal import Seal, Signed
from models.domain.calendar import at
from models.domain.directive import Document
from models.domain.facts import Attached, Report
from models.domain.requests import (
    Accept,
    Acknowledge,
    MoveBound,
    NoteDelivery,
    RecordNotice,
    Request,
    Return,
    Submit,
    Waive,
)
from models.domain.terms import BodyId
from models.files import Files, Held, record
from models.record import Ask
from models.store import Store, Transaction
from tests.builders import (
    CITY,
    LINK,
    POLICY,
    PROVINCE,
    REPORTS,
    SYNTHESIS,
    SYNTHESIS_DUE,
    UNITS,
    city,
    city_below_province,
    copy,
    duty,
    province,
)
from tests.ledgers import Office
from tests.settled import settle

PDF = b"%PDF-1.7 \xe2\xe3 not really"
DIGEST = hashlib.sha256(PDF).hexdigest()
NAMES = ("Nguyễn Thị Ướt", "Phạm Đức Huỳnh", "Lê Ỷ")


@dataclass
class Keeper:
    """Signs checkpoints of one store, as the office does, with a key that a test may know."""

    store: Store
    seed: bytes = b"\x07" * 32
    notes: list[str] = field(default_factory=list)

    @property
    def signer(self) -> Signer:
        return Signer.of(f"cascade/{self.store.log_id()}", self.seed)

    @property
    def vkey(self) -> str:
        return self.signer.verifier.vkey

    def checkpoint(self) -> str:
        leaves = [leaf_hash(row.body) for row in rows(self.store)]
        text = Checkpoint(self.signer.name, len(leaves), root(leaves)).text()
        self.notes.append(sign(text, [self.signer]))
        return self.notes[-1]

    def sign(self, text: str) -> str:
        return sign(text, [self.signer])

    def seal(self, *, makes: bool = True) -> Seal:
        return Seal(
            lambda: Signed(tuple(self.notes), (self.vkey,)),
            self.sign,
            self.checkpoint if makes else None,
        )


def parts(store: Store, folder: Path = Path("/nonexistent"), **more: Any) -> Parts:
    return Parts(people_of(store), kept(store, folder), **more)


def contents_of(path: Path) -> dict[str, bytes]:
    contents, findings, _ = verify.load(path)
    assert not findings
    return contents


def tell(place: Office, files: Path) -> None:
    """Carry a province's and a city's document through everything a register can show."""
    above = province(bodies=city().bodies)
    below = city_below_province(policy=replace(POLICY, proof=True))
    place.issue(above, below)
    first, second, third, fourth = UNITS
    folder = Files(files)
    with folder.receive() as incoming:
        incoming.write(PDF)
        folder.keep(incoming)

    def hand_in(unit: BodyId, name: str, version: int = 0) -> Ask:
        def ask(transaction: Transaction) -> Request:
            text = transaction.text(f"Đã tổ chức 3 buổi học tập tại {unit}.\n")
            attached = Attached(DIGEST, "application/pdf", len(PDF))
            where = (CITY, copy(REPORTS, unit), "report", version + 1)
            held = [Held(attached, "báo cáo.pdf")]
            record(transaction.connection, folder, held, where, transaction.now)
            report = Report(text, files=(attached,))
            person = transaction.person(name)
            return Submit(copy(REPORTS, unit), report, version, person, LINK)

        return ask

    def give_back(transaction: Transaction) -> Request:
        reason = transaction.text("Thiếu số liệu đảng viên.")
        return Return(copy(REPORTS, first), 1, reason, transaction.person(NAMES[2]), LINK)

    def move(transaction: Transaction) -> Request:
        reason = transaction.text("mưa lũ")
        due = SYNTHESIS_DUE.add(days=10)
        return MoveBound(SYNTHESIS, due, "đến hết ngày 09/11/2023", "tt", "12-CV/TU", reason)

    def tell_by_telephone(transaction: Transaction) -> Request:
        return RecordNotice(copy(REPORTS, second), "vp", transaction.text("gọi điện 9 giờ"))

    def acknowledge(transaction: Transaction) -> Request:
        return Acknowledge(copy(REPORTS, first), transaction.person(NAMES[0]), LINK)

    def accept(transaction: Transaction) -> Request:
        return Accept(copy(REPORTS, first), 2, transaction.person(NAMES[2]), LINK)

    mails = place.rows(
        "SELECT message_id, assignment, recipient, kind FROM outbox"
        " WHERE kind = 'assigned' AND stream = '256-KH/TU' ORDER BY seq, message_id"
    )
    day = date(2023, 9, 20)
    for mail in mails:
        what = (mail["message_id"], mail["kind"], mail["assignment"], mail["recipient"])
        note = NoteDelivery(*what, at(day, 8, 5), raw_sha256="ab" * 32, code=250, detail="4F1A")
        act(place, note, day.day, 9)
        with place.store.engine.begin() as connection:
            settle(connection, note, at(day, 9))
    act(place, acknowledge, 20, 9)
    act(place, tell_by_telephone, 20, 10)
    act(place, hand_in(first, NAMES[1]), 21, 8)
    act(place, give_back, 22, 8)
    act(place, hand_in(first, NAMES[1], 1), 23, 8)
    act(place, accept, 25, 8)
    act(place, Waive(copy(REPORTS, fourth), "tt", "15-CV/TU"), 26, 8)
    act(place, move, 27, 8)
    place.clock.instant = at(date(2023, 10, 27), 9)
    place.recorder.let_time_act(PROVINCE)
    place.recorder.let_time_act(CITY)
    act(place, hand_in(third, "=HYPERLINK(1)"), 28, 8, month=10)


def act(place: Office, request: Request | Ask, day: int, hour: int, month: int = 9) -> None:
    place.clock.instant = max(place.clock.instant, at(date(2023, month, day), hour))
    outcome = place.recorder.record(CITY, request)
    assert outcome.refusal is None, outcome.refusal


def tiny() -> Document:
    """The smallest document there is: one duty of one unit, and nothing that time does."""
    return city(
        bodies=city().bodies[:1],
        obligations=(duty(REPORTS, UNITS[:1], SYNTHESIS_DUE, reviewer=None, receiver=None),),
        policy=replace(POLICY, nudges=(), rungs=()),
        reports_when=None,
        clerk=None,
    )


def hand_in(place: Office) -> None:
    """Let the unit of :func:`tiny` report."""

    def ask(transaction: Transaction) -> Request:
        report = Report(transaction.text("Ba buổi."))
        return Submit(copy(REPORTS, UNITS[0]), report, 0, transaction.person(NAMES[0]), LINK)

    act(place, ask, 21, 8)


def exported(place: Office, path: Path, keeper: Keeper, **more: Any) -> Exported:
    """Export the city's document to *path*."""
    done = export(place.store, CITY, path, keeper.seal(), parts(place.store, **more))
    assert isinstance(done, Exported), done
    return done
