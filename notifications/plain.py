"""Mails about no document: what the installation itself has to say."""

from pendulum import DateTime

from notifications.address import Mailbox, mailbox
from notifications.render import Sender
from notifications.wire import Mail, message_id_for


def compose(
    kind: str,
    detail: str,
    recipient: Mailbox,
    message_id: str,
    sender: Sender,
    lang: str,
    now: DateTime,
) -> Mail:
    """Return the mail; *detail* is what it is made of (JSON)."""
    return Mail(
        sender=mailbox(sender.address, sender.name),
        to=recipient,
        subject=kind,
        message_id=message_id_for(message_id, sender.domain),
        date=now,
        text=detail,
        html="",
    )
