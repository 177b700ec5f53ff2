"""`cascade contact`: where a body gets its mail, while its duties run."""

from rich.table import Table

from cli.mail import masked
from cli.problems import out, say
from cli.typed import Typed
from config.settings import load as load_settings
from models.codec import instant_of
from models.contacts import Box, mailboxes
from models.domain.calendar import local
from models.domain.errors import Refusal
from models.domain.terms import BodyId
from models.readdress import Readdress, Readdressed
from models.store import Store
from notifications.address import mailbox, mixed_scripts
from notifications.errors import BadAddress
from notifications.wiring import open_store, recorder_of

LOCALES = ("vi", "en")


def list_(body: str, show_addresses: bool, lang: str) -> int:
    """Print the addresses that *body* has and had; return the exit status."""
    store = open_store(load_settings())
    try:
        boxes = _boxes(store, body)
    finally:
        store.close()
    if not boxes:
        say(
            f"{body!r} has no address, and had none."
            if lang == "en"
            else f"Chưa lưu địa chỉ nào của {body!r}."
        )
        return 1
    shown = Table(box=None, pad_edge=False)
    heads = ("Mã", "Địa chỉ", "Ngôn ngữ", "Tình trạng")
    for head in heads if lang != "en" else ("Reference", "Address", "Language", "State"):
        shown.add_column(head, overflow="fold")
    for box in boxes:
        address = box.address or "—"
        if box.address and not show_addresses:
            address = masked(box.address)
        shown.add_row(box.ref, address, box.locale, _state(box, lang))
    out.print(shown)
    return 0


def add(
    body: str, address: str, locale: str, by: str, authority: str, lookalike: bool, lang: str
) -> int:
    """Give *body* another address; return the exit status."""
    return _change(body, "", address, locale, by, authority, lookalike, lang)


def replace(
    body: str, old: str, new: str, locale: str, by: str, authority: str, lookalike: bool, lang: str
) -> int:
    """Let *new* take the place of *old*; return the exit status."""
    return _change(body, old, new, locale, by, authority, lookalike, lang)


def retire(body: str, address: str, by: str, authority: str, lang: str) -> int:
    """Use *address* no more; return the exit status."""
    return _change(body, address, "", "", by, authority, False, lang)


def _change(
    body: str,
    old: str,
    new: str,
    locale: str,
    by: str,
    authority: str,
    lookalike: bool,
    lang: str,
) -> int:
    typed = Typed(lang)
    by, authority = typed.who("--by", by), typed.decision("--authority", authority)
    if typed.refused():
        return 1
    if locale and locale not in LOCALES:
        say(f"--locale: {' | '.join(LOCALES)}")
        return 2
    if new:
        found = _written(new, lookalike, lang)
        if found is None:
            return 1
        new = found
    settings = load_settings()
    store = open_store(settings)
    try:
        kept = _as_kept(_boxes(store, body), old)
        wish = Readdress(BodyId(body), by, authority, new, kept, locale)
        done = recorder_of(settings, store).readdress(wish)
    finally:
        store.close()
    if isinstance(done, Refusal):
        say(done.text(lang))
        return 1
    _tell(done, body, lang)
    return 0


def _boxes(store: Store, body: str) -> list[Box]:
    with store.reading() as connection:
        return mailboxes(connection, store.vault, body)


def _as_kept(boxes: list[Box], typed: str) -> str:
    """Return the address that is meant, as it is kept: letters and blanks around do not matter."""
    wanted = typed.strip().casefold()
    for box in boxes:
        if box.used and box.address is not None and box.address.casefold() == wanted:
            return box.address
    return typed.strip()


def _written(typed: str, lookalike: bool, lang: str) -> str | None:
    """Return an address in the form that goes on the wire; tell what is wrong with it."""
    try:
        box = mailbox(typed)
    except BadAddress as error:
        say(error.text(lang))
        return None
    mixed = mixed_scripts(box)
    if mixed and not lookalike:
        scripts = " + ".join(mixed)
        say(
            f"The domain {box.domain} mixes {scripts}: it may have been made to look like another "
            "one. If it is meant, add --accept-lookalike."
            if lang == "en"
            else f"Tên miền {box.domain} trộn nhiều loại chữ ({scripts}): có thể là tên miền giả "
            "trông giống tên khác. Nếu đúng là địa chỉ này, thêm --accept-lookalike."
        )
        return None
    return box.address


def _tell(done: Readdressed, body: str, lang: str) -> None:
    if lang == "en":
        out.print(
            f"Recorded: addresses of {body} changed. {done.owed} mails are owed to the new one, "
            f"{done.given_up} that waited were given up, {done.ended} links ended. "
            f"Entry {done.seq} of the ledger.",
            markup=False,
        )
    else:
        out.print(
            f"Đã ghi: đổi địa chỉ thư của {body}. Gửi {done.owed} thư đến địa chỉ mới, "
            f"bỏ {done.given_up} thư đang chờ, {done.ended} liên kết cũ hết hiệu lực. "
            f"Mục số {done.seq} trong sổ cái.",
            markup=False,
        )
    if not done.left:
        say(
            f"{body} has no address now: it must be told by other means (cascade notice)."
            if lang == "en"
            else f"{body} không còn địa chỉ nào: phải báo bằng cách khác (cascade notice)."
        )


def _state(box: Box, lang: str) -> str:
    vi = lang != "en"
    if box.erased:
        return "đã xóa" if vi else "erased"
    if box.retired_at is not None:
        day = f"{local(instant_of(box.retired_at)):%d/%m/%Y %H:%M}"
        return f"thôi dùng từ {day}" if vi else f"retired since {day}"
    if box.flagged is not None:
        return f"thư bị trả về ({box.flagged})" if vi else f"mail came back ({box.flagged})"
    return "đang dùng" if vi else "in use"
