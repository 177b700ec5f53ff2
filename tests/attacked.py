"""A ledger with a history, and what its owner can do to it when he is dishonest.

The attacker writes the database as he likes and knows this software. He has neither the signing key
nor what was handed out: the notes in ``held``.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from audit.anchor import hand_out
from audit.checkpoint import make, rotate
from audit.held import Held, read
from audit.keyring import Keyring
from audit.verify import Report, Wanted, verify
from config.clock import FixedClock
from models.codec import instant_text
from models.database import make_engine
from models.domain import requests
from models.domain.calendar import at, midnight
from models.domain.chain import canonical, frontier_add, frontier_root, leaf
from models.domain.facts import Attached
from models.domain.facts import Report as Result
from models.domain.requests import Request
from models.domain.terms import AssignmentId, DocumentKey, ObligationId
from models.erasure import erase_person
from models.files import Files, record
from models.files import Held as Received
from models.resend import Again
from models.store import Transaction
from notifications.letter import Sender
from notifications.letters import Letters
from notifications.outbox import claim, freeze, release
from notifications.render import compose
from notifications.render import raw as wired
from portal.behalf import open_page
from tests.builders import (
    ASKING,
    BTG,
    CITY,
    CITY_COMMITTEE,
    LINK,
    PLAN,
    PROVINCE,
    PROVINCE_REPORT,
    REPORTS,
    SYNTHESIS,
    TT,
    UNITS,
    city_below_province,
    copy,
    province,
)
from tests.ledgers import Office, office
from tests.settled import settle

Body = dict[str, Any]
BACKUP = "backup.db"
SENDER = Sender("vp@example.org", "Văn phòng", "vp@example.org", "example.org", "https://x.example")
AUDITORS = ("kiem-toan@audit.example",)


class History:
    """Lives a directive through on an empty ledger, as people and time would."""

    def __init__(self, place: Office, folder: Path) -> None:
        self._place = place
        self._machine = FixedClock(place.clock.instant)
        place.recorder.machine = self._machine
        self._keyring = Keyring(folder / "keys")
        self._notes = folder / "checkpoints"
        self._files = Files(folder / "files")

    def live(self) -> None:
        """Issue on two levels; answers, lateness, a return, a moved date, a synthesis, a report."""
        self._place.issue(province(), city_below_province(policy=ASKING))
        self._deliver()
        self._on(20)
        for unit in UNITS:
            self._acknowledge(copy(PLAN, unit))
        self._checkpoint()
        self._on(28)
        for unit in UNITS[:2]:
            self._report(copy(PLAN, unit))
        self._on(6, month=10)  # two plans are late: reminded, overdue, a rung
        self._time()
        for unit in UNITS[2:]:
            self._report(copy(PLAN, unit))
        self._on(10, month=10)
        for unit in UNITS[:3]:
            self._report(copy(REPORTS, unit))
        self._by(
            CITY,
            lambda t: requests.Return(
                copy(REPORTS, UNITS[1]), 1, t.text("thiếu số liệu"), t.person("btg"), LINK
            ),
        )
        self._on(12, month=10)
        self._report(copy(REPORTS, UNITS[1]), version=1)
        for unit, version in zip(UNITS[:3], (1, 2, 1), strict=True):
            self._accept(copy(REPORTS, unit), version)
        self._checkpoint()
        self._backup()
        self._on(16, month=10)
        self._by(CITY, self._later)
        self._deliver()
        self._on(3, month=11)
        self._time()
        self._ask(CITY, requests.Waive(copy(REPORTS, UNITS[3]), TT, "21-QĐ/TU"))
        self._report(copy(SYNTHESIS, BTG), files=True)
        self._accept(copy(SYNTHESIS, BTG), 1)
        self._ask(CITY, requests.ReportUp())
        self._erase()
        rotate(
            self._place.store,
            self._keyring,
            self._notes,
            self._place.clock,
            self._machine,
            "tt",
        )
        self._checkpoint()
        self._on(20, month=11)
        self._open_page()
        self._place.clock.instant = self._place.clock.instant.add(months=4)
        self._time()
        self._send_again()
        self._accept_above()
        self._freeze()

    def _on(self, day: int, month: int = 9) -> None:
        self._place.clock.instant = at(date(2023, month, day), 10)
        self._machine.instant = self._place.clock.instant

    def _ask(self, document: DocumentKey, request: Request) -> None:
        outcome = self._place.recorder.record(document, request)
        assert outcome.refusal is None, outcome.refusal

    def _by(self, document: DocumentKey, ask: Callable[[Transaction], Request]) -> None:
        outcome = self._place.recorder.record(document, ask)
        assert outcome.refusal is None, outcome.refusal

    def _acknowledge(self, assignment: AssignmentId) -> None:
        self._by(CITY, lambda t: requests.Acknowledge(assignment, t.person("A"), LINK))

    def _report(self, assignment: AssignmentId, version: int = 0, *, files: bool = False) -> None:
        held = [self._file(b"%PDF-1.7 bao cao", "bao-cao.pdf")] if files else []

        def ask(transaction: Transaction) -> Request:
            place = (CITY, assignment, "report", version + 1)
            record(transaction.connection, self._files, held, place, transaction.now)
            said = Result(
                transaction.text(f"Báo cáo {assignment} {version}"),
                (("held", 12),),
                files=tuple(each.file for each in held),
            )
            return requests.Submit(assignment, said, version, transaction.person("A"), LINK)

        self._by(CITY, ask)

    def _file(self, content: bytes, label: str) -> Received:
        with self._files.receive() as incoming:
            incoming.write(content)
            digest = self._files.keep(incoming)
        return Received(Attached(digest, "application/pdf", len(content)), label)

    def _accept(self, assignment: AssignmentId, version: int) -> None:
        self._by(CITY, lambda t: requests.Accept(assignment, version, t.person("tt"), LINK))

    def _accept_above(self) -> None:
        """After the last checkpoint: what no note covers yet."""
        report = copy(PROVINCE_REPORT, CITY_COMMITTEE)
        self._by(PROVINCE, lambda t: requests.Accept(report, 1, t.person("tt"), LINK))

    def _open_page(self) -> None:
        """The office opens a page to enter a paper."""
        state = self._place.store.state(CITY)
        open_page(self._place.recorder, state, copy(REPORTS, UNITS[0]), "vp")

    def _send_again(self) -> None:
        """Somebody whose link has run out asks for another, about the document without proofs."""
        now = instant_text(self._place.clock.now())
        row = self._place.rows(
            f"SELECT token_sha256 FROM link WHERE stream = '{PROVINCE}' AND revoked_at IS NULL"
            f" AND expires_at < '{now}' ORDER BY outbox"
        )[0]
        assert self._place.recorder.send_again(row["token_sha256"], 0) is Again.OWED

    def _freeze(self) -> None:
        """The bytes of a mail are frozen, and it does not go."""
        store, now = self._place.store, self._place.clock.now()
        taken = claim(store, self._machine.instant.add(days=1), "postman", limit=99)
        mail = next(each for each in taken if each.token)
        state = store.state(DocumentKey(mail.stream))
        frozen = wired(compose(Letters(store).of(mail, state), state, SENDER, now))
        freeze(store, [(mail, *frozen)])
        release(store, taken)

    def _later(self, transaction: Transaction) -> Request:
        return requests.MoveBound(
            ObligationId(REPORTS),
            midnight(date(2023, 10, 25)),
            "đến hết ngày 24/10/2023",
            TT,
            "12-CV/TU",
            transaction.text("mưa lũ"),
            (UNITS[3],),
        )

    def _time(self) -> None:
        for document in (CITY, PROVINCE):
            self._place.recorder.let_time_act(document)

    def _deliver(self) -> None:
        """The relay takes what is owed about the city's duties."""
        now = self._place.clock.now()
        for row in self._place.rows(
            "SELECT * FROM outbox WHERE state = 'pending' AND contact IS NOT NULL"
            f" AND stream = '{CITY}' AND assignment <> '' ORDER BY seq, key"
        ):
            said = requests.NoteDelivery(
                row["message_id"], row["kind"], row["assignment"], row["recipient"], now,
                raw_sha256="ab" * 32, code=250,
            )  # fmt: skip
            self._ask(CITY, said)
            with self._place.store.engine.begin() as connection:
                settle(connection, said, now)

    def _erase(self) -> None:
        (row,) = self._place.rows("SELECT ref FROM person ORDER BY ref LIMIT 1")
        erase_person(self._place.store, self._place.clock, row["ref"], "yêu cầu", TT)

    def _backup(self) -> None:
        url = self._place.store.engine.url
        if url.get_backend_name() == "sqlite":
            shutil.copy(str(url.database), self._notes.parent / BACKUP)

    def _checkpoint(self) -> None:
        made = make(self._place.store, self._keyring, self._notes, self._machine)
        assert made is not None
        hand_out(self._place.store, made, AUDITORS, self._place.clock, self._machine)


class Ledger:
    """A lived ledger under attack. Every change is made with all guards out of the way."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self._engine = make_engine(url)
        self.sqlite = self._engine.dialect.name == "sqlite"
        self.held: list[Held] = [
            each for each in read(folder / "checkpoints") if "/" not in each.name
        ]
        """What the auditors have; none of a line that was abandoned."""
        self.sizes = sorted(int(each.name.partition(".")[0]) for each in self.held)

    def close(self) -> None:
        self._engine.dispose()

    def verify(self, *, notes: bool = True) -> Report:
        """Verify as the auditor does; without *notes*: as one who was handed nothing."""
        keys = (self.folder / "keys" / "ledger.vkey").read_text().split()
        held = self.held if notes else ()
        return verify(self.url, Wanted(vkeys=keys, trusted=held, files=self.folder / "files"))

    def forget(self) -> None:
        """Throw away what the database itself remembers of checkpoints and witnesses."""
        self.run(
            "DELETE FROM ledger_checkpoint",
            "DELETE FROM ledger_key",
            "DELETE FROM ledger_anchor",
            "DELETE FROM outbox WHERE kind = 'checkpoint'",
        )

    @contextmanager
    def unguarded(self, *, restore: bool = True) -> Iterator[Connection]:
        """Give a connection that no trigger stops; afterwards they stand as before."""
        with self._engine.begin() as connection:
            if not self.sqlite:
                connection.execute(text("SET LOCAL session_replication_role = replica"))
                yield connection
                return
            guards = connection.execute(
                text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            ).all()
            for name, _ in guards:
                connection.execute(text(f"DROP TRIGGER {name}"))
            yield connection
            for _, sql in guards if restore else ():
                connection.exec_driver_sql(sql)

    def run(self, *statements: str, **given: object) -> None:
        """Execute *statements*."""
        with self.unguarded() as connection:
            for statement in statements:
                connection.execute(text(statement), given)

    def rows(self, query: str, **given: object) -> list[Any]:
        with self._engine.execution_options(reading=True).begin() as connection:
            return list(connection.execute(text(query), given).mappings())

    def value(self, query: str, **given: object) -> Any:
        (row,) = self.rows(query, **given)
        return next(iter(row.values()))

    def seq(self, type_: str, about: str = "", number: int = 0) -> int:
        """Return the number of a fact by its type and what its key holds."""
        found = self.rows(
            "SELECT seq FROM ledger_event WHERE type = :type"
            " AND dedup_key LIKE :about ORDER BY seq",
            type=type_,
            about=f"%{about}%",
        )
        return int(found[number]["seq"])

    def stream_of(self, seq: int) -> str:
        return str(self.value("SELECT stream FROM ledger_event WHERE seq = :seq", seq=seq))

    def bodies(self) -> list[Body]:
        return [
            json.loads(bytes(row["body"]))
            for row in self.rows("SELECT body FROM ledger_event ORDER BY seq")
        ]

    def body(self, seq: int) -> Body:
        return self.bodies()[seq - 1]

    def reseal(self, raws: Sequence[bytes]) -> None:
        """Put these very bytes in the place of all bodies, with their hashes and the head's."""
        last, frontier, rows = bytes(32), b"", []
        for number, raw in enumerate(raws, start=1):
            link = leaf(raw)
            rows.append({"seq": number, "body": raw, "prev": last, "leaf": link})
            frontier, last = frontier_add(frontier, number - 1, link), link
        with self.unguarded() as connection:
            for row in rows:
                connection.execute(
                    text(
                        "UPDATE ledger_event SET body = :body, prev_hash = :prev,"
                        " leaf_hash = :leaf WHERE seq = :seq"
                    ),
                    row,
                )
            connection.execute(
                text("UPDATE ledger_head SET last_hash = :last, frontier = :frontier"),
                {"last": last, "frontier": frontier},
            )

    def raws(self) -> list[bytes]:
        rows = self.rows("SELECT body FROM ledger_event ORDER BY seq")
        return [bytes(row["body"]) for row in rows]

    def restore(self) -> int:
        """Put the backup back; return how many facts it has."""
        self._engine.dispose()
        shutil.copy(self.folder / BACKUP, str(self._engine.url.database))
        return int(self.value("SELECT size FROM ledger_head"))

    def damage_index(self) -> None:
        """Change one letter of a key in the file's index, not in its table."""
        self._engine.dispose()
        path = Path(str(self._engine.url.database))
        key = self.value("SELECT dedup_key FROM ledger_event WHERE type = 'GateOpened'").encode()
        self._engine.dispose()
        raw = bytearray(path.read_bytes())
        for place in [each for each in range(len(raw)) if raw.startswith(key, each)]:
            # In the table the body follows its key; in the body, a quotation mark.
            if not raw[place + len(key) :].startswith((b'{"', b'"')):
                raw[place] ^= 1
        path.write_bytes(raw)

    def set_body(self, seq: int, body: Body | bytes, *, hashed: bool = False) -> None:
        """Put other bytes in the place of a body; *hashed*: with its columns and its hash."""
        raw = body if isinstance(body, bytes) else canonical(body)
        self.run("UPDATE ledger_event SET body = :raw WHERE seq = :seq", raw=raw, seq=seq)
        if hashed:
            self.run(
                "UPDATE ledger_event SET leaf_hash = :leaf WHERE seq = :seq",
                leaf=leaf(raw),
                seq=seq,
            )

    def edit(self, seq: int, change: Callable[[Body], None], *, thorough: bool = True) -> None:
        """Change one fact and re-chain everything, so that hash and chain are good again."""
        bodies = self.bodies()
        change(bodies[seq - 1])
        self.rechain(bodies, thorough=thorough)

    def rechain(
        self,
        bodies: Sequence[Body],
        *,
        thorough: bool = True,
        renumber: bool = True,
        skip: int = 0,
    ) -> None:
        """Write the whole ledger anew with *bodies*: numbers, links, hashes, head, positions.

        *thorough*: the unsigned columns of the checkpoints as well. Numbers that facts and mails
        name (causes) follow their facts. *skip*: before that fact, one number of its document is
        left out.
        """
        moved = {
            body["seq"]: number if renumber else body["seq"]
            for number, body in enumerate(bodies, start=1)
        }
        last, frontier, positions = bytes(32), b"", dict[str, int]()
        frontiers: dict[int, bytes] = {}
        rows = []
        for number, body in enumerate(bodies, start=1):
            stream = body["stream"]
            positions[stream] = positions.get(stream, 0) + 1 + (number == skip)
            cause = body["cause"]
            body = body | {
                "seq": number if renumber else body["seq"],
                "stream_seq": positions[stream],
                "prev": last.hex(),
                "cause": None if cause is None else moved.get(cause, cause),
            }
            raw = canonical(body)
            link = leaf(raw)
            rows.append(
                {name: body[name] for name in INDEXED}
                | {"body": raw, "prev_hash": last, "leaf_hash": link}
            )
            frontier = frontier_add(frontier, number - 1, link)
            frontiers[number] = frontier
            last = link
        with self.unguarded() as connection:
            connection.execute(text("DELETE FROM ledger_event"))
            names = [*INDEXED, "body", "prev_hash", "leaf_hash"]
            connection.execute(
                text(
                    f"INSERT INTO ledger_event ({', '.join(names)})"
                    f" VALUES ({', '.join(':' + name for name in names)})"
                ),
                rows,
            )
            connection.execute(
                text(
                    "UPDATE ledger_head SET size = :size, last_hash = :last, frontier = :frontier,"
                    " recorded_at = :at"
                ),
                {"size": len(rows), "last": last, "frontier": frontier, "at": body["recorded_at"]},
            )
            for stream, position in positions.items():
                connection.execute(
                    text("UPDATE stream SET position = :n WHERE id = :id"),
                    {"n": position, "id": stream},
                )
            for old, new in moved.items():
                if old != new:
                    connection.execute(
                        text("UPDATE outbox SET seq = :new WHERE seq = :old AND stream <> ''"),
                        {"old": old, "new": -new},
                    )
            connection.execute(text("UPDATE outbox SET seq = -seq WHERE seq < 0"))
            for size, frontier in frontiers.items() if thorough else ():
                connection.execute(
                    text(
                        "UPDATE ledger_checkpoint SET root = :root, frontier = :frontier"
                        " WHERE size = :size"
                    ),
                    {"size": size, "root": frontier_root(frontier), "frontier": frontier},
                )


INDEXED = (
    "seq",
    "stream",
    "stream_seq",
    "type",
    "kind",
    "at",
    "recorded_at",
    "cause",
    "rules",
    "dedup_key",
)
"""Columns that repeat the body."""


def kept(files: Path, sha256: str) -> Path:
    """Return where a report's file is kept."""
    return files / sha256[:2] / sha256[2:4] / sha256


def lived(url: str, folder: Path) -> None:
    """Make the ledger at *url* and what belongs to it in *folder*."""
    with office(url) as place:
        History(place, folder).live()
