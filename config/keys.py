"""The installation's keys: each a file of its own, made on first use, readable by its owner only.

``vault.key`` seals names and addresses, ``ledger.key`` signs checkpoints (``audit.keyring``),
``portal.key`` seals forms. None of them is in a database: whoever has a copy of the database has
neither the names in it nor the power to sign another past.
"""

from config.settings import Settings
from models.database import make_engine
from models.keyfile import secret
from models.vault import KeyGone, Vault, sealed

__all__ = ["secret", "vault"]


def vault(settings: Settings) -> Vault:
    """Return what seals and opens the names and addresses of this installation.

    Raises:
        KeyUnreadable: the file of the key holds none.
        KeyGone: there is no such file, and the database holds what was sealed with it.
    """
    path = settings.keys_folder / "vault.key"
    if not path.exists():
        engine = make_engine(settings.store_url)
        try:
            # Who has started at the same moment made the key before it sealed anything.
            if sealed(engine) and not path.exists():
                raise KeyGone(path)
        finally:
            engine.dispose()
    return Vault(secret(path))
