"""An SMTP server that follows a script, fault by fault.

``FaultySmtp({"rcpt": ["450 4.2.0 greylisted"], "dot": [DROP]})`` answers the first RCPT with 450,
hangs up after the first final dot, and is friendly otherwise. Keys are ``connect``, ``ehlo``,
``starttls``, ``auth``, ``mail``, ``rcpt``, ``data``, ``dot``, ``rset`` and ``quit``; the empty key
answers the empty line that a client says to a challenge (334). *recipients* tells what is always
answered to RCPT for an address that contains a text.
"""

import asyncio
import contextlib
import ssl
from types import TracebackType
from typing import Self

DROP = "<drop>"
"""Hang up without an answer."""
STALL = "<stall>"
"""Never answer, and keep the connection."""

_FRIENDLY = {
    "connect": "220 faulty ESMTP",
    "starttls": "220 go ahead",
    "auth": "235 2.7.0 welcome",
    "mail": "250 2.1.0 ok",
    "rcpt": "250 2.1.5 ok",
    "data": "354 go on",
    "dot": "250 2.0.0 Ok: queued as ABC123",
    "rset": "250 ok",
    "quit": "221 bye",
}


class FaultySmtp:
    """See the module. ``commands`` and ``mails`` tell what arrived, ``connections`` how often."""

    def __init__(
        self,
        script: dict[str, list[str]] | None = None,
        *,
        extensions: tuple[str, ...] = (),
        recipients: dict[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
    ) -> None:
        self._script = {key: list(actions) for key, actions in (script or {}).items()}
        self._extensions = extensions
        self._recipients = recipients or {}
        self._tls = tls
        self._implicit = implicit_tls
        self.commands: list[str] = []
        self.mails: list[bytes] = []
        self.connections = 0
        self.port = 0
        self._open: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", 0, ssl=self._tls if self._implicit else None
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        self.connections += 1
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, _Hangup):
            pass
        except asyncio.CancelledError:
            return  # the test is over; a cancelled handler would be logged as an error
        finally:
            self._open.discard(task)
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._answer(writer, "connect")
        begun = False
        while True:
            line = (await reader.readuntil(b"\r\n")).decode().rstrip("\r\n")
            self.commands.append(line)
            verb = line.split(" ")[0].lower()
            if verb not in {*_FRIENDLY, "ehlo"} and not (verb == "" and "" in self._script):
                await self._say(writer, "502 not here")
                continue
            if verb == "mail" and begun:
                await self._say(writer, "503 nested MAIL command")
                continue
            answer = await self._answer(writer, verb, line)
            begun = (begun or (verb == "mail" and answer.startswith("250"))) and verb != "rset"
            if verb == "data" and answer.startswith("354"):
                lines = []
                while (content := await reader.readuntil(b"\r\n")) != b".\r\n":
                    lines.append(content[1:] if content.startswith(b".") else content)
                self.mails.append(b"".join(lines))
                await self._answer(writer, "dot")
                begun = False
            if verb == "starttls" and answer.startswith("220"):
                assert self._tls is not None
                await writer.start_tls(self._tls)
            if verb == "quit":
                return

    async def _answer(self, writer: asyncio.StreamWriter, key: str, line: str = "") -> str:
        queue = self._script.get(key)
        answer = queue.pop(0) if queue else self._friendly(key)
        if key == "rcpt":
            found = (self._recipients[each] for each in self._recipients if each in line)
            answer = next(found, answer)
        if answer == DROP:
            raise _Hangup
        if answer == STALL:
            await asyncio.Event().wait()
        await self._say(writer, answer)
        return answer

    def _friendly(self, key: str) -> str:
        if key != "ehlo":
            return _FRIENDLY[key]
        names = ["faulty", *self._extensions]
        return "\r\n".join(f"250{' ' if name is names[-1] else '-'}{name}" for name in names)

    async def _say(self, writer: asyncio.StreamWriter, text: str) -> None:
        with contextlib.suppress(ConnectionError):
            writer.write(text.encode(errors="surrogateescape") + b"\r\n")
            await writer.drain()


class _Hangup(Exception):
    pass
