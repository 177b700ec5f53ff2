"""Family E and the events of C: phrases from which no date follows, or not yet."""

import re
from typing import NamedTuple

from models.domain.deadlines.atoms import Line
from models.domain.deadlines.candidate import Candidate, Finding, Weight
from models.domain.deadlines.case import Case
from models.domain.deadlines.matcher import Matcher
from models.domain.deadlines.result import Kind

_SOURCES: dict[str, str] = {
    "triggered": """ngay (?:sau|khi) khi?|sau (?:khi|<EVENTS>)|khi (?:có|cần|phát sinh|được|nhận)
        |đột xuất|theo yêu cầu|(?:nếu|khi)? có phát sinh|ngay sau""",
    "begins": "(?:kể|tính|bắt đầu|hiệu lực) từ (?:ngày|khi|thời điểm|lúc)",
    "open_end": """(?:cho)? (?:đến|tới) khi|khi (?:hoàn thành|kết thúc|xong)|cho đến lúc""",
    "outside": """(?:theo|đúng|bảo đảm|đảm bảo) (?:theo|đúng)* (?:thời hạn|thời gian|tiến độ)?
        (?:quy định|chế độ (?:báo cáo)?|quy chế)|đúng (?:tiến độ|thời hạn|hạn|thời gian)""",
    "urgent": """trong thời gian sớm nhất|thời gian sớm nhất|càng sớm càng tốt|sớm nhất|sớm
        |khẩn trương|thượng khẩn|hỏa tốc|khẩn|ngay lập tức|lập tức|kịp thời|nhanh chóng|gấp
        |(?<!trong|trước|đến|tới|hết|từ|vào|nhất|quá|mỗi|hằng|một|nhiều)
            ngay (?!trong|từ|sau|khi|cả|càng|nay|qua|họp|bắt|ban hành|sinh|ký|tới|làm|[A-Z@])""",
    "standing": """(?<!về) (?:tiếp tục|tăng cường)|thường xuyên|liên tục|lâu dài|chú trọng|duy trì
        |suốt""",
}
_EVENTS = "(?:hội nghị|cuộc họp|kỳ họp|phiên họp|đại hội|đợt|lễ|tết)"
_MARK = Matcher(
    "|".join(f"(?P<{name}>{source})" for name, source in _SOURCES.items()), {"EVENTS": _EVENTS}
)
_VAGUE = Matcher(
    "(?:trong)? (?:thời gian|giai đoạn|nhiệm kỳ)? (?:tới(?!D|ngày)|sắp tới)"
    "|trong thời gian (?:qua|gần)|&"
)
_TIME = Matcher(
    "[DNQ] (?:[SHP][DNQ]|ngày|tuần|tháng|quý|năm|giờ)|(?:ngày|tháng|quý|năm) [DNQ]"
    "|(?:ngày|tháng|quý|năm) (?:x|i|v)?(?:x|i|v)?[SP*]"
    "|thời hạn|(?:chậm|muộn) nhất|trước ngày"
)
_KINDS = {
    "triggered": (Kind.TRIGGERED, "on-event", "chờ sự kiện"),
    "begins": (Kind.OPEN_END, "start", "nghĩa của từ"),
    "open_end": (Kind.OPEN_END, "open-end", "chờ sự kiện kết thúc"),
    "outside": (Kind.TRIGGERED, "outside-reference", "dẫn chiếu quy định khác"),
    "urgent": (Kind.URGENT, "urgent", "không có ngày; người phụ trách ấn định"),
    "standing": (Kind.STANDING, "standing", "nhiệm vụ thường xuyên"),
}


class Mark(NamedTuple):
    """A phrase that gives a duty its character but no date."""

    name: str
    event: str = ""

    def solve(self, case: Case) -> Finding:
        """Return its kind."""
        kind, rule, basis = _KINDS[self.name]
        if self.name == "begins":
            case.warn("not_a_deadline", what="mốc bắt đầu", what_en="a start")
        elif self.name in {"triggered", "open_end"}:
            case.warn("event_needed", event=self.event)
        else:
            case.warn("no_date")
        return Finding(kind, None, rule, basis)


class SameDay(NamedTuple):
    """trong ngày: the day of receipt ends."""

    def solve(self, case: Case) -> Finding:
        """Return the end of the day of the event, if it is known."""
        from models.domain.deadlines.case import end_of

        basis = "BLDS 2015 Đ.148 k.6 (ngày nhận)"
        if case.event_day is None:
            case.warn("event_needed", event="ngày nhận")
            return Finding(Kind.TRIGGERED, None, "within-day", basis)
        return Finding(Kind.BOUND, end_of(case.event_day), "within-day", basis)


_SAME_DAY = Matcher(
    "(?:ngay)? trong ngày (?![A-Z@x]|sau|làm|càng|nhận|ký|ban)|(?:ngay)? trong ngày nhận"
)


def find(line: Line, codes: str) -> list[Candidate]:
    """Return the dateless phrases of *line*, in order."""
    found = []
    for match in _SAME_DAY.all(codes):
        found.append(Candidate(match.start(), match.end(), Weight.FIRM, SameDay()))
    if found:
        return found
    for match in _MARK.all(codes):
        name = match.lastgroup or ""
        end = match.end()
        if name in {"triggered", "open_end", "begins"}:
            while end < len(codes) and end - match.end() < 12 and codes[end] not in "CMEKRP~":
                end += 1
        form = Mark(name, " ".join(line.words(match.start(), end)))
        weight = Weight.ASIDE if name == "begins" else Weight.LOOSE
        found.append(Candidate(match.start(), end, weight, form))
    return found


def is_vague(codes: str) -> re.Match[str] | None:
    """Return where the sentence speaks of a time that is no time: "trong thời gian tới"."""
    return _VAGUE.first(codes)


def speaks_of_time(codes: str) -> bool:
    """Tell whether the sentence has numbers or periods that no rule could read."""
    return _TIME.first(codes) is not None
