"""What a mail, an address or a setting is refused for.

Every error carries a :class:`~models.domain.errors.Refusal`: a code for programs and a sentence in
both languages for clerks and operators. The outcome of a delivery is no error but a value, see
:class:`notifications.transport.Delivery`.
"""

from models.domain.errors import Refusal


class NotificationError(Exception):
    """Root of the errors of this package; ``str()`` is English, for logs."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.en)
        self.refusal = refusal

    @property
    def code(self) -> str:
        """What was refused, for programs: stable, lower case, with dashes."""
        return self.refusal.code

    def text(self, lang: str = "vi") -> str:
        """Return the sentence in *lang* (``vi`` or ``en``)."""
        return self.refusal.text(lang)


class BadAddress(NotificationError):
    """An address (or the name beside it) that no mail may be sent to."""


class BadMail(NotificationError):
    """A mail that cannot be written without changing its meaning; nothing was written."""


class BadSettings(NotificationError):
    """Settings that would be unsafe or cannot work; nothing was connected or bound."""
