"""The worker process of the embedded system: the warm worker and the watch over the ledger."""

import logging
import signal
import sys
from types import FrameType

from flows import lifeline
from flows.hall import hall
from flows.warm import Worker
from flows.watch import Watch


def main() -> int:
    """Work until SIGTERM; return 0 when everything in progress could be finished."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    parts = hall()
    worker = Worker(parts.settings.work_pool, parts.settings.var / "workers")
    watch = Watch(parts)

    def end(number: int, frame: FrameType | None) -> None:
        watch.stop()
        worker.stop()

    lifeline.hold()
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    watch.start()
    return 0 if worker.run() else 1


if __name__ == "__main__":
    sys.exit(main())
