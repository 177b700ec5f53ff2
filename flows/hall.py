"""What every flow needs, opened once in a process: settings, store, recorder, postman."""

from dataclasses import dataclass
from functools import cache

from config.settings import Settings, load
from models.record import Recorder
from models.store import Store
from notifications.post import Postman
from notifications.wiring import open_store, postman_of, recorder_of


@dataclass(frozen=True, slots=True)
class Hall:
    """The parts of one installation, for flows."""

    settings: Settings
    store: Store
    recorder: Recorder
    postman: Postman


@cache
def hall() -> Hall:
    """Open the installation of this process's settings."""
    settings = load()
    store = open_store(settings)
    return Hall(settings, store, recorder_of(settings, store), postman_of(settings, store))
