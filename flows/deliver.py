"""Deliver: send what the outbox owes. Runs twice at once without harm; each claims its own."""

import asyncio

from prefect import State as PrefectState
from prefect import flow, get_run_logger, task
from prefect.states import Completed, Failed

from flows import names
from flows.attributed import attributed
from flows.hall import hall
from notifications.post import Round


@flow(name=names.DELIVER, validate_parameters=False, persist_result=False)
def deliver() -> PrefectState[None]:
    """Send every mail that is owed now; end with how many went where."""
    done = send()
    counts = ", ".join(f"{state} {count}" for state, count in sorted(done.states.items()) if count)
    if done.infra:
        # Not an error of the run's: the mail stays owed and the next run tries again.
        return Failed(message=f"Máy chủ thư không nhận: {counts or 'chưa gửi được thư nào'}")
    return Completed(message=counts or "Không có thư nào phải gửi.")


@task(name="send", persist_result=False)
def send() -> Round:
    """Send until nothing is owed, over one connection."""
    logger = get_run_logger()
    with attributed():
        done = asyncio.run(hall().postman.deliver())
    logger.info("mails: %s", dict(done.states))
    return done
