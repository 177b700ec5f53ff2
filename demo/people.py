"""Simulated clerks: they read their mail and use the page behind the link, and know nothing else.

They reach the system by HTTP only: the catcher's list of mails and the portal's pages. When they
press a button and hear nothing (the portal was killed), they press it again later, like people.
"""

import heapq
import html
import logging
import re
from dataclasses import dataclass, field
from typing import Any

import httpx
from pendulum import DateTime

from demo.cast import Cast, Read, duties
from demo.form import Form, forms_of

log = logging.getLogger(__name__)

ACT, LOOK = "act", "look"
REASONS = {
    "return": "Báo cáo chưa có số liệu đảng viên tham gia học tập, đề nghị bổ sung.",
    "extension": "Mưa lũ, hội trường bị ngập; đơn vị phải dời lớp học tập sang tuần sau.",
    "grant": "Lý do chính đáng; phần tổng hợp vẫn kịp.",
}
NAMES = ("Nguyễn Thị Lan", "Trần Văn Minh", "Lê Thị Hoa", "Phạm Quốc Bảo", "Đỗ Thị Mai")


@dataclass(order=True, slots=True)
class Intention:
    """Something that a clerk means to do at an instant."""

    at: DateTime
    order: int
    verb: str = field(compare=False)
    url: str = field(compare=False)
    mail: Read = field(compare=False)
    tries: int = field(compare=False, default=0)


class People:
    """All clerks of the cascade."""

    def __init__(self, catcher: str, cast: Cast, client: httpx.Client | None = None) -> None:
        self._catcher = catcher.rstrip("/")
        self._cast = cast
        self._client = client or httpx.Client(timeout=30.0)
        self._seen = 0
        self._order = 0
        self._plans: list[Intention] = []
        self._known: set[tuple[str, str, str]] = set()
        self.done = 0

    @property
    def next_at(self) -> DateTime | None:
        """Return when the next clerk means to do something."""
        return self._plans[0].at if self._plans else None

    def read_mail(self, now: DateTime, wait: float = 0.0) -> int:
        """Read what has come since the last time and make plans; return how many mails.

        Waits up to *wait* seconds for the first one.
        """
        response = self._client.get(
            f"{self._catcher}/api/messages", params={"after": self._seen, "wait": wait}
        )
        response.raise_for_status()
        mails = response.json()
        for mail in mails:
            # Read is what a plan was made of: if the page does not answer, it is read again.
            self._plan(mail, now)
            self._seen = max(self._seen, int(mail["id"]))
        return len(mails)

    def act(self, now: DateTime) -> int:
        """Do everything that was meant for *now* or before; return how many things were done."""
        count = 0
        while self._plans and self._plans[0].at <= now:
            intention = heapq.heappop(self._plans)
            try:
                count += self._do(intention, now)
            except httpx.HTTPError as error:
                log.info("no answer from the page (%s), trying again", type(error).__name__)
                intention.tries += 1
                heapq.heappush(self._plans, intention)
                break
        self.done += count
        return count

    def _plan(self, mail: dict[str, Any], now: DateTime) -> None:
        for link, letter, words in duties(_address(mail["to"]), mail["subject"], mail["text"]):
            self._plan_duty(link, letter, words, now)

    def _plan_duty(self, link: str, letter: Read, text: str, now: DateTime) -> None:
        page = self._open(link)
        forms = forms_of(page.text) if page.status_code == httpx.codes.OK else {}
        if "accept" in forms:
            self._push("review", link, letter, self._cast.soon(letter, now))
            return
        if "grant" in forms:
            self._push("grant", link, letter, self._cast.soon(letter, now))
            return
        key = (letter.to, letter.number, f"{letter.clause}|{letter.due}|{_duty(text)}")
        first = key not in self._known
        self._known.add(key)
        if "acknowledge" in forms and first:
            self._push("acknowledge", link, letter, self._cast.soon(letter, now))
        if "report" in forms or "acknowledge" in forms:
            moment = self._cast.report_at(letter, now)
            if "được trả lại để bổ sung" in text:
                self._push("amend", link, letter, self._cast.soon(letter, now).add(days=1))
            elif first and moment is not None:
                self._push("report", link, letter, max(moment, now))
                if asks := self._cast.asks_at(letter):
                    self._push("extension", link, letter, max(asks[0], now))

    def _push(self, verb: str, url: str, mail: Read, moment: DateTime) -> None:
        self._order += 1
        heapq.heappush(self._plans, Intention(moment, self._order, verb, url, mail))

    def _open(self, url: str) -> httpx.Response:
        """Return the page; one that is out of order is as good as none."""
        page = self._client.get(url)
        if page.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise httpx.HTTPError(f"the page answered {page.status_code}")
        return page

    def _do(self, intention: Intention, now: DateTime) -> int:
        page = self._open(intention.url)
        if page.status_code != httpx.codes.OK:
            return 0
        forms = forms_of(page.text)
        verb = intention.verb
        if verb == "review":
            verb = (
                "return"
                if self._cast.returns(intention.mail, html.unescape(page.text))
                else "accept"
            )
        form = forms.get("report" if verb == "amend" else verb)
        if form is None:
            return 0  # somebody of the office did it through another mail
        answer = self._client.post(
            str(httpx.URL(intention.url).join(form.action)),
            data=self._filled(form, intention, verb, now),
            follow_redirects=False,
        )
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise httpx.HTTPError(f"the page answered {answer.status_code}")
        if answer.status_code != httpx.codes.SEE_OTHER:
            log.warning("%s %s: answer %s", verb, intention.mail, answer.status_code)
            return 0
        return 1

    def _filled(self, form: Form, intention: Intention, verb: str, now: DateTime) -> dict[str, str]:
        mail = intention.mail
        values = dict(form.fields)
        numbers = self._cast.numbers(mail)
        careless = verb == "report" and self._cast.part(mail) == "careless"
        for name, kind in form.kinds.items():
            if kind in ("hidden", "submit", "file", "checkbox"):
                continue
            if name in ("name", "who", "person"):
                values[name] = NAMES[hash_of(mail.to) % len(NAMES)]
            elif name == "reason":
                values[name] = REASONS[verb]
            elif name == "until" and verb == "extension":
                asks = self._cast.asks_at(mail)
                values[name] = f"{asks[1]:%d/%m/%Y}" if asks else ""
            elif name == "authority":
                values[name] = f"{hash_of(mail.to) % 90 + 10:02d}-CV/VP"
            elif name == "text":
                values[name] = (
                    "Đã tổ chức học tập; chưa có số liệu đầy đủ."
                    if careless
                    else "Đã tổ chức học tập, quán triệt và xây dựng kế hoạch theo yêu cầu."
                )
            elif name == "plan_number":
                values[name] = f"{hash_of(mail.to) % 90 + 10:02d}-KH/ĐU"
            elif name == "plan_date" or ".ngay_" in name:
                values[name] = f"{now:%d/%m/%Y}"
            elif kind == "select":
                choices = form.choices[name]
                values[name] = choices[hash_of(mail.to) % len(choices)]
            elif kind == "textarea" and name in form.required:
                values[name] = "Đã thực hiện theo yêu cầu."
            elif kind in ("text", "number") and not values.get(name):
                values[name] = str(self._figure(name, numbers))
        return values

    def _figure(self, name: str, numbers: dict[str, int]) -> int:
        if "total" in name or "tong" in name:
            return numbers["total"]
        if "session" in name or "buoi" in name or "lop" in name:
            return 1 + numbers["total"] % 3
        if "truc_tuyen" in name:
            return numbers["total"] // 4
        if "truc_tiep" in name:
            return numbers["total"] - numbers["total"] // 4
        if "tham_gia" in name or "present" in name or "attended" in name:
            return numbers["present"]
        return numbers["total"] // 4


def hash_of(text: str) -> int:
    """Return a number that is the same in every process."""
    return sum((index + 1) * ord(char) for index, char in enumerate(text))


def _address(to: str) -> str:
    match = re.search(r"<([^>]+)>", to)
    return match[1] if match else to


def _duty(text: str) -> str:
    match = re.search(r"VIỆC: (.*)", text)
    return match[1].strip() if match else ""
