"""A real SMTP server that keeps every mail on this machine, and the page to read them on.

For the embedded system, demonstrations and tests: ``python -m notifications.catcher``. It binds
loopback only, so nothing it keeps (live links among it) can be read from elsewhere.
"""

import argparse
import asyncio
import contextlib
import logging
import signal
import socket
import sys
import weakref
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from aiosmtpd.smtp import SMTP

from models.domain.errors import Refusal
from notifications.catcher_pages.app import application
from notifications.catcher_pages.kept import Folder
from notifications.errors import BadSettings
from notifications.smtp_settings import is_loopback

SIZE_LIMIT = 10_000_000
"""Bytes of one mail; announced to clients (RFC 1870)."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a running catcher listens."""

    host: str
    smtp_port: int
    http_port: int

    @property
    def url(self) -> str:
        """The page to read the mail on."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.http_port}/"


@contextlib.asynccontextmanager
async def running(
    folder: Path,
    *,
    host: str = "127.0.0.1",
    smtp_port: int = 0,
    http_port: int = 0,
    durable: bool = True,
) -> AsyncIterator[Addresses]:
    """Run the catcher as long as the block does; port 0 takes a free one.

    Both ports take connections when this yields. *durable*: see :class:`Folder`.
    Raises :exc:`BadSettings`: ``catcher-not-loopback``, ``port-in-use``,
    ``catcher-folder-in-use``, ``catcher-folder-unusable``.
    """
    if not is_loopback(host):
        raise BadSettings(
            Refusal(
                "catcher-not-loopback",
                f"Hộp thư thử không được mở ở {host}: chỉ dùng được địa chỉ của chính máy này, "
                "ví dụ 127.0.0.1.",
                f"the catcher must not listen on {host}: only on this machine, e.g. 127.0.0.1",
            )
        )
    async with contextlib.AsyncExitStack() as stack:
        smtp_socket = stack.enter_context(_listening(host, smtp_port))
        http_socket = stack.enter_context(_listening(host, http_port))
        mails = Folder(folder, durable=durable)
        stack.callback(mails.close)
        await stack.enter_async_context(_smtp(mails, smtp_socket))
        await stack.enter_async_context(_http(mails, http_socket))
        stack.push_async_callback(mails.let_go)
        yield Addresses(host, smtp_socket.getsockname()[1], http_socket.getsockname()[1])


async def serve(
    smtp_port: int,
    http_port: int,
    folder: Path,
    host: str = "127.0.0.1",
    durable: bool = True,
) -> None:
    """Run the catcher until SIGINT or SIGTERM, and say where it listens. Raises as `running`."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running(
        folder, host=host, smtp_port=smtp_port, http_port=http_port, durable=durable
    ) as where:
        print(f"SMTP {where.host}:{where.smtp_port}")
        print(f"Hộp thư (thư không rời máy này): {where.url}", flush=True)
        await stop.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as a program; status 2 when it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m notifications.catcher", description=__doc__)
    parser.add_argument("--smtp-port", type=int, default=2525)
    parser.add_argument("--http-port", type=int, default=8025)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--host", default="127.0.0.1", help="loopback only")
    parser.add_argument("--lang", choices=("vi", "en"), default="vi", help="language of errors")
    parser.add_argument(
        "--no-fsync",
        action="store_true",
        help="do not wait for the disk: mail survives kill -9, not a power cut",
    )
    given = parser.parse_args(arguments)
    try:
        asyncio.run(
            serve(given.smtp_port, given.http_port, given.folder, given.host, not given.no_fsync)
        )
    except BadSettings as error:
        print(error.text(given.lang), file=sys.stderr)
        return 2
    return 0


class _Inbox:
    """What aiosmtpd asks when a mail has come."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        try:
            kept = await self._folder.keep(
                envelope.mail_from or "", envelope.rcpt_tos, envelope.original_content
            )
        except OSError as error:
            _log.error("a mail could not be kept: %s", error)
            return "452 4.3.1 cannot keep it now"
        return f"250 2.0.0 Ok: queued as {kept.id:08d}"


@contextlib.asynccontextmanager
async def _smtp(folder: Folder, sock: socket.socket) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    sessions: weakref.WeakSet[Any] = weakref.WeakSet()
    inbox = _Inbox(folder)

    def session() -> Any:
        # Without a host name aiosmtpd asks the DNS for one, in the event loop.
        made = SMTP(inbox, hostname="localhost", data_size_limit=SIZE_LIMIT, loop=loop)
        sessions.add(made)
        return made

    server = await loop.create_server(session, sock=sock)
    try:
        yield
    finally:
        server.close()
        for each in list(sessions):
            if each.transport is not None:
                each.transport.close()


@contextlib.asynccontextmanager
async def _http(folder: Folder, sock: socket.socket) -> AsyncIterator[None]:
    config = uvicorn.Config(
        application(folder),
        lifespan="off",
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    server = _Http(config)
    task = asyncio.create_task(server.serve(sockets=[sock]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


class _Http(uvicorn.Server):
    """Leaves the signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """Yield a socket that takes connections at once, before anybody has begun to serve them."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only where the protocol is named; without it answers take 40 ms.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    with sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
            sock.listen(256)
        except (OSError, OverflowError) as error:
            raise BadSettings(
                Refusal(
                    "port-in-use",
                    f"Không mở được cổng {port} trên {host} ({error}): hãy dừng chương trình đang "
                    "dùng nó hoặc chọn cổng khác.",
                    f"port {port} on {host} cannot be opened ({error}): stop what uses it or "
                    "choose another",
                )
            ) from error
        sock.setblocking(False)
        yield sock


if __name__ == "__main__":
    sys.exit(main())
