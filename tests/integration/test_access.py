"""XOAUTH2: a token from the office's own program, spoken over TLS only, and never told to a log."""

import asyncio
import base64
import logging
import stat
import sys
from pathlib import Path

import pytest

from config.clock import stopwatch
from notifications.access import MOST_BYTES, NoToken, TokenCommand, TokenFile, Tokens
from notifications.errors import BadSettings
from notifications.transport import (
    Delivery,
    Outcome,
    Phase,
    Security,
    SmtpSettings,
    SmtpTransport,
)
from tests.faulty_smtp import FaultySmtp
from tests.integration.test_transport_tls import RAW, Certificates

TOKEN = "ya29.s3cret-token_1"
OFFERED = ("STARTTLS", "AUTH PLAIN XOAUTH2")
CHALLENGE = "334 " + base64.b64encode(b'{"status":"401"}').decode()


def command(*lines: str, seconds: float = 10.0) -> TokenCommand:
    return TokenCommand((sys.executable, "-c", "\n".join(lines)), seconds)


def send(
    tmp_path: Path, token: Tokens, script: dict[str, list[str]], times: int = 1
) -> tuple[list[Delivery], FaultySmtp]:
    own = Certificates(tmp_path, "localhost")

    async def main() -> tuple[list[Delivery], FaultySmtp]:
        async with FaultySmtp(script, extensions=OFFERED, tls=own.server) as server:
            settings = SmtpSettings(
                "localhost",
                server.port,
                Security.STARTTLS,
                username="vp@units.example",
                token=token,
                timeout=5.0,
                ca_file=str(own.ca),
            )
            found = []
            for _ in range(times):
                async with SmtpTransport(settings) as transport:
                    sent = await transport.send("a@example.org", "b@example.org", RAW)
                    found.append(sent)
            return found, server

    return asyncio.run(main())


def spoken(server: FaultySmtp) -> list[str]:
    """Return what was said from the first AUTH to the next command."""
    return [line for line in server.commands if line.startswith("AUTH")]


def test_a_token_opens_the_relay(tmp_path: Path) -> None:
    (sent,), server = send(tmp_path, command(f"print({TOKEN!r})"), {})
    assert sent.outcome is Outcome.SENT
    (line,) = spoken(server)
    assert line.startswith("AUTH XOAUTH2 ")
    said = base64.b64decode(line.removeprefix("AUTH XOAUTH2 ")).decode()
    assert said == f"user=vp@units.example\1auth=Bearer {TOKEN}\1\1"
    assert server.commands.index("STARTTLS") < server.commands.index(line), "never in clear"


def test_a_refused_token_is_asked_why_and_stops_the_mail(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    script = {"auth": [CHALLENGE], "": ["535 5.7.8 the token has expired"]}
    (sent,), server = send(tmp_path, command(f"print({TOKEN!r})"), script)
    assert (sent.outcome, sent.phase, sent.code) == (Outcome.INFRA, Phase.AUTH, 535)
    assert sent.stops
    line = spoken(server)[0]
    assert server.commands[server.commands.index(line) + 1] == "", "the challenge is answered"
    encoded = line.removeprefix("AUTH XOAUTH2 ")
    for secret in (TOKEN, encoded):
        assert secret not in repr(sent)
        assert secret not in caplog.text


def test_each_connection_gets_a_fresh_token(tmp_path: Path) -> None:
    counter = tmp_path / "count"
    program = command(
        "from pathlib import Path",
        f"file = Path({str(counter)!r})",
        "n = len(file.read_text()) if file.exists() else 0",
        "file.write_text('x' * (n + 1))",
        "print(f'token{n}')",
    )
    found, server = send(tmp_path, program, {}, times=2)
    assert {each.outcome for each in found} == {Outcome.SENT}
    assert len(set(spoken(server))) == 2


def test_a_relay_without_xoauth2_gets_no_token(tmp_path: Path) -> None:
    async def main() -> tuple[Delivery, FaultySmtp]:
        own = Certificates(tmp_path, "localhost")
        offered = ("STARTTLS", "AUTH PLAIN")
        async with FaultySmtp(extensions=offered, tls=own.server) as server:
            settings = SmtpSettings(
                "localhost",
                server.port,
                username="vp",
                token=command(f"print({TOKEN!r})"),
                ca_file=str(own.ca),
            )
            async with SmtpTransport(settings) as transport:
                return await transport.send("a@example.org", "b@example.org", RAW), server

    sent, server = asyncio.run(main())
    assert sent.outcome is Outcome.INFRA
    assert spoken(server) == []


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (("raise SystemExit(3)",), "status 3"),
        (("print('')",), "no token"),
        ((f"print({TOKEN!r}); print('x')",), "no token"),
        ((f"print('a' * {MOST_BYTES + 1})",), "no token"),
        (("print('mã')",), "no token"),
    ],
)
def test_a_program_that_gives_no_token_is_told_without_its_words(
    lines: tuple[str, ...], why: str
) -> None:
    with pytest.raises(NoToken, match=why) as refused:
        asyncio.run(command(*lines)())
    assert TOKEN not in str(refused.value)


def test_a_program_that_hangs_is_ended() -> None:
    began = stopwatch()
    with pytest.raises(NoToken, match=r"more than 0\.2 s"):
        asyncio.run(command("import threading; threading.Event().wait()", seconds=0.2)())
    assert stopwatch() - began < 5


def test_no_shell_reads_the_command(tmp_path: Path) -> None:
    target = tmp_path / "made"
    with pytest.raises(NoToken):
        asyncio.run(TokenCommand((f"touch {target}; echo x",))())
    assert asyncio.run(TokenCommand(("/bin/echo", "$HOME;x"))()) == "$HOME;x"
    assert not target.exists()


def test_without_a_token_nobody_is_called_and_it_passes(tmp_path: Path) -> None:
    file = tmp_path / "token"
    found, server = send(tmp_path, TokenFile(file), {})
    assert (found[0].outcome, found[0].phase, found[0].code) == (Outcome.INFRA, Phase.AUTH, None)
    assert not found[0].stops, "a program that fails may work the next time"
    assert spoken(server) == []
    file.write_text(f"{TOKEN}\n")
    file.chmod(stat.S_IRUSR)
    assert asyncio.run(TokenFile(file)()) == TOKEN


def test_a_token_is_a_credential_like_any_other() -> None:
    token = TokenFile(Path("/nowhere"))
    with pytest.raises(BadSettings) as clear:
        SmtpSettings("mail.example.org", 25, Security.NONE, username="u", token=token)
    assert clear.value.code == "smtp-clear-credentials"
    for wrong in ({"username": "u", "password": "p"}, {}):
        with pytest.raises(BadSettings) as refused:
            SmtpSettings("mail.example.org", 25, token=token, **wrong)  # type: ignore[arg-type]
        assert refused.value.code == "smtp-token"
    assert "nowhere" not in repr(SmtpSettings("h", 25, username="u", token=token))
