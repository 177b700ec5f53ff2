"""Settings of one installation: environment variables (``CASCADE_…``) or a ``.env`` file.

``load()`` returns a value; there is no module-level instance, so importing decides nothing.
"""

import shlex
from functools import cached_property
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from config.clock import Clock, SystemClock, clock_from
from config.hours import Hours, hours_of

ENV_FILE = Path(".env")


class FileUnreadable(ValueError):
    """The file of settings is not text."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is not UTF-8")
        self.path = path


class Settings(BaseSettings):
    """Everything that one installation decides. Defaults are the embedded system on loopback."""

    model_config = SettingsConfigDict(
        env_prefix="CASCADE_",
        env_file=ENV_FILE,
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,  # a password may be among it
    )

    var: Path = Path("var/cascade")
    """Folder for databases, caught mail, secrets and logs of the embedded system."""
    database_url: str = ""
    """``sqlite:///…`` or ``postgresql+psycopg://…``; empty: a file in ``var``."""
    clock: str = "real"
    """``real``, or ``file:PATH`` for virtual time (rehearsals only)."""
    calendars: Path = Path(__file__).parent / "calendars"
    """Folder of the office's own calendar files."""
    lang: Literal["vi", "en"] = "vi"
    keys: Path | None = None
    """Folder of the secret keys and of the ledger's public ones; none: ``keys`` in ``var``."""
    checkpoints: Path | None = None
    """Folder of the signed checkpoints, outside the database; none: ``checkpoints`` in ``var``."""
    auditors: str = ""
    """Addresses that get the newest checkpoint once a day, separated by commas."""

    smtp_host: str = "127.0.0.1"
    smtp_port: int = Field(default=2525, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "none"
    smtp_username: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_oauth_token_command: str = ""
    """A command that prints an access token for XOAUTH2; run without a shell at each connection."""
    smtp_oauth_token_file: Path | None = None
    """A file that holds such a token, kept fresh by somebody else."""
    mail_from: str = "theo-doi@cascade.example"
    mail_from_name: str = "Theo dõi nhiệm vụ"
    mail_reply_to: str = ""
    mail_domain: str = "cascade.example"
    """Right-hand side of every Message-ID."""
    mail_per_minute: int = Field(default=0, ge=0)
    """How many mails may go in any minute (0: any number)."""
    mail_per_day: int = Field(default=0, ge=0)
    """The same for any 24 hours."""
    mail_quiet: str = "21:00-06:00"
    """When mail waits, on the directive's clock; empty: never."""
    mail_working_days: bool = False
    """Let mail wait for the next working day of the document's calendar."""
    bounces: bool = False
    """Let each mail have a return address of its own, and believe what comes back to it."""
    bounce_folder: Path | None = None
    """A maildir in which such returns arrive; swept with each delivery."""
    catcher: bool = True
    """Keep the mail on this machine (the embedded default) instead of sending it out."""
    catcher_port: int = Field(default=8025, ge=1, le=65535)

    portal_host: str = "127.0.0.1"
    portal_port: int = Field(default=8080, ge=1, le=65535)
    public_url: str = ""
    """What the links in mails begin with; empty: the portal's own address."""
    proxies: str = ""
    """Addresses or networks of the proxies before the portal, separated by commas; only they are
    believed when they say for whom they ask (``X-Forwarded-For``)."""

    prefect_host: str = "127.0.0.1"
    prefect_port: int = Field(default=4200, ge=1, le=65535)
    prefect_api_url: str = ""
    """API of a Prefect server elsewhere; empty: the embedded one."""
    work_pool: str = "cascade"
    graph_units: int = Field(default=300, ge=1)
    """Above this many assignments in a document, the graph shows groups instead of units."""

    @model_validator(mode="after")
    def _no_secret_in_clear(self) -> "Settings":
        token = self.smtp_oauth_token_command or self.smtp_oauth_token_file
        password = self.smtp_password.get_secret_value()
        if token and (password or not self.smtp_username):
            raise _wrong(
                "mã truy cập (CASCADE_SMTP_OAUTH_TOKEN_…) cần CASCADE_SMTP_USERNAME và không dùng "
                "cùng CASCADE_SMTP_PASSWORD",
                "an access token (CASCADE_SMTP_OAUTH_TOKEN_…) needs CASCADE_SMTP_USERNAME and no "
                "CASCADE_SMTP_PASSWORD beside it",
            )
        if self.smtp_oauth_token_command and self.smtp_oauth_token_file:
            raise _wrong(
                "chỉ dùng một trong hai: CASCADE_SMTP_OAUTH_TOKEN_COMMAND hoặc …_FILE",
                "use either CASCADE_SMTP_OAUTH_TOKEN_COMMAND or …_FILE, not both",
            )
        credentials = self.smtp_username or password
        if credentials and self.smtp_security == "none" and not _loopback(self.smtp_host):
            raise _wrong(
                f"CASCADE_SMTP_SECURITY=none sẽ gửi mật khẩu không mã hóa đến {self.smtp_host}; "
                "hãy dùng starttls hoặc tls",
                "CASCADE_SMTP_SECURITY=none would send the password in clear to "
                f"{self.smtp_host}; use starttls or tls",
            )
        if self.catcher and not _loopback(self.smtp_host):
            raise _wrong(
                f"CASCADE_SMTP_HOST={self.smtp_host} cần CASCADE_CATCHER=false: "
                "hộp thư tạm chỉ giữ thư trên máy này",
                f"CASCADE_SMTP_HOST={self.smtp_host} needs CASCADE_CATCHER=false: "
                "the catcher keeps mail on this machine only",
            )
        return self

    @field_validator("clock")
    @classmethod
    def _a_clock(cls, value: str) -> str:
        try:
            clock_from(value)
        except ValueError as error:
            raise _wrong("phải là “real” hoặc “file:ĐƯỜNG-DẪN”", str(error)) from error
        return value

    @field_validator("auditors")
    @classmethod
    def _some_addresses(cls, value: str) -> str:
        for each in filter(None, map(str.strip, value.split(","))):
            # Here, because nothing else of the settings needs the library.
            from email_validator import EmailNotValidError, validate_email

            try:
                validate_email(each, check_deliverability=False, allow_smtputf8=False)
            except EmailNotValidError as error:
                raise _wrong(
                    f"{each!r} không phải địa chỉ thư điện tử",
                    f"{each!r} is not an e-mail address: {error}",
                ) from error
        return value

    @field_validator("mail_quiet")
    @classmethod
    def _some_hours(cls, value: str) -> str:
        try:
            hours_of(value)
        except ValueError as error:
            raise _wrong("phải là khoảng giờ như 21:00-06:00, hoặc để trống", str(error)) from error
        return value

    @field_validator("smtp_oauth_token_command")
    @classmethod
    def _a_command(cls, value: str) -> str:
        try:
            shlex.split(value)
        except ValueError as error:
            raise _wrong(f"không đọc được lệnh: {error}", f"not a command: {error}") from error
        return value

    @field_validator("proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        for each in filter(None, map(str.strip, value.split(","))):
            try:
                ip_network(each)
            except ValueError as error:
                raise _wrong(
                    f"{each!r} không phải là địa chỉ hay dải mạng, ví dụ 10.0.0.5 hoặc 10.0.0.0/24",
                    f"{each!r} is no address or network, such as 10.0.0.5 or 10.0.0.0/24",
                ) from error
        return value

    @field_validator("database_url")
    @classmethod
    def _a_database(cls, value: str) -> str:
        # Other names lead to drivers that are not installed, and to databases without triggers.
        if value and not value.startswith(("sqlite:", "postgresql+psycopg:")):
            raise _wrong(
                "cơ sở dữ liệu phải là sqlite:///… hoặc postgresql+psycopg://…",
                "the database must be sqlite:///… or postgresql+psycopg://…",
            )
        return value

    @cached_property
    def store_url(self) -> str:
        """Return the database of facts."""
        return self.database_url or f"sqlite:///{(self.var / 'cascade.db').absolute()}"

    @property
    def keys_folder(self) -> Path:
        """Return where the keys are."""
        return self.keys or self.var / "keys"

    @property
    def checkpoints_folder(self) -> Path:
        """Return where the signed checkpoints are."""
        return self.checkpoints or self.var / "checkpoints"

    @property
    def auditor_addresses(self) -> tuple[str, ...]:
        """Return the auditors' addresses, each once, in the order given."""
        return tuple(dict.fromkeys(filter(None, map(str.strip, self.auditors.split(",")))))

    @property
    def base_url(self) -> str:
        """Return what links begin with, without a slash at the end. Never taken from a request."""
        url = self.public_url or f"http://{self.portal_host}:{self.portal_port}"
        return url.rstrip("/")

    @property
    def api_url(self) -> str:
        """Return the Prefect API."""
        return self.prefect_api_url or f"http://{self.prefect_host}:{self.prefect_port}/api"

    @property
    def ui_url(self) -> str:
        """Return the Prefect UI in which Vietnamese names keep their diacritics."""
        return self.api_url.removesuffix("/api") + "/v2"

    def mail_hours(self) -> Hours:
        """Return when mail may go."""
        return hours_of(self.mail_quiet, self.mail_working_days)

    def domain_clock(self) -> Clock:
        """Return the clock by which the directive lives."""
        return clock_from(self.clock)

    def machine_clock(self) -> Clock:
        """Return the clock by which mail, leases and processes live: always the real one."""
        return SystemClock()


def _wrong(vi: str, en: str) -> PydanticCustomError:
    """Return a problem that carries its sentence in both languages."""
    return PydanticCustomError("setting", "{en}", {"en": en, "vi": vi})


def _loopback(host: str) -> bool:
    """Tell whether *host* is this machine, by its name or number alone; nothing is looked up."""
    try:
        return host.lower() == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def load(**overrides: object) -> Settings:
    """Read the settings; *overrides* win over the environment.

    Raises:
        pydantic.ValidationError: naming each setting that is wrong.
        FileUnreadable: when ``.env`` is not UTF-8.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except UnicodeDecodeError as error:
        raise FileUnreadable(ENV_FILE) from error
