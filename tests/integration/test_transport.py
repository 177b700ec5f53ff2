"""Every row of what an SMTP server may do to us, against a real socket."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from notifications.errors import BadSettings
from notifications.transport import (
    Delivery,
    Outcome,
    Phase,
    Security,
    SmtpSettings,
    SmtpTransport,
)
from tests.faulty_smtp import DROP, STALL, FaultySmtp

RAW = b"Subject: x\r\n\r\n.dot at the start\r\n.\r\nend\r\n"
FROM, TO, OTHER = "vp@example.org", "xa@example.org", "phuong@example.org"


def settings(port: int, **changes: object) -> SmtpSettings:
    values: dict[str, object] = {
        "host": "127.0.0.1",
        "port": port,
        "security": Security.NONE,
        "timeout": 5.0,
        "final_timeout": 5.0,
    }
    return SmtpSettings(**{**values, **changes})  # type: ignore[arg-type]


def run(
    server: FaultySmtp,
    act: Callable[[SmtpTransport], Awaitable[None]],
    **changes: object,
) -> None:
    async def main() -> None:
        async with server, SmtpTransport(settings(server.port, **changes)) as transport:
            await act(transport)

    asyncio.run(main())


def send_one(server: FaultySmtp, **changes: object) -> Delivery:
    """Send one message, then a second and innocent one that must never suffer from it."""
    got: list[Delivery] = []

    async def act(transport: SmtpTransport) -> None:
        got.append(await transport.send(FROM, TO, RAW))
        got.append(await transport.send(FROM, OTHER, RAW))

    run(server, act, **changes)
    assert got[1].outcome is Outcome.SENT, got[1]
    return got[0]


def test_a_message_arrives_as_the_bytes_it_was() -> None:
    server = FaultySmtp()
    delivery = send_one(server)
    assert delivery == Delivery(
        Outcome.SENT, Phase.DATA, 250, "2.0.0", "2.0.0 Ok: queued as ABC123", "ABC123"
    )
    assert server.mails == [RAW, RAW]
    assert server.connections == 1


ANSWERS = [
    ("connect", "421 4.3.2 busy", Outcome.INFRA, Phase.CONNECT, 421),
    ("connect", "554 5.7.1 not from there", Outcome.INFRA, Phase.CONNECT, 554),
    ("ehlo", "550 no", Outcome.INFRA, Phase.CONNECT, 550),
    ("mail", "421 4.3.2 closing", Outcome.RETRY, Phase.MAIL, 421),
    ("mail", "452 4.3.1 no space", Outcome.RETRY, Phase.MAIL, 452),
    ("mail", "550 5.7.1 not your sender", Outcome.FAULT, Phase.MAIL, 550),
    ("mail", "530 5.7.0 authentication required", Outcome.INFRA, Phase.MAIL, 530),
    ("rcpt", "450 4.2.0 greylisted", Outcome.RETRY, Phase.RCPT, 450),
    ("rcpt", "451 4.3.0 local error", Outcome.RETRY, Phase.RCPT, 451),
    ("rcpt", "452 4.5.3 too many", Outcome.RETRY, Phase.RCPT, 452),
    ("rcpt", "550 5.1.1 no such user", Outcome.REFUSED, Phase.RCPT, 550),
    ("rcpt", "550 no such user", Outcome.REFUSED, Phase.RCPT, 550),
    ("rcpt", "551 not local", Outcome.REFUSED, Phase.RCPT, 551),
    ("rcpt", "553 bad name", Outcome.REFUSED, Phase.RCPT, 553),
    ("rcpt", "554 5.7.1 relay access denied", Outcome.FAULT, Phase.RCPT, 554),
    ("rcpt", "550 5.7.1 blocked by policy", Outcome.FAULT, Phase.RCPT, 550),
    ("rcpt", "552 5.2.2 mailbox full", Outcome.RETRY, Phase.RCPT, 552),
    ("rcpt", "550 5.2.2 over quota", Outcome.RETRY, Phase.RCPT, 550),
    ("rcpt", "550 4.2.2 over quota", Outcome.RETRY, Phase.RCPT, 550),
    ("rcpt", "550 5.2.1 mailbox disabled", Outcome.REFUSED, Phase.RCPT, 550),
    ("data", "451 4.3.0 try later", Outcome.RETRY, Phase.DATA, 451),
    ("dot", "451 4.3.0 try later", Outcome.RETRY, Phase.DATA, 451),
    ("dot", "421 4.3.2 closing", Outcome.RETRY, Phase.DATA, 421),
    ("dot", "552 5.3.4 too big", Outcome.FAULT, Phase.DATA, 552),
    ("dot", "552 5.2.2 over quota", Outcome.RETRY, Phase.DATA, 552),
    ("dot", "554 5.7.1 spam", Outcome.FAULT, Phase.DATA, 554),
    ("dot", "550 5.1.1 user unknown after all", Outcome.REFUSED, Phase.DATA, 550),
]


@pytest.mark.parametrize(("at", "answer", "outcome", "phase", "code"), ANSWERS)
def test_an_answer_has_its_meaning_and_the_next_message_goes(
    at: str, answer: str, outcome: Outcome, phase: Phase, code: int
) -> None:
    server = FaultySmtp({at: [answer]})
    delivery = send_one(server)
    assert (delivery.outcome, delivery.phase, delivery.code) == (outcome, phase, code)
    given_up = code == 421 or (outcome is Outcome.INFRA and phase is Phase.CONNECT)
    assert server.connections == (2 if given_up else 1)
    assert delivery.text == answer[4:]


LOSSES = [
    ("connect", Outcome.INFRA, Phase.CONNECT),
    ("ehlo", Outcome.INFRA, Phase.CONNECT),
    ("mail", Outcome.INFRA, Phase.MAIL),
    ("rcpt", Outcome.RETRY, Phase.RCPT),
    ("data", Outcome.AMBIGUOUS, Phase.DATA),
    ("dot", Outcome.AMBIGUOUS, Phase.DATA),
]


@pytest.mark.parametrize(("at", "outcome", "phase"), LOSSES)
@pytest.mark.parametrize("fault", [DROP, STALL, "garbage"])
def test_a_loss_is_judged_by_how_far_it_came(
    at: str, outcome: Outcome, phase: Phase, fault: str
) -> None:
    server = FaultySmtp({at: [fault]})
    delivery = send_one(server, timeout=0.2, final_timeout=0.2)
    assert (delivery.outcome, delivery.phase, delivery.code) == (outcome, phase, None)
    assert server.connections == 2, "what follows must not use a connection in doubt"


def test_success_instead_of_go_on_is_not_taken_for_delivery() -> None:
    delivery = send_one(FaultySmtp({"data": ["250 what?"]}))
    assert delivery.outcome is Outcome.AMBIGUOUS


@pytest.mark.parametrize(
    ("at", "said", "outcome"),
    [
        ("mail", "250 ok\r\n250 ok\r\n354 go on\r\n250 2.0.0 queued as FAKE", Outcome.INFRA),
        ("rcpt", "250 ok\r\n354 go on\r\n250 2.0.0 queued as FAKE", Outcome.RETRY),
    ],
)
def test_answers_to_what_was_not_asked_prove_nothing(at: str, said: str, outcome: Outcome) -> None:
    server = FaultySmtp({at: [said]})
    delivery = send_one(server)
    assert (delivery.outcome, delivery.queue_id) == (outcome, None)
    assert server.connections == 2
    assert len(server.mails) == 1


def test_an_answer_too_many_is_not_taken_for_the_next_mails() -> None:
    server = FaultySmtp({"data": ["354 go on\r\n250 2.0.0 queued"], "dot": ["554 5.7.1 spam"]})
    send_one(server)  # the next one goes, on a connection of its own
    assert server.connections == 2


def test_words_that_are_no_utf8_are_shown_as_far_as_they_can_be() -> None:
    server = FaultySmtp({"rcpt": ["550-5.1.1 kh\udcf4ng\r\n550 5.1.1 c\udcf3"]})
    delivery = send_one(server)
    assert (delivery.outcome, delivery.code) == (Outcome.REFUSED, 550)
    assert delivery.text == "5.1.1 kh ng 5.1.1 c"


def test_nobody_listening_is_infrastructure() -> None:
    async def main() -> Delivery:
        server = FaultySmtp()
        async with server:
            port = server.port
        async with SmtpTransport(settings(port)) as transport:
            return await transport.send(FROM, TO, RAW)

    delivery = asyncio.run(main())
    assert (delivery.outcome, delivery.phase) == (Outcome.INFRA, Phase.CONNECT)
    assert not delivery.needs_operator


@pytest.mark.parametrize(
    ("answer", "needs_operator"),
    [("535 5.7.8 wrong password", True), ("454 4.7.0 temporary failure", False)],
)
def test_refused_credentials_are_infrastructure(answer: str, needs_operator: bool) -> None:
    server = FaultySmtp({"auth": [answer]}, extensions=("AUTH PLAIN",))
    delivery = send_one(server, username="u", password="s3cret")
    assert (delivery.outcome, delivery.phase) == (Outcome.INFRA, Phase.AUTH)
    assert delivery.needs_operator is needs_operator
    assert "s3cret" not in repr(delivery)


def test_an_old_connection_that_was_dropped_is_replaced_unnoticed() -> None:
    server = FaultySmtp({"mail": ["250 ok", DROP, "250 ok", "421 idle too long"]})
    outcomes: list[Outcome] = []

    async def act(transport: SmtpTransport) -> None:
        outcomes.extend([(await transport.send(FROM, TO, RAW)).outcome for _ in range(3)])

    run(server, act)
    assert outcomes == [Outcome.SENT] * 3
    assert (len(server.mails), server.connections) == (3, 3)


def test_a_connection_serves_fifty_messages() -> None:
    server = FaultySmtp()

    async def act(transport: SmtpTransport) -> None:
        for _ in range(101):
            assert (await transport.send(FROM, TO, RAW)).outcome is Outcome.SENT

    run(server, act)
    assert (len(server.mails), server.connections) == (101, 3)
    assert server.commands.count("QUIT") == 3


def test_concurrent_senders_do_not_mix_their_transactions() -> None:
    server = FaultySmtp()

    async def act(transport: SmtpTransport) -> None:
        await transport.send(FROM, TO, RAW)
        raws = [b"n: %d\r\n\r\n\r\n" % n for n in range(10)]
        found = await asyncio.gather(*(transport.send(FROM, TO, raw) for raw in raws))
        assert {each.outcome for each in found} == {Outcome.SENT}
        assert server.mails == [RAW, *raws]

    run(server, act)


def test_a_cancelled_send_leaves_no_connection_in_doubt() -> None:
    server = FaultySmtp({"rcpt": [STALL]})

    async def act(transport: SmtpTransport) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(transport.send(FROM, TO, RAW), 0.2)
        async with asyncio.timeout(15):  # less than the old connection would take to give up
            assert (await transport.send(FROM, OTHER, RAW)).outcome is Outcome.SENT

    run(server, act, timeout=60.0)
    assert server.connections == 2


def test_a_message_over_the_announced_size_is_not_begun() -> None:
    server = FaultySmtp(extensions=(f"SIZE {len(RAW)}",))
    got: list[Delivery] = []

    async def act(transport: SmtpTransport) -> None:
        got.append(await transport.send(FROM, TO, RAW + b"\r\n"))
        got.append(await transport.send(FROM, TO, RAW))

    run(server, act)
    assert (got[0].outcome, got[0].phase, got[0].code) == (Outcome.FAULT, Phase.BEFORE, 552)
    assert got[1].outcome is Outcome.SENT
    assert server.mails == [RAW]
    assert f"MAIL FROM:<{FROM}> SIZE={len(RAW)}" in server.commands


def test_reports_of_non_delivery_carry_no_content() -> None:
    server = FaultySmtp(extensions=("DSN",))

    async def act(transport: SmtpTransport) -> None:
        await transport.send(FROM, TO, RAW, envelope_id="abc1")

    run(server, act)
    assert f"MAIL FROM:<{FROM}> RET=HDRS ENVID=abc1" in server.commands
    assert f"RCPT TO:<{TO}> NOTIFY=FAILURE,DELAY" in server.commands


def test_the_empty_sender_is_allowed() -> None:
    server = FaultySmtp()

    async def act(transport: SmtpTransport) -> None:
        assert (await transport.send("", TO, RAW)).outcome is Outcome.SENT

    run(server, act)
    assert "MAIL FROM:<>" in server.commands


@pytest.mark.parametrize(
    ("sender", "to", "raw", "outcome"),
    [
        (FROM, "a@x.vn>\r\nRCPT TO:<e@e.example>", RAW, Outcome.REFUSED),
        (FROM, "a\x00@x.vn", RAW, Outcome.REFUSED),
        (FROM, "bảo@x.vn", RAW, Outcome.REFUSED),
        ("v p@x.vn", TO, RAW, Outcome.FAULT),
        (FROM, TO, b"bare\nline\r\n", Outcome.FAULT),
        (FROM, TO, b"bare\rline\r\n", Outcome.FAULT),
        (FROM, TO, "đ\r\n".encode(), Outcome.FAULT),
    ],
)
def test_what_could_harm_the_conversation_is_never_said(
    sender: str, to: str, raw: bytes, outcome: Outcome
) -> None:
    server = FaultySmtp()
    got: list[Delivery] = []

    async def act(transport: SmtpTransport) -> None:
        got.append(await transport.send(sender, to, raw))

    run(server, act)
    assert (got[0].outcome, got[0].phase) == (outcome, Phase.BEFORE)
    assert server.connections == 0


def test_credentials_never_go_in_clear_beyond_this_machine() -> None:
    with pytest.raises(BadSettings) as refused:
        SmtpSettings("mail.example.org", 25, Security.NONE, username="u", password="p")
    assert refused.value.code == "smtp-clear-credentials"
    assert "starttls" in refused.value.text("vi")
    assert SmtpSettings("localhost", 25, Security.NONE, username="u", password="p").username
    assert SmtpSettings("::1", 25, Security.NONE, username="u", password="p").username
    assert SmtpSettings("mail.example.org", 25, Security.NONE).username is None


def test_settings_do_not_show_their_password() -> None:
    assert "s3cret" not in repr(SmtpSettings("h", 25, username="u", password="s3cret"))


@pytest.mark.parametrize("changes", [{"port": 0}, {"port": 70000}, {"timeout": 0.0}])
def test_impossible_settings_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(BadSettings):
        settings(**{"port": 25, **changes})  # type: ignore[arg-type]
