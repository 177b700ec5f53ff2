"""Settings into the parts that the flows, the portal and the command line share.

The postman and all that letters are made of (5 MB) are imported only by who sends mail: the portal
stays for months and sends none.
"""

import shlex
from typing import TYPE_CHECKING

from config.keys import vault
from config.settings import Settings
from models.record import Recorder
from models.store import Store
from notifications import relay
from notifications.access import TokenCommand, TokenFile, Tokens
from notifications.relay import Limits
from notifications.smtp_settings import Security, SmtpSettings
from notifications.verp import ReturnPath, keys_in

if TYPE_CHECKING:
    from notifications.bounces import Bounces
    from notifications.post import Postman


def open_store(settings: Settings) -> Store:
    """Return the store of the installation, its schema up to date."""
    settings.var.mkdir(parents=True, exist_ok=True)
    store = Store(settings.store_url, vault(settings))
    store.prepare(settings.domain_clock().now())
    return store


def recorder_of(settings: Settings, store: Store) -> Recorder:
    """Return the recorder: the directive's clock for facts, the machine's for mail."""
    return Recorder(store, settings.domain_clock(), settings.machine_clock())


def smtp_of(settings: Settings) -> SmtpSettings:
    """Return the relay of the settings."""
    token: Tokens | None = None
    if settings.smtp_oauth_token_command:
        token = TokenCommand(tuple(shlex.split(settings.smtp_oauth_token_command)))
    elif settings.smtp_oauth_token_file is not None:
        token = TokenFile(settings.smtp_oauth_token_file)
    return SmtpSettings(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=Security(settings.smtp_security),
        username=settings.smtp_username or None,
        password=settings.smtp_password.get_secret_value() or None,
        token=token,
    )


def bounces_of(settings: Settings, store: Store) -> "Bounces | None":
    """Return who reads what comes back; ``None`` where that is not believed."""
    from notifications.bounces import Bounces

    if not settings.bounces:
        return None
    keys = keys_in(settings.var / "keys" / "bounces.key")
    path = ReturnPath(settings.mail_from.rpartition("@")[2], keys)
    return Bounces(recorder_of(settings, store), path, settings.bounce_folder)


def postman_of(settings: Settings, store: Store, owner: str = "") -> "Postman":
    """Return the postman for the relay of the settings.

    What was stopped because of other settings may be tried again with these.
    """
    from notifications.letter import Sender
    from notifications.post import Postman

    smtp = smtp_of(settings)
    relay.reopen_if_changed(store, smtp.identity())
    return Postman(
        store,
        smtp,
        Sender(
            address=settings.mail_from,
            name=settings.mail_from_name,
            reply_to=settings.mail_reply_to,
            domain=settings.mail_domain,
            base_url=settings.base_url,
        ),
        settings.domain_clock(),
        settings.machine_clock(),
        owner,
        hours=settings.mail_hours(),
        limits=Limits(settings.mail_per_minute, settings.mail_per_day),
        bounces=bounces_of(settings, store),
    )
