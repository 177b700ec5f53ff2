"""Which SMTP server mail is handed to, and what is refused before anything is connected."""

import ipaddress
from dataclasses import dataclass, field, fields
from enum import StrEnum

from models.domain.errors import Refusal
from notifications.access import Tokens
from notifications.errors import BadSettings


class Security(StrEnum):
    """How the connection is protected. There is no opportunistic mode: it can be stripped."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """The server that mail is handed to.

    Raises :exc:`BadSettings` (``smtp-clear-credentials``, ``smtp-port``, ``smtp-timeout``,
    ``smtp-token``).
    """

    host: str
    port: int
    security: Security = Security.STARTTLS
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    token: Tokens | None = field(default=None, repr=False)
    """Where an access token for XOAUTH2 comes from, in the place of a password."""
    timeout: float = 30.0
    """Seconds for connecting and for each answer."""
    final_timeout: float = 300.0
    """Seconds for the transfer of the message and the answer to it. Long, because giving up there
    may cost a duplicate (RFC 5321 section 4.5.3.2.6 asks for ten minutes)."""
    hostname: str = "localhost"
    """What we call ourselves (EHLO); a public relay wants a real name."""
    ca_file: str | None = None
    """Certificates to trust beside the system's (PEM), for an office with an authority of its own;
    the server's name is always checked."""

    def identity(self) -> dict[str, str]:
        """Return what a relay may refuse us for, secrets included: to be hashed, not kept."""
        return {each.name: str(getattr(self, each.name)) for each in fields(self)}

    def __post_init__(self) -> None:
        if not 0 < self.port < 65536:
            raise BadSettings(
                Refusal(
                    "smtp-port",
                    f"Cổng SMTP {self.port} không hợp lệ: phải từ 1 đến 65535.",
                    f"the SMTP port {self.port} is not between 1 and 65535",
                )
            )
        if min(self.timeout, self.final_timeout) <= 0:
            raise BadSettings(
                Refusal(
                    "smtp-timeout",
                    "Thời gian chờ SMTP phải lớn hơn 0 giây.",
                    "the SMTP timeouts must be above 0 seconds",
                )
            )
        if self.token is not None and (self.password is not None or self.username is None):
            raise BadSettings(
                Refusal(
                    "smtp-token",
                    "Mã truy cập cần tên đăng nhập và không dùng cùng mật khẩu.",
                    "an access token needs a user name, and no password beside it",
                )
            )
        credentials = self.username is not None or self.password is not None
        if self.security is Security.NONE and credentials and not is_loopback(self.host):
            raise BadSettings(
                Refusal(
                    "smtp-clear-credentials",
                    f"Không gửi mật khẩu tới {self.host} khi không mã hóa: "
                    "hãy đặt bảo mật là starttls hoặc tls.",
                    f"refusing to send a password to {self.host} in clear: "
                    "set the security to starttls or tls",
                )
            )


def is_loopback(host: str) -> bool:
    """Tell whether *host* is this machine, by its name or number alone; nothing is looked up."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
