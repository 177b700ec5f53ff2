"""Access tokens for XOAUTH2: from a command or a file that the office keeps.

How a token is got is the provider's affair; a program of the office prints one. It is run without
a shell, for each connection anew, and what it prints is neither kept nor logged.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from pathlib import Path

COMMAND_SECONDS = 30.0
MOST_BYTES = 16_384


class NoToken(Exception):
    """There is no token now; the text says why and holds nothing of what was printed."""


@dataclass(frozen=True, slots=True)
class TokenCommand:
    """A program with its arguments that prints a token."""

    argv: tuple[str, ...]
    seconds: float = COMMAND_SECONDS

    async def __call__(self) -> str:
        """Run it once.

        Raises:
            NoToken: it failed, took too long or printed none.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *self.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        except OSError as error:
            raise NoToken(f"the token command cannot be run: {error.strerror}") from None
        assert process.stdout is not None
        try:
            async with asyncio.timeout(self.seconds):
                printed = b""
                while len(printed) <= MOST_BYTES and (more := await process.stdout.read(4_096)):
                    printed += more
                if len(printed) > MOST_BYTES:
                    raise NoToken("the token command printed no token on one line")
                status = await process.wait()
        except TimeoutError:
            raise NoToken(f"the token command took more than {self.seconds:g} s") from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if status:
            raise NoToken(f"the token command ended with status {status}")
        return _checked(printed, "the token command printed")


@dataclass(frozen=True, slots=True)
class TokenFile:
    """A file that holds a token and is kept fresh by somebody else."""

    path: Path

    async def __call__(self) -> str:
        """Read it once.

        Raises:
            NoToken: it cannot be read or holds none.
        """
        try:
            with self.path.open("rb") as file:
                held = file.read(MOST_BYTES)
        except OSError as error:
            raise NoToken(f"the token file cannot be read: {error.strerror}") from None
        return _checked(held, "the token file holds")


Tokens = TokenCommand | TokenFile


def _checked(data: bytes, what: str) -> str:
    token = data.strip()
    if not token or not token.isascii() or not token.decode().isprintable() or b" " in token:
        raise NoToken(f"{what} no token on one line")
    return token.decode()
