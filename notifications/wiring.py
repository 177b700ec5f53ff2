"""Settings into the parts that the flows, the portal and the command line share."""

from config.keys import vault
from config.settings import Settings
from models.record import Recorder
from models.store import Store
from notifications.post import Postman
from notifications.render import Sender
from notifications.smtp_settings import Security, SmtpSettings


def open_store(settings: Settings) -> Store:
    """Return the store of the installation, its schema up to date."""
    settings.var.mkdir(parents=True, exist_ok=True)
    store = Store(settings.store_url, vault(settings))
    store.prepare(settings.domain_clock().now())
    return store


def recorder_of(settings: Settings, store: Store) -> Recorder:
    """Return the recorder: the directive's clock for facts, the machine's for mail."""
    return Recorder(store, settings.domain_clock(), settings.machine_clock())


def postman_of(settings: Settings, store: Store, owner: str = "") -> Postman:
    """Return the postman for the relay of the settings."""
    password = settings.smtp_password.get_secret_value()
    return Postman(
        store,
        SmtpSettings(
            host=settings.smtp_host,
            port=settings.smtp_port,
            security=Security(settings.smtp_security),
            username=settings.smtp_username or None,
            password=password or None,
        ),
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
    )
