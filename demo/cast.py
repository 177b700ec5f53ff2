"""Who behaves how in the demonstration: most in time, some late, one silent, one corrected.

Decided by a seed and by what a mail says, as a clerk would; nothing is read from the system.
"""

import random
import re
from dataclasses import dataclass
from datetime import date, time, timedelta

from pendulum import DateTime

from models.domain.calendar import WorkCalendar, at

SLOTS = (time(9, 0), time(14, 30))
"""When clerks look at their desks."""
_DUE = re.compile(r"HẠN: .*?(\d{2})/(\d{2})/(\d{4})")
_CLAUSE = re.compile(r"CĂN CỨ: (?:mục )?(.+?),|^MỤC: (.+)$", re.MULTILINE)
_LINK = re.compile(r"https?://\S+/c/[A-Za-z0-9_-]{43}")
_PAPER = re.compile(r"^\S.* (\S+) ngày \d{2}/\d{2}/\d{4}$", re.MULTILINE)
"""In a digest, the document that the duties below it are of."""
_VERSION = re.compile(r"\(lần (\d+)\)")
_NUMBER = re.compile(r"\[(?P<number>[^\]]+)\]")

UNIT_REPORT_DUE = date(2023, 10, 20)
"""The bound of III.1 for unit reports, in which some are late."""
ABOVE = frozenset({"57-KL/TW", "240-KH/TU"})
"""Documents to which the level below reports by its own plan's synthesis, not by hand."""
UNIT_DOMAIN = re.compile(r"@(phuong|xa)-")


@dataclass(frozen=True, slots=True)
class Read:
    """What a clerk takes from a mail."""

    to: str
    number: str
    clause: str
    due: date | None
    version: int = 1
    """Of the report that the mail is about."""


def read(to: str, subject: str, text: str) -> Read:
    """Read a mail like a clerk: who, what, until when."""
    number = _NUMBER.search(subject)
    clause = _CLAUSE.search(text)
    due = _DUE.search(text)
    version = _VERSION.search(text)
    return Read(
        to,
        number["number"] if number else "",
        (clause[1] or clause[2]) if clause else "",
        date(int(due[3]), int(due[2]), int(due[1])) if due else None,
        int(version[1]) if version else 1,
    )


def duties(to: str, subject: str, text: str) -> list[tuple[str, Read, str]]:
    """Return the link, what is read, and the words of each duty in a mail: a digest has several."""
    links = [*_LINK.finditer(text)]
    if len(links) < 2:
        return [(link[0], read(to, subject, text), text) for link in links]
    found: list[tuple[str, Read, str]] = []
    begun = 0
    for link in links:
        words = text[begun : link.end()]
        papers = _PAPER.findall(text[: link.start()])
        number = f"[{papers[-1]}]" if papers else subject
        found.append((link[0], read(to, number, words), words))
        begun = link.end()
    return found


class Cast:
    """Who is late with the unit reports. The first of a shuffled list have a part to play."""

    PARTS = ("silent", "slow", "forgetful", "careless", "hurried")

    def __init__(self, seed: int, calendar: WorkCalendar | None = None) -> None:
        self._seed = seed
        self._calendar = calendar or WorkCalendar()
        self._parts: dict[str, str] = {}

    def assign(self, addresses: list[str]) -> None:
        """Give the parts to wards among *addresses*; the same for the same seed."""
        wards = sorted(each for each in addresses if UNIT_DOMAIN.search(each))
        random.Random(self._seed).shuffle(wards)
        self._parts = dict(zip(wards, self.PARTS, strict=False))

    def part(self, mail: Read) -> str:
        """Return the part of this clerk in this duty: one of ``PARTS``, or ``punctual``."""
        if mail.due == UNIT_REPORT_DUE and mail.clause.startswith("III.1"):
            return self._parts.get(mail.to, "punctual")
        return "punctual"

    def report_at(self, mail: Read, now: DateTime) -> DateTime | None:
        """Return when the clerk hands in the report; ``None`` for a duty without a date."""
        if mail.due is None or mail.number in ABOVE:
            return None
        match self.part(mail):
            case "silent":
                # Beyond three rungs and the start of the synthesis.
                return self._slot(self._calendar.shift(mail.due, 7), 1)
            case "slow":
                return self._slot(self._calendar.shift(mail.due, 3), 0)
            case "forgetful":
                return self._slot(self._calendar.shift(mail.due, 1), 1)
            case "hurried":
                # After the first bound, within the one that was asked for.
                return self._slot(self._calendar.shift(mail.due, 2), 0)
            case _:
                return self._in_time(mail, now)

    def asks_at(self, mail: Read) -> tuple[DateTime, date] | None:
        """Return when the clerk asks for more time, and until which day; ``None``: never."""
        if mail.due is None or self.part(mail) != "hurried":
            return None
        asks = self._slot(self._calendar.shift(mail.due, -5), 0)
        return asks, self._calendar.shift(mail.due, 3)

    def _in_time(self, mail: Read, now: DateTime) -> DateTime:
        assert mail.due is not None
        days = list(self._calendar.working_days(now.date() + timedelta(days=1), mail.due))
        if not days:
            return self.soon(mail, now)
        # Offices report towards the end of their time.
        rng = self._rng(mail)
        position = max(rng.random(), rng.random())
        return self._slot(days[min(int(position * len(days)), len(days) - 1)], rng.randrange(2))

    def soon(self, mail: Read, now: DateTime) -> DateTime:
        """Return the next time at the desk."""
        for slot in SLOTS:
            moment = at(now.date(), slot.hour, slot.minute)
            if moment > now and self._calendar.is_working(now.date()):
                return moment
        return self._slot(self._calendar.shift(now.date(), 1), 0)

    def returns(self, mail: Read, text: str) -> bool:
        """Tell whether the reviewing clerk finds fault with a report: it says so itself.

        Once: the page shows the first version beside the second, with its faults.
        """
        return mail.version == 1 and "chưa có số liệu" in text

    def _slot(self, day: date, index: int) -> DateTime:
        slot = SLOTS[index]
        return at(day, slot.hour, slot.minute)

    def _rng(self, mail: Read) -> random.Random:
        return random.Random(f"{self._seed}|{mail.to}|{mail.clause}|{mail.due}")

    def numbers(self, mail: Read) -> dict[str, int]:
        """Return figures that add up, for one unit."""
        rng = self._rng(mail)
        total = rng.randrange(60, 420)
        return {"total": total, "present": round(total * rng.uniform(0.9, 1.0))}
