"""Frozen bytes to an SMTP server, and what came of it as a value.

``aiosmtplib`` is used only to talk: the envelope has exactly one recipient, so whatever the server
says is about that one message. What an answer means is :mod:`notifications.verdict`'s affair.
"""

import asyncio
import contextlib
import ssl
from types import TracebackType
from typing import Self

from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException, SMTPResponseException

from models.domain.errors import Refusal
from notifications.access import NoToken
from notifications.address import Mailbox
from notifications.errors import BadAddress, BadSettings
from notifications.smtp_settings import Security, SmtpSettings
from notifications.verdict import Delivery, Outcome, Phase, accepted, lost, replied, unsent

__all__ = ["Delivery", "Outcome", "Phase", "Security", "SmtpSettings", "SmtpTransport"]

RECYCLE_AFTER = 50
"""Messages on one connection before a new one is made."""


class SmtpTransport:
    """Sends messages one after the other, over one connection as long as that stays clean.

    The first :meth:`send` connects. The connection is given up after :data:`RECYCLE_AFTER`
    messages and after anything that is not a clean SMTP answer. Raises :exc:`BadSettings`
    (``smtp-ca-file``) when it is made.
    """

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._tls = _tls_context(settings)
        self._client: SMTP | None = None
        self._used = 0
        self._one_at_a_time = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            await self._quit()
        else:
            self._drop()

    async def send(
        self, envelope_from: str, recipient: str, raw: bytes, *, envelope_id: str | None = None
    ) -> Delivery:
        """Hand *raw* over for *recipient* and return what came of it.

        *envelope_from* may be empty (no report of non-delivery is wanted). *envelope_id* comes
        back in such a report, where the server offers them (RFC 3461). Only cancellation and
        errors of this program are raised.
        """
        if wrong := _unfit(envelope_from, recipient, raw, envelope_id):
            return wrong
        async with self._one_at_a_time:
            try:
                return await self._send(envelope_from, recipient, raw, envelope_id)
            except BaseException:
                self._drop()
                raise

    async def _send(self, sender: str, recipient: str, raw: bytes, ident: str | None) -> Delivery:
        if self._client is not None and self._used >= RECYCLE_AFTER:
            await self._quit()
        reused = self._client is not None and self._client.is_connected
        client = await self._connected()
        if isinstance(client, Delivery):
            return client
        if too_big := _too_big(client, raw):
            return too_big
        delivery = await self._transaction(client, sender, recipient, raw, ident)
        if reused and delivery.phase is Phase.MAIL and self._client is None:
            # The server tired of an old connection. That tells nothing about this message.
            client = await self._connected()
            if isinstance(client, Delivery):
                return client
            delivery = await self._transaction(client, sender, recipient, raw, ident)
        return delivery

    async def _connected(self) -> SMTP | Delivery:
        if self._client is not None and _has_more(self._client):
            # What was said unasked would be taken for the answer about the next, innocent mail.
            self._drop()
        if self._client is not None and self._client.is_connected:
            return self._client
        own = self._settings
        client = SMTP(
            hostname=own.host,
            port=own.port,
            username=own.username,
            password=own.password,
            oauth_token_generator=own.token,
            local_hostname=own.hostname,
            timeout=own.timeout,
            use_tls=own.security is Security.TLS,
            start_tls=own.security is Security.STARTTLS,
            tls_context=self._tls,
        )
        try:
            await client.connect()
            if client.last_ehlo_response is None:  # nothing above needed the extensions
                await client.ehlo()
        except NoToken as error:
            client.close()
            return Delivery(Outcome.INFRA, Phase.AUTH, text=str(error))
        except SMTPAuthenticationError as error:
            client.close()
            return replied(Phase.AUTH, error.code, error.message)
        except SMTPResponseException as error:
            client.close()
            return replied(Phase.CONNECT, error.code, error.message)
        except (SMTPException, OSError, UnicodeError) as error:
            client.close()
            return lost(Phase.CONNECT, error)
        self._client, self._used = client, 0
        return client

    async def _transaction(
        self, client: SMTP, sender: str, recipient: str, raw: bytes, ident: str | None
    ) -> Delivery:
        self._used += 1
        phase = Phase.MAIL
        try:
            await client.mail(sender, options=_mail_options(client, raw, ident))
            _nothing_more(client)
            phase = Phase.RCPT
            await client.rcpt(recipient, options=_rcpt_options(client))
            _nothing_more(client)
            phase = Phase.DATA
            answer = await client.data(raw, timeout=self._settings.final_timeout)
            return accepted(answer.code, answer.message)
        except SMTPResponseException as error:
            delivery = replied(phase, error.code, error.message)
            await self._reset(client, error.code)
            return delivery
        except (SMTPException, OSError) as error:
            self._drop()
            return lost(phase, error)

    async def _reset(self, client: SMTP, code: int) -> None:
        """Make the connection ready for the next message, or give it up."""
        if not 400 <= code < 600 or code == 421:
            self._drop()
            return
        try:
            await client.rset()
        except (SMTPException, OSError):
            self._drop()

    async def _quit(self) -> None:
        client = self._client
        if client is not None and client.is_connected:
            with contextlib.suppress(SMTPException, OSError):  # what had to be said is said
                await client.quit(timeout=min(self._settings.timeout, 5.0))
        self._drop()

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None


def _tls_context(settings: SmtpSettings) -> ssl.SSLContext | None:
    if settings.security is Security.NONE:
        return None
    try:
        context = ssl.create_default_context()
        if settings.ca_file:
            context.load_verify_locations(settings.ca_file)
    except OSError as error:  # no such file, or no certificate in it
        raise BadSettings(
            Refusal(
                "smtp-ca-file",
                f"Không đọc được tệp chứng thư {settings.ca_file}: {error}",
                f"the certificate file {settings.ca_file} cannot be read: {error}",
            )
        ) from error
    return context


def _unfit(sender: str, recipient: str, raw: bytes, ident: str | None) -> Delivery | None:
    """Return why this may not even be tried: a control character in a command would leave the
    connection in a state in which the next, innocent message is refused."""
    try:
        Mailbox(recipient)
    except BadAddress as error:
        return unsent(Outcome.REFUSED, error.refusal.en)
    try:
        if sender:
            Mailbox(sender)
    except BadAddress as error:
        return unsent(Outcome.FAULT, error.refusal.en)
    if ident is not None and not (ident.isascii() and ident.isalnum() and len(ident) <= 100):
        return unsent(Outcome.FAULT, "the envelope id is not up to 100 ASCII letters and digits")
    bare = raw.replace(b"\r\n", b"")
    if not raw.isascii() or b"\r" in bare or b"\n" in bare:
        return unsent(Outcome.FAULT, "the message is not ASCII with CRLF line ends")
    return None


def _too_big(client: SMTP, raw: bytes) -> Delivery | None:
    size = client.esmtp_extensions.get("size", "").strip()
    if size.isdecimal() and 0 < int(size) < len(raw):
        text = f"the message has {len(raw)} bytes, the server takes at most {size}"
        return unsent(Outcome.FAULT, text, code=552)
    return None


def _has_more(client: SMTP) -> bool:
    """Tell whether the server has said more than it was asked."""
    return bool(client.protocol and client.protocol._buffer)


def _nothing_more(client: SMTP) -> None:
    """Make sure that the answer read was the only one: else nobody knows what it was about.

    Raises:
        SMTPException: there are more.
    """
    if _has_more(client):
        raise SMTPException("the server answers what it was not asked")


def _mail_options(client: SMTP, raw: bytes, ident: str | None) -> list[str]:
    options = []
    if client.supports_extension("size"):
        options.append(f"SIZE={len(raw)}")
    if client.supports_extension("dsn"):
        options.append("RET=HDRS")  # headers only: the link with its token stays out of bounces
        if ident is not None:
            options.append(f"ENVID={ident}")
    return options


def _rcpt_options(client: SMTP) -> list[str]:
    return ["NOTIFY=FAILURE,DELAY"] if client.supports_extension("dsn") else []
