"""The installation's keys: each a file of its own, made on first use, readable by its owner only.

``vault.key`` seals names and addresses, ``ledger.key`` signs checkpoints (``audit.keyring``),
``portal.key`` seals forms. None of them is in a database: whoever has a copy of the database has
neither the names in it nor the power to sign another past.
"""

from config.settings import Settings
from models.keyfile import secret
from models.vault import Vault

__all__ = ["secret", "vault"]


def vault(settings: Settings) -> Vault:
    """Return what seals and opens the names and addresses of this installation.

    Raises:
        KeyUnreadable: the file of the key holds none.
    """
    return Vault(secret(settings.keys_folder / "vault.key"))
