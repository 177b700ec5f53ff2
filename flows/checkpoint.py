"""Checkpoint: sign what the ledger has grown to, and hand the newest note out once a day."""

from prefect import State as PrefectState
from prefect import flow, get_run_logger, task
from prefect.states import Completed, Failed

from audit.anchor import hand_out, settle
from audit.checkpoint import Made, make
from audit.keyring import Keyring, WillNotSign
from flows import names
from flows.attributed import attributed
from flows.hall import hall


@flow(name=names.CHECKPOINT, validate_parameters=False, persist_result=False)
def checkpoint() -> PrefectState[None]:
    """Sign the ledger as it stands, if it has grown, and owe the auditors their daily mail.

    A ledger that does not continue what was signed is not signed: the run fails and says why.
    """
    try:
        made = sign()
    except WillNotSign as error:
        get_run_logger().error("%s", error.refusal.text("en"))
        return Failed(message=error.refusal.text("vi"))
    if made is None:
        return Completed(message="Sổ cái chưa có sự kiện nào.")
    size = made.checkpoint.size
    told = hand_over(made)
    words = f"Đã ký {size} sự kiện" if made.new else f"Vẫn là {size} sự kiện đã ký"
    return Completed(message=f"{words}; {told} thư gửi kiểm toán." if told else f"{words}.")


@task(name="sign", persist_result=False)
def sign() -> Made | None:
    """Make a checkpoint of the ledger."""
    parts = hall()
    keyring = Keyring(parts.settings.keys_folder)
    made = make(
        parts.store, keyring, parts.settings.checkpoints_folder, parts.settings.machine_clock()
    )
    if made is not None:
        get_run_logger().info("%s facts, new: %s", made.checkpoint.size, made.new)
    return made


@task(name="hand-out", persist_result=False)
def hand_over(made: Made) -> int:
    """Owe today's mails to the auditors of the settings; note what became of earlier ones."""
    parts = hall()
    settings = parts.settings
    with attributed():
        settle(parts.store)
        return hand_out(
            parts.store,
            made,
            settings.auditor_addresses,
            parts.recorder.clock,
            parts.recorder.machine,
            settings.lang,
        )
