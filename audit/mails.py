"""The mails that facts owe, against the outbox and the links in it.

The outbox is read once, in the order of the documents and of their facts, beside the derivation:
for every effect of a fact there must be one row for each contact that the body had, and no other.
Which contacts a body had then is not in the ledger where the policy asks for no proof of notice; a
contact that got a mail before must get the next one too, unless it was erased.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from audit.codes import Code
from audit.contacts import NOBODY, Contacts
from audit.deliveries import Deliveries, Fate
from audit.ended import Ended
from audit.envelope import short
from audit.finding import Finding
from audit.instants import days_after, instant, writes_an_instant
from audit.opened import Opened
from audit.rederive import Judged
from audit.source import Source
from models.domain.effects import Notify, effects_of
from models.domain.facts import (
    FeasibilityChanged,
    Notice,
    NoticeAccepted,
    NoticeFailed,
    NoticeQueued,
)
from models.domain.machine import advance
from models.owed import ANEW, GRACE_DAYS, LINK_DAYS, RESENT, notice_key

_MAILS = (
    "SELECT o.stream, o.seq, o.key, o.message_id, o.assignment, o.kind, o.detail, o.recipient,"
    " o.contact, o.token, o.created_at, o.state, o.attested_at, o.bounced_at, l.token_sha256,"
    " l.stream, l.assignment, l.body, l.contact, l.purpose, l.created_at, l.person, l.expires_at,"
    " l.revoked_at"
    " FROM outbox o LEFT JOIN link l ON l.outbox = o.key WHERE o.stream <> ''"
    " ORDER BY {}, o.seq, {}, l.token_sha256"
)


@dataclass(frozen=True, slots=True)
class Mail:
    """A row of the outbox, with a link to it if there is one."""

    stream: str
    seq: int
    key: str
    message_id: str
    assignment: str
    kind: str
    detail: str
    recipient: str
    contact: str | None
    token: str | None
    created_at: str
    fate: Fate
    link: tuple[Any, ...] | None


class Outbox:
    """The outbox, going by once."""

    def __init__(self, source: Source, log_id: str, opened: Opened) -> None:
        query = _MAILS.format(source.in_order("o.stream"), source.in_order("o.key"))
        self._rows = source.rows(query)
        self._next = self._read()
        self._log_id = log_id
        self.source = source
        self.opened = opened
        self.ended = Ended(source)

    def _read(self) -> Mail | None:
        row = next(self._rows, None)
        if row is None:
            return None
        link = None if row[14] is None else row[14:]
        # SQLite keeps anything in any column; what is not of its kind belongs to no fact.
        stream, seq, key = row[:3]
        seq = seq if isinstance(seq, int) else 0
        return Mail(_text(stream), seq, _text(key), *(*row[3:11], Fate(*row[11:14]), link))

    def of(self, stream: str, seq: int) -> list[Mail]:
        """Return the rows of the fact *seq* of *stream*, which nobody has taken yet."""
        taken: list[Mail] = []
        while self._next is not None and (self._next.stream, self._next.seq) == (stream, seq):
            taken.append(self._next)
            self._next = self._read()
        return taken

    def before(self, stream: str, seq: int | None = None) -> Iterator[Mail]:
        """Take and yield the rows that come before *stream*, and before *seq* in it."""
        while self._next is not None and (
            self._next.stream < stream
            or (self._next.stream == stream and seq is not None and self._next.seq < seq)
        ):
            yield self._next
            self._next = self._read()

    def rest(self) -> Iterator[Mail]:
        """Take and yield all that is left."""
        while self._next is not None:
            yield self._next
            self._next = self._read()

    def message_id(self, key: str) -> str:
        """Return the local part of the Message-ID of the mail called *key*."""
        return hashlib.sha256(f"{self._log_id}|{key}".encode()).hexdigest()[:40]


class Owed:
    """One document's mails, as its facts go by."""

    def __init__(self, outbox: Outbox, contacts: Contacts, stream: str) -> None:
        self._outbox = outbox
        self._told = contacts.of_document()
        self._stream = stream
        self._deliveries = Deliveries(outbox.source, stream)
        self._open: dict[str, Notice] = {}
        """Mails found since the last word on what was queued, by their key in the outbox."""
        self._again: dict[str, tuple[Mail, Notice]] = {}
        """Mails that are owed once more (on request, to a new address) and that nobody spoke of."""
        self._first: int | None = None
        """The first fact since then that owes one."""
        self._proof = False
        self._recorded_at = ""

    def judge(self, judged: Judged) -> Iterator[Finding]:
        """Compare what one fact owes with what there is."""
        recorded = judged.recorded
        yield from map(added, self._outbox.before(self._stream, recorded.seq))
        mails = self._outbox.of(self._stream, recorded.seq)
        if judged.state is None:
            return  # what follows from a fact that does not stand is nobody's debt
        fact = recorded.fact
        self._proof = judged.state.document.policy.proof
        if isinstance(fact, NoticeQueued):
            yield from self._queued(recorded.seq, recorded.cause, fact)
        elif self._open and self._proof and self._closed_by(judged):
            yield self._unqueued(recorded.seq)
        if isinstance(fact, NoticeAccepted | NoticeFailed):
            yield from self._deliveries.fact(recorded.seq, recorded.recorded_at, fact)
        self._recorded_at = recorded.recorded_at
        must = effects_of(judged.state, fact)
        may = {each.key: each for each in must}
        if judged.alone and isinstance(fact, FeasibilityChanged):
            # It was judged after all that was settled with it, which may have closed more.
            now = instant(recorded.recorded_at)
            then = {each.key for each in effects_of(advance(judged.state, [], now).state, fact)}
            must = tuple(each for each in must if each.key in then)
        if not may and not mails:
            return
        yield from self._compare(judged, must, may, mails)

    def end(self, last: int, *, whole: bool) -> Iterator[Finding]:
        """Say what is left over when the document's facts have gone by."""
        left = [*self._outbox.before(self._stream + "\0")]
        if whole:
            yield from map(added, left)
            if self._open and self._proof:
                yield self._unqueued(last)
            if self._proof:
                yield from self._deliveries.end()
            yield from self._unasked()

    def _unasked(self) -> Iterator[Finding]:
        """Yield the mails sent again of which nothing says that somebody asked for them."""
        opened = self._outbox.opened
        for mail, notice in self._again.values():
            if self._proof:
                yield added(mail)
            elif not notice.link and RESENT not in mail.key:
                continue  # the change of an address asked for it, and it opens nothing
            elif not opened.resent(mail.key, notice.link):
                usable = mail.link is not None and str(mail.link[8]) > opened.now
                before = opened.unproven(mail.created_at, usable=usable)
                yield replace(added(mail), code=Code.LINK_UNRECORDED) if before else added(mail)

    def _closed_by(self, judged: Judged) -> bool:
        """Tell whether *judged* belongs to a later step: then the debts before it were queued."""
        recorded = judged.recorded
        return recorded.recorded_at != self._recorded_at or recorded.kind != "D"

    def _compare(
        self,
        judged: Judged,
        must: Iterable[Notify],
        may: dict[str, Notify],
        mails: list[Mail],
    ) -> Iterator[Finding]:
        recorded, there = judged.recorded, dict[str, set[str]]()
        last = ""
        for mail in mails:
            twice, last = mail.key == last, mail.key
            if self._proof and not twice:
                yield from self._deliveries.row(mail.key, mail.seq, mail.message_id, mail.fate)
            if twice:  # the same mail, with another link
                yield Finding(
                    Code.LINK_ADDED, recorded.seq, self._stream, f"link:{(mail.link or '?')[0]}"
                )
                continue
            if _once_more(mail.key):
                yield from self._resent(mail, may)
                continue
            base, _, contact = mail.key.rpartition("|")
            owed = may.get(base.removeprefix(f"{self._stream}|"))
            if owed is None or base != f"{self._stream}|{owed.key}":
                yield added(mail)
                continue
            there.setdefault(owed.key, set()).add(contact)
            yield from self._row(mail, owed, contact, recorded.recorded_at)
            yield from self._addressee(mail, owed, contact)
            self._note(mail, owed, contact)
        for owed in must:
            if owed.key not in there:
                yield self._missing(recorded.seq, owed.key)
            for contact in self._told.lacking(owed, there.get(owed.key, set()), recorded.seq):
                yield self._missing(recorded.seq, f"{owed.key}|{contact}")

    def _resent(self, mail: Mail, may: dict[str, Notify]) -> Iterator[Finding]:
        """Judge a mail that is owed once more: it says what this fact still says."""
        contact = mail.contact or ""
        owed = next(
            (
                each
                for each in may.values()
                if (each.kind.value, each.assignment, each.recipient, each.detail)
                == (mail.kind, mail.assignment, mail.recipient, mail.detail)
            ),
            None,
        )
        if owed is None or not writes_an_instant(mail.created_at):
            yield added(mail)
            return
        entry = _entry(mail.key)
        if entry is not None and RESENT not in mail.key:
            given = self._told.given(entry, contact, owed.recipient, mail.created_at)
            if not given or mail.key != f"{self._stream}|{owed.key}|{contact}{ANEW}{entry}":
                yield added(mail)
                return
        yield from self._row(mail, owed, contact, mail.created_at)
        yield from self._addressee(mail, owed, contact)
        effect, number = notice_key(mail.key), self._outbox.message_id(mail.key)
        token = str(mail.link[0]) if mail.link else ""
        about = (effect, number, mail.kind, owed.assignment, owed.recipient, contact, token)
        notice = Notice(*about)
        self._again[effect] = mail, notice

    def _addressee(self, mail: Mail, owed: Notify, contact: str) -> Iterator[Finding]:
        """Yield what is wrong with whom the mail goes to."""
        if contact == NOBODY:
            return
        owner = self._told.owner(contact)
        # What an address was given with is newer than the fact that it speaks of.
        entry = _entry(mail.key)
        since = mail.seq if entry is None else entry + 1
        if owner != owed.recipient or self._told.gone(contact, since):
            said = f"{contact} ({owner or '—'})"
            row = f"outbox:{mail.key}"
            yield _altered(Code.MAIL_ALTERED, mail, row, "contact", said, owed.recipient)

    def _row(self, mail: Mail, owed: Notify, contact: str, at: str) -> Iterator[Finding]:
        """Compare a row and its link, column by column."""
        kept = None if contact == NOBODY else contact
        linked = kept is not None and owed.assignment != ""
        expected = {
            "message_id": self._outbox.message_id(mail.key),
            "assignment": owed.assignment,
            "kind": owed.kind.value,
            "detail": owed.detail,
            "recipient": owed.recipient,
            "contact": kept,
            "created_at": at,
        }
        for column, value in expected.items():
            found = getattr(mail, column)
            if found != value:
                yield _altered(Code.MAIL_ALTERED, mail, f"outbox:{mail.key}", column, found, value)
        if mail.link is None:
            if linked:
                yield Finding(Code.LINK_MISSING, mail.seq, mail.stream, f"outbox:{mail.key}")
            return
        token = mail.link[0]
        if not linked:
            yield Finding(Code.LINK_ADDED, mail.seq, mail.stream, f"link:{token}")
            return
        if mail.token is not None:
            secret = hashlib.sha256(str(mail.token).encode()).hexdigest()
            if secret != token:
                yield _altered(
                    Code.LINK_ALTERED, mail, f"link:{token}", "token_sha256", token, secret
                )
        names = ("stream", "assignment", "body", "contact", "purpose", "created_at", "person")
        values = (mail.stream, owed.assignment, owed.recipient, kept, owed.purpose.value, at, None)
        *columns, expires, revoked = mail.link[1:]
        for column, found, value in zip(names, columns, values, strict=True):
            if found != value:
                yield _altered(Code.LINK_ALTERED, mail, f"link:{token}", column, found, value)
        ended = self._outbox.ended
        about = (mail.stream, str(owed.assignment), owed.purpose.value)
        made = None if RESENT in mail.key else _entry(mail.key) or mail.seq
        if not ended.good(about, self._told.retirements(contact), made, at, revoked):
            said = "Superseded, ContactChanged"
            yield _altered(Code.LINK_ALTERED, mail, f"link:{token}", "revoked_at", revoked, said)
        # When exactly depends on the duty's bound, which may have moved since.
        latest = days_after(at, LINK_DAYS)
        if not days_after(at, GRACE_DAYS) <= _text(expires) <= latest:
            yield _altered(
                Code.LINK_ALTERED, mail, f"link:{token}", "expires_at", expires, f"<= {latest}"
            )

    def _note(self, mail: Mail, owed: Notify, contact: str) -> None:
        if self._first is None:
            self._first = mail.seq
        kept = "" if contact == NOBODY else contact
        self._open[mail.key] = Notice(
            owed.key,
            self._outbox.message_id(mail.key) if kept else "",
            owed.kind.value,
            owed.assignment,
            owed.recipient,
            kept,
            str(mail.link[0]) if mail.link else "",
        )

    def _queued(self, seq: int, cause: int | None, fact: NoticeQueued) -> Iterator[Finding]:
        """Compare what the ledger says was queued with what the outbox has."""
        fresh = tuple(each for each in fact.notices if not _once_more(each.key))
        for each in fact.notices:
            if _once_more(each.key):
                yield from self._asked_again(seq, each)
        if not fresh:
            return
        said = {f"{self._stream}|{each.key}|{each.contact or NOBODY}": each for each in fresh}
        for key in sorted(said.keys() - self._open.keys()):
            yield self._missing(seq, key.removeprefix(f"{self._stream}|"))
        for key in sorted(self._open.keys() - said.keys()):
            yield Finding(Code.MAIL_ADDED, seq, self._stream, f"outbox:{key}")
        for key in sorted(said.keys() & self._open.keys()):
            if (other := _other_link(self._open[key], said[key])) is not None:
                yield Finding(
                    Code.LINK_ALTERED, seq, self._stream, f"link:{self._open[key].link}", data=other
                )
            elif said[key] != _as_said(self._open[key], said[key]):
                data = {"rules": short(self._open[key]), "ledger": short(said[key])}
                yield Finding(Code.RULE_DIFFERS, seq, self._stream, f"outbox:{key}", data=data)
        if len(said) != len(fresh):
            data = {"ledger": f"NoticeQueued {len(fresh)}", "why": f"{len(said)}"}
            yield Finding(Code.INPUT, seq, self._stream, data=data)
        if cause != self._first and self._open:
            data = {"found": short(cause), "why": f"→ {short(self._first)}"}
            yield Finding(Code.CAUSE, seq, self._stream, data=data)
        self._open, self._first = {}, None

    def _asked_again(self, seq: int, notice: Notice) -> Iterator[Finding]:
        """Compare what the ledger says is owed once more with the outbox."""
        found = self._again.pop(notice.key, None)
        if found is None:
            yield self._missing(seq, notice.key)
        elif (other := _other_link(found[1], notice)) is not None:
            row = f"link:{found[1].link}"
            yield Finding(Code.LINK_ALTERED, seq, self._stream, row, data=other)
        elif notice != _as_said(found[1], notice):
            data = {"rules": short(found[1]), "ledger": short(notice)}
            yield Finding(Code.RULE_DIFFERS, seq, self._stream, f"outbox:{found[0].key}", data=data)

    def _unqueued(self, seq: int) -> Finding:
        count = len(self._open)
        self._open, self._first = {}, None
        data = {"rules": f"NoticeQueued ({count})"}
        return Finding(Code.RULE_MISSING, seq, self._stream, data=data)

    def _missing(self, seq: int, what: str) -> Finding:
        row = f"outbox:{self._stream}|{what}"
        return Finding(Code.MAIL_MISSING, seq, self._stream, row, data={"what": what})


def _once_more(key: str) -> bool:
    """Tell whether a mail was owed before: somebody asked for it again, or an address changed."""
    return RESENT in key or ANEW in key


def _entry(key: str) -> int | None:
    """Return the number of the entry that gave a body the address of this mail, if one did."""
    number = key.partition(ANEW)[2].partition(RESENT)[0]
    return int(number) if number.isascii() and number.isdigit() else None


def _as_said(found: Notice, said: Notice) -> Notice:
    """Return what was found, as far as *said* speaks of it.

    Older ledgers name no link, and one that is gone is told by its mail.
    """
    return found if said.link and found.link else replace(found, link=said.link)


def _other_link(found: Notice, said: Notice) -> dict[str, str] | None:
    """Return how the link differs from what was queued, if nothing else does."""
    if not (said.link and found.link) or found.link == said.link:
        return None
    if replace(found, link=said.link) != said:
        return None
    expected, there = short(said.link), short(found.link)
    return {"column": "token_sha256", "found": there, "expected": expected}


def added(mail: Mail) -> Finding:
    """Return that no fact asks for *mail*."""
    return Finding(Code.MAIL_ADDED, mail.seq, mail.stream, f"outbox:{mail.key}")


def _text(value: object) -> str:
    return value if isinstance(value, str) else short(value)


def _altered(
    code: Code, mail: Mail, row: str, column: str, found: object, expected: object
) -> Finding:
    data = {"column": column, "found": short(found), "expected": short(expected)}
    return Finding(code, mail.seq, mail.stream, row, data=data)
