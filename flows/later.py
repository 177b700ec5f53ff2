"""Modules that others import and hardly ever use: loaded at their first use.

For processes that stay. Prefect's libraries load these for cases that do not occur here:

- ``trio`` (3 MB): httpcore takes it along wherever it is installed, for programs that run on it;
- ``text_unidecode`` (4 MB): the table by which slugs are transliterated, and the names that
  Prefect makes slugs of at its start are plain ASCII.

Nothing is missing: who uses one gets it then. A module that is not installed, or is loaded
already, is left alone.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any


def put_off() -> None:
    """Put those modules off. To be called before anything of Prefect is imported."""
    _stand_in("trio")
    _stand_in("text_unidecode", unidecode=_unidecode)


class _Later(ModuleType):
    """Stands in for a module until something of it is used."""

    def __getattr__(self, name: str) -> Any:
        # What the machinery of imports asks of each module it meets is no use.
        if name.startswith("__") and name != "__path__":
            raise AttributeError(name)
        return getattr(_real(self.__name__), name)


def _stand_in(name: str, **given: Any) -> None:
    if name in sys.modules or (spec := find_spec(name)) is None:
        return
    module = _Later(name)
    module.__spec__ = spec
    vars(module).update(given)
    sys.modules[name] = module


def _real(name: str) -> ModuleType:
    if isinstance(sys.modules.get(name), _Later):
        del sys.modules[name]
    return import_module(name)


def _unidecode(text: str) -> str:
    """Return what ``text_unidecode.unidecode`` does: ASCII stays as it is."""
    if text.isascii():
        return text
    transliterated: str = _real("text_unidecode").unidecode(text)
    return transliterated
