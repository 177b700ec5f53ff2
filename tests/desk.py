"""An operator's desk: a folder, a clock, the real package, and the command line."""

import shutil
from pathlib import Path

from pendulum import DateTime
from sqlalchemy import select
from typer.testing import CliRunner

from cli.main import app
from config.clock import FileClock
from config.settings import load
from models.domain.requests import Issue, NoteDelivery
from models.domain.terms import AssignmentId, BodyId, DocumentKey
from models.store import Store
from models.tables import Outbox, table
from notifications.wiring import open_store, recorder_of
from tests.factories import vn

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "config" / "directives" / "57-kl-tw"
CITY = DocumentKey("256-KH/TU")
BEFORE = vn(2023, 6, 14, 18)


class Desk:
    """An operator's desk: a folder, a clock, and the command line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FileClock(folder / "clock")
        self.package = folder / "package"
        shutil.copytree(PACKAGE, self.package)

    def type(self, *words: str, status: int = 0, **env: str) -> tuple[str, str]:
        """Type a command; return what it prints and what it complains of."""
        result = CliRunner().invoke(app, list(words), env=env)
        assert result.exit_code == status, (result.output, result.stderr, result.exception)
        return result.stdout, result.stderr

    def at(self, now: DateTime) -> None:
        self.clock.set(now)

    def issue_all(self) -> None:
        """Enter the package and let its documents go out on their days."""
        self.at(BEFORE)
        self.type("issue", str(self.package))
        settings = load()
        store = open_store(settings)
        try:
            recorder = recorder_of(settings, store)
            for row in store.streams():
                state = store.state(DocumentKey(row["id"]))
                self.at(max(settings.domain_clock().now(), state.document.issue_at))
                recorder.record(DocumentKey(row["id"]), Issue())
        finally:
            store.close()

    def tell_all(self) -> None:
        """Let the relay have taken every mail that is owed, as far as the ledger knows."""
        settings = load()
        store = open_store(settings)
        try:
            rows = table(Outbox)
            with store.reading() as connection:
                mails = connection.execute(select(rows)).mappings().all()
            recorder = recorder_of(settings, store)
            for mail in mails:
                recorder.record(
                    DocumentKey(mail["stream"]),
                    NoteDelivery(
                        mail["message_id"],
                        mail["kind"],
                        AssignmentId(mail["assignment"]),
                        BodyId(mail["recipient"]),
                        settings.domain_clock().now(),
                    ),
                )
        finally:
            store.close()

    def store(self) -> Store:
        return open_store(load())

    def facts(self) -> int:
        store = self.store()
        try:
            return store.size()
        finally:
            store.close()
