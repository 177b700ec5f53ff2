"""`cascade restored`: go on after a backup was put back that lacks what was signed."""

import sys

from audit.keyring import Keyring, WillNotSign
from audit.restoring import declare
from cli.problems import err, say
from cli.typed import Typed
from config.settings import load as load_settings
from models.parked import park
from notifications.wiring import open_store, recorder_of


def run(by: str, authority: str, lost_from: int | None, lang: str) -> int:
    """Declare the loss, let time act without a mail going out, sign; return the exit status."""
    typed = Typed(lang)
    by, authority = typed.who("--by", by), typed.decision("--authority", authority)
    if typed.refused():
        return 1
    settings = load_settings()
    store = open_store(settings)
    clock, keyring = settings.domain_clock(), Keyring(settings.keys_folder)

    def settle() -> int:
        """What fell due within the gap was perhaps told before: a person decides of each mail."""
        recorder = recorder_of(settings, store)
        for document in recorder.due():
            recorder.let_time_act(document)
        with store.transaction(clock) as transaction:
            return park(transaction)

    try:
        begun = declare(
            store,
            keyring,
            settings.checkpoints_folder,
            clock,
            settings.machine_clock(),
            by,
            authority,
            lost_from,
            settle,
        )
    except WillNotSign as error:
        say(error.refusal.text(lang))
        return 1
    finally:
        store.close()
    said = begun.declared
    if begun.made is not None:
        sys.stdout.write(begun.made.note)
    lines = (
        (
            f"Đã khai báo: mất các sự kiện {said.fits + 1}…{said.size} đã ký; còn {said.left}.",
            f"Khóa mới: {said.successor}",
            f"Mốc của dòng cũ được giữ ở {begun.folder}. Hãy báo cho kiểm toán viên.",
            f"{begun.parked} thư chờ người quyết định: cascade mail list, retry hoặc drop.",
        )
        if lang == "vi"
        else (
            f"Declared: facts {said.fits + 1}…{said.size} that were signed are lost;"
            f" {said.left} are left.",
            f"New key: {said.successor}",
            f"The notes of the old line are kept in {begun.folder}. Tell the auditors.",
            f"{begun.parked} mails wait for a person: cascade mail list, retry or drop.",
        )
    )
    for line in lines:
        err.print(line, markup=False)
    return 0
