"""The portal as a process of its own: ``python -m portal``."""

import logging
import sys

import uvicorn
from sqlalchemy import event

from config.settings import Settings, load
from models.store import Store
from notifications.wiring import open_store, recorder_of
from portal.app import make_app
from portal.protocol import Protocol

BUSY_MS = 5_000
"""A person waits at most so long for a locked SQLite; the page then keeps what was typed."""


def server_of(settings: Settings, store: Store) -> uvicorn.Server:
    """Return the HTTP server; it logs no address and believes no proxy's header."""
    app = make_app(settings, store, recorder_of(settings, store))
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=Protocol,
            host=settings.portal_host,
            port=settings.portal_port,
            access_log=False,
            log_config=None,
            server_header=False,
            ws="none",
            proxy_headers=False,
            timeout_graceful_shutdown=10,
        )
    )


def impatient(store: Store) -> None:
    """Give up on a locked SQLite after :data:`BUSY_MS`; people do not wait half a minute."""
    if store.engine.dialect.name != "sqlite":
        return

    @event.listens_for(store.engine, "connect")
    def _connected(connection: object, _record: object) -> None:
        connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")  # type: ignore[attr-defined]

    store.engine.dispose()  # those that are connected already wait as long as before


def main() -> int:
    """Serve until told to stop; return the exit status."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    settings = load()
    store = open_store(settings)
    impatient(store)
    try:
        server_of(settings, store).run()
    finally:
        store.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
