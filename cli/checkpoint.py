"""`cascade checkpoint` and `cascade keys`: sign the ledger, show and change the signing key."""

import sys

from sqlalchemy import select

from audit.checkpoint import make, rotate
from audit.keyring import Keyring, WillNotSign
from audit.notes import BadNote
from cli.problems import err, out, say
from cli.typed import Typed
from config.settings import load as load_settings
from models.tables import LedgerKey, table
from notifications.wiring import open_store


def run(lang: str) -> int:
    """Sign what the ledger holds now, if it has grown; print the newest note."""
    settings = load_settings()
    store = open_store(settings)
    try:
        made = make(
            store,
            Keyring(settings.keys_folder),
            settings.checkpoints_folder,
            settings.machine_clock(),
        )
    except WillNotSign as error:
        say(error.refusal.text(lang))
        return 1
    finally:
        store.close()
    vi = lang == "vi"
    if made is None:
        err.print("Sổ cái chưa có sự kiện nào." if vi else "The ledger is empty.")
        return 0
    sys.stdout.write(made.note)
    size = made.checkpoint.size
    if made.new:
        words = f"Đã ký {size} sự kiện: " if vi else f"Signed {size} facts: "
    else:
        words = f"Vẫn là {size} sự kiện đã ký: " if vi else f"Still the {size} facts signed: "
    err.print(words + str(made.path), markup=False)
    return 0


def show_keys(lang: str) -> int:
    """Print the public keys of the ledger, as auditors need them, and what each has signed."""
    settings = load_settings()
    store = open_store(settings)
    try:
        with store.reading() as connection:
            rows = connection.execute(select(table(LedgerKey))).all()
    finally:
        store.close()
    spans = {row.vkey: (row.from_size, row.until_size) for row in rows}
    try:
        known = Keyring(settings.keys_folder).verifiers()
    except BadNote as error:
        say(f"{settings.keys_folder}: {error}")
        return 1
    vi = lang == "vi"
    if not known:
        err.print(
            "Chưa có khóa: điểm kiểm tra đầu tiên (cascade checkpoint) sẽ tạo khóa."
            if vi
            else "No key yet: the first checkpoint (cascade checkpoint) makes one."
        )
    for each in known:
        sys.stdout.write(f"{each.vkey}\n")
        begun, end = spans.get(each.vkey, (None, None))
        if begun is not None:
            until = "…" if end is None else end
            words = "ký các cỡ" if vi else "signs sizes"
            err.print(f"  {words} {begun} … {until}".replace("… …", "…"), markup=False)
    return 0


def rotate_key(which: str, by: str, lang: str) -> int:
    """Let a new key sign from now on."""
    vi = lang == "vi"
    if which != "ledger":
        say(f"ledger | portal, không phải {which!r}" if vi else f"ledger | portal, not {which!r}")
        return 2
    typed = Typed(lang)
    by = typed.who("--by", by)
    if typed.refused():
        return 1
    settings = load_settings()
    store = open_store(settings)
    keyring = Keyring(settings.keys_folder)
    try:
        rotate(
            store,
            keyring,
            settings.checkpoints_folder,
            settings.domain_clock(),
            settings.machine_clock(),
            by,
        )
    except WillNotSign as error:
        say(error.refusal.text(lang))
        return 1
    finally:
        store.close()
    newest = keyring.verifiers()[-1]
    sys.stdout.write(f"{newest.vkey}\n")
    out.print(
        "Đã thay khóa ký. Hãy giao dòng trên cho kiểm toán; khóa cũ đã bị hủy."
        if vi
        else "The signing key was changed. Give the line above to the auditors; "
        "the old key is destroyed.",
        markup=False,
    )
    return 0
