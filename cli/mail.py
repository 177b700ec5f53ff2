"""`cascade mail …`: what is owed to whom, what got stuck, and what an operator does about it."""

import json
import sys
from collections.abc import Mapping
from typing import Any

from rich.table import Table
from sqlalchemy import RowMapping, select, update

from cli.problems import explained, out, say
from cli.typed import Typed
from config.settings import load as load_settings
from models.codec import instant_of, instant_text
from models.contacts import unsealed
from models.domain.calendar import local
from models.domain.terms import DocumentKey
from models.store import Store, Transaction
from models.tables import Contact, Outbox, table
from notifications import relay
from notifications.bounces import Noted, settle
from notifications.outbox import FLAGGED
from notifications.proof import request_of, untold
from notifications.returned import MOST_BYTES
from notifications.wiring import bounces_of, open_store, recorder_of

TRY_LATER = 75
"""What a mail server reads as "keep it and come again" (EX_TEMPFAIL of sysexits)."""

_OUTBOX = table(Outbox)
_CONTACT = table(Contact)
_UNSENT = ("pending", "unknown", "parked")
STATE_WORDS = {
    "pending": "chờ gửi",
    "held": "hoãn đến giờ",
    "sending": "đang gửi",
    "unknown": "chưa rõ đã đến",
    "sent": "đã gửi",
    "failed": "bị từ chối",
    "bounced": "bị trả về",
    "doubted": "nghi bị trả về",
    "parked": "cần người xem",
    "cancelled": "thôi gửi",
}
STATES = tuple(STATE_WORDS)


def list_mails(state: str, document: str, show_addresses: bool, format_: str, lang: str) -> int:
    """Show mails (those that need a person, or all in *state*); return the exit status."""
    if state and state not in STATES:
        known = ", ".join(STATES)
        say(f"--state: {known}" if lang == "en" else f"--state phải là một trong: {known}")
        return 2
    settings = load_settings()
    store = open_store(settings)
    try:
        now = instant_text(settings.domain_clock().now())
        rows = [_shown(row, now, show_addresses) for row in _rows(store)]
        standing = relay.standing(store)
        paused = standing.closed_until
        shut = standing.stopped or (
            paused is not None and paused > local(settings.machine_clock().now())
        )
    finally:
        store.close()
    needy = {"parked", "failed", "bounced", "doubted", "held", "unknown"}
    wanted = {state} if state else needy
    found = [row for row in rows if row["state"] in wanted]
    found = [row for row in found if not document or row["document"] == document]
    if format_ == "json":
        head = {
            "stopped": standing.stopped,
            "failures": standing.failures,
            "closed_until": instant_text(paused) if paused and shut else None,
        }
        json.dump({"relay": head, "mails": found}, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return 0
    _print(found, rows, lang)
    if standing.stopped:
        say(
            f"Mail is stopped: {standing.stopped}. Mend it, then: cascade mail retry --all-parked"
            if lang == "en"
            else f"Đã dừng gửi thư: {standing.stopped}. Sửa xong hãy chạy: "
            "cascade mail retry --all-parked"
        )
    elif shut and paused is not None:
        say(
            f"The relay is not tried before {paused:%d/%m/%Y %H:%M:%S}."
            if lang == "en"
            else f"Chưa gửi qua máy chủ thư trước {paused:%d/%m/%Y %H:%M:%S}."
        )
    return 0


def retry(key: str, all_parked: bool, lang: str) -> int:
    """Let parked mails be tried again, and the relay with them; return the exit status."""
    if bool(key) == all_parked:
        say("KEY | --all-parked" if lang == "en" else "Ghi rõ KEY hoặc --all-parked.")
        return 2
    settings = load_settings()
    store = open_store(settings)
    try:
        now = instant_text(settings.machine_clock().now())
        with store.engine.begin() as connection:
            stuck = _OUTBOX.c.state == "parked"
            if key:
                # What came back is not sent again, but its address may be used from now on.
                stuck = (_OUTBOX.c.key == key) & (stuck | _OUTBOX.c.bounced_at.is_not(None))
            rows = connection.execute(select(_OUTBOX).where(stuck)).mappings().all()
            mended = [row for row in rows if row["contact"] is not None]
            carriers = {row["carrier"] or row["key"] for row in mended}
            again = {
                "state": "pending",
                "next_at": now,
                "tries": 0,
                "ambiguous": 0,
                "later_since": None,
                "settled_at": None,
            }
            for each in sorted(carriers):
                own = (_OUTBOX.c.key == each) | (_OUTBOX.c.carrier == each)
                connection.execute(
                    update(_OUTBOX).where(own, _OUTBOX.c.state == "parked").values(again)
                )
            # The operator has looked: the address may be used again.
            contacts = {
                row["contact"] for row in mended if row["bounced_at"] or row["last_text"] == FLAGGED
            }
            for contact in sorted(contacts):
                connection.execute(
                    update(_CONTACT)
                    .where(_CONTACT.c.ref == contact)
                    .values(flagged_at=None, flagged_why=None)
                )
        relay.reopen(store)
    finally:
        store.close()
    if key and not rows:
        say(_no_mail(key, lang))
        return 1
    homeless = len(rows) - len(mended)
    count = sum(row["state"] == "parked" for row in mended)
    out.print(
        f"{count} mails will be tried again; the relay and {len(contacts)} addresses too."
        if lang == "en"
        else f"Sẽ gửi lại {count} thư; máy chủ thư và {len(contacts)} địa chỉ được dùng lại.",
        markup=False,
    )
    if homeless:
        say(
            f"{homeless} have no address: give the body one (cascade contact add)."
            if lang == "en"
            else f"{homeless} thư không có địa chỉ: hãy bổ sung địa chỉ cho đơn vị "
            "(cascade contact add)."
        )
    return 0


def drop(key: str, reason: str, lang: str) -> int:
    """Give up a mail for good, and say so in the ledger; return the exit status."""
    typed = Typed(lang)
    reason = typed.reason("--reason", reason)
    if typed.refused():
        return 1
    settings = load_settings()
    store = open_store(settings)
    said = ""

    def gather(transaction: Transaction) -> list[tuple[DocumentKey, Any]]:
        nonlocal said
        connection = transaction.connection
        mail = select(_OUTBOX).where(_OUTBOX.c.key == key)
        row = connection.execute(mail.with_for_update()).mappings().one_or_none()
        said = _undroppable(key, row, lang)
        if said or row is None:
            return []
        both = (_OUTBOX.c.key == key) | (_OUTBOX.c.carrier == key)
        rows = connection.execute(select(_OUTBOX).where(both)).mappings().all()
        now = instant_text(transaction.now)
        connection.execute(
            update(_OUTBOX)
            .where(both, _OUTBOX.c.state.in_(_UNSENT))
            .values(
                state="cancelled",
                raw=None,
                token=None,
                finished_at=instant_text(settings.machine_clock().now()),
                last_text=f"dropped: {reason}"[:500],
                settled_at=now,
                attested_at=now,
            )
        )
        asked = [
            (DocumentKey(each["stream"]), request_of(each, transaction.now, "parked"))
            for each in rows
            if each["stream"]
            and transaction.state(DocumentKey(each["stream"])).document.policy.proof
        ]
        return untold(transaction, asked)

    try:
        recorder_of(settings, store).record_all(gather)
    finally:
        store.close()
    if said:
        say(said)
        return 1
    out.print(f"Dropped: {key}" if lang == "en" else f"Đã bỏ thư: {key}", markup=False)
    return 0


def bounce(recipient: str, lang: str) -> int:
    """Read one returned message from standard input, as a mail server pipes it in.

    Whatever it says, the status is 0: any other would make the mail server write an answer.
    """
    raw = sys.stdin.buffer.read(MOST_BYTES + 1)
    try:
        settings = load_settings()
        store = open_store(settings)
        try:
            bounces = bounces_of(settings, store)
            noted = Noted.FOREIGN if bounces is None else bounces.take(raw, recipient)
        finally:
            store.close()
    except Exception as error:
        text = explained(error, lang)
        if text is None:
            raise
        say(text)
        return TRY_LATER
    out.print(noted.value, markup=False)
    return 0


def returned(key: str, came_back: bool, lang: str) -> int:
    """Say whether a mail came back, of which a notification says so that nothing proves."""
    settings = load_settings()
    store = open_store(settings)
    try:
        found = settle(recorder_of(settings, store), key, came_back=came_back)
    finally:
        store.close()
    if not found:
        say(_no_mail(key, lang))
        return 1
    if came_back:
        vi, en = (
            "đã ghi là bị trả về; địa chỉ tạm không dùng",
            "it came back; its address is flagged",
        )
    else:
        vi, en = "không coi là bị trả về", "it is not taken to have come back"
    out.print(f"{key}: {en if lang == 'en' else vi}.", markup=False)
    return 0


def masked(address: str) -> str:
    """Return *address* so that it can be told from others and not be written to."""
    local_part, _, domain = address.partition("@")
    return f"{local_part[:1]}***@{domain}"


def _rows(store: Store) -> list[dict[str, Any]]:
    columns = [each for each in _OUTBOX.c if each.name not in ("raw", "token")]
    query = (
        select(*columns, _CONTACT.c.flagged_why, _CONTACT.c.retired_at)
        .outerjoin(_CONTACT, _CONTACT.c.ref == _OUTBOX.c.contact)
        .order_by(_OUTBOX.c.seq, _OUTBOX.c.key)
    )
    with store.reading() as connection:
        addresses = unsealed(connection, store.vault)
        return [
            {**row, "address": addresses.get(row["contact"] or "", "")}
            for row in connection.execute(query).mappings()
        ]


def _shown(row: Mapping[Any, Any], now: str, show_addresses: bool) -> dict[str, Any]:
    state = row["state"]
    if row["bounced_at"]:
        state = "bounced"
    elif state == "sent" and row["doubted"] and row["retired_at"] is None:
        state = "doubted"
    elif state in ("pending", "unknown") and (row["held_until"] or "") > now:
        state = "held"
    address = row["address"] or ""
    return {
        "key": row["key"],
        "document": row["stream"],
        "kind": row["kind"],
        "assignment": row["assignment"],
        "body": row["recipient"],
        "address": address if show_addresses or not address else masked(address),
        "state": state,
        "tries": row["tries"],
        "held_until": row["held_until"] if state == "held" else None,
        "next_at": row["next_at"] if state in ("pending", "unknown") else None,
        "settled_at": row["settled_at"],
        "code": row["last_code"],
        "status": row["enhanced"],
        "queue_id": row["queue_id"],
        "carried_by": row["carrier"],
        "reason": row["doubted"] if state == "doubted" else _reason(row),
    }


def _reason(row: Mapping[Any, Any]) -> str | None:
    why: str | None = row["flagged_why"] if row["last_text"] == FLAGGED else row["last_text"]
    return why


def counted(counts: Mapping[str, int], lang: str) -> str:
    """Return how many mails are in which state, in words."""
    vi = lang != "en"
    return ", ".join(
        f"{STATE_WORDS[state] if vi else state} {count}" for state, count in counts.items() if count
    )


def _print(found: list[dict[str, Any]], rows: list[dict[str, Any]], lang: str) -> None:
    vi = lang != "en"
    line = counted({state: sum(row["state"] == state for row in rows) for state in STATES}, lang)
    out.print(line or ("Chưa có thư nào." if vi else "No mail yet."), markup=False)
    if not found:
        return
    shown = Table(box=None, pad_edge=False)
    heads = ("Mã thư", "Nơi nhận", "Địa chỉ", "Tình trạng", "Lần", "Từ / đến lúc", "Lý do")
    if not vi:
        heads = ("Key", "Body", "Address", "State", "Tries", "Since / until", "Reason")
    for head in heads:
        shown.add_column(head, overflow="fold")
    for row in found:
        when = row["held_until"] or row["settled_at"] or row["next_at"]
        shown.add_row(
            row["key"],
            row["body"],
            row["address"] or "—",
            STATE_WORDS[row["state"]] if vi else row["state"],
            str(row["tries"]),
            f"{local(instant_of(when)):%d/%m/%Y %H:%M}" if when else "",
            row["reason"] or "",
        )
    out.print(shown)


def _undroppable(key: str, row: RowMapping | None, lang: str) -> str:
    if row is None:
        return _no_mail(key, lang)
    if row["carrier"]:
        return (
            f"This mail goes along with {row['carrier']}; drop that one."
            if lang == "en"
            else f"Thư này đi chung với {row['carrier']}; hãy bỏ thư đó."
        )
    if row["state"] not in _UNSENT:
        return (
            f"A mail that is {row['state']} cannot be dropped."
            if lang == "en"
            else f"Thư {STATE_WORDS[row['state']]} thì không bỏ được nữa."
        )
    return ""


def _no_mail(key: str, lang: str) -> str:
    return (
        f"No such mail needs it: {key!r}. See: cascade mail list"
        if lang == "en"
        else f"Không có thư nào như vậy đang chờ: {key!r}. Xem: cascade mail list"
    )
