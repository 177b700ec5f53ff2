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
    """Send every mail that is owed now; end with how many went where.

    When the relay cannot be used the run fails once, so that an operator hears of it; the runs
    that try again later only say so.
    """
    done = send()
    counts = ", ".join(f"{state} {count}" for state, count in sorted(done.states.items()) if count)
    if done.alert:
        # Not an error of the run's: the mail stays owed and a later run tries again.
        what = f"Máy chủ thư không nhận ({done.reason}): {counts or 'chưa gửi được thư nào'}"
        return Failed(message=what)
    if done.infra:
        return Completed(name="RelayDown", message=f"Máy chủ thư vẫn chưa nhận: {done.reason}")
    if done.limited:
        return Completed(name="Limited", message=f"{counts or '0'}; đã hết lượt gửi của lúc này.")
    return Completed(message=counts or "Không có thư nào phải gửi.")


@task(name="send", persist_result=False)
def send() -> Round:
    """Send until nothing is owed, over one connection."""
    logger = get_run_logger()
    with attributed():
        done = asyncio.run(hall().postman.deliver())
    logger.info("mails: %s; proofs: %d", dict(done.states), done.facts)
    if done.alert:
        logger.error("the relay cannot be used: %s", done.reason)
    return done
