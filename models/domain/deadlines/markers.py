"""Words that say how a date binds: before, at the latest, until, within, from …"""

import re
from functools import lru_cache

from models.domain.deadlines.matcher import Matcher

MACROS = {
    "U9": "(?:một|mốt|hai|ba|bốn|tư|năm|lăm|nhăm|sáu|bảy|tám|chín)",
    "BY": "(?:(?:chậm|muộn|trễ|lâu) nhất|không (?:được|để)? (?:chậm|muộn|trễ) (?:hơn|quá)"
    "|không (?:được|để|kéo|dài|vượt)* quá|không (?:được|để)? sau|tối đa"
    "|(?:thời)? hạn (?:chót|cuối cùng?)|(?:ngày|thời điểm) (?:chót|cuối cùng|cuối)(?=<GAP>là))",
    "OWN": "(?:(?!đến|tới|hết|trước|chậm|muộn|trong|không|từ|sau|vào)[^A-Z@%&]){0,7}?",
    "GAP": "[^A-Z@%&]{0,7}?",
    "EVENTS": "(?:hội nghị|cuộc họp|kỳ họp|phiên họp|đại hội|họp|tết|dịp|lễ|đợt|buổi)",
    "POD": "(?:sáng|trưa|chiều|tối|đêm)",
    # A value, a sign, dots or a scrawl where a number should be.
    "BLANK": "(?:[A-BD-GI-KNOQS-Z@%~*=]|[LH][A-Z*]|P[PES]|E[SDNQ]|<ROMAN>|x{1,2}[SH*=]"
    "|x{1,2}(?:Y|(?:năm|nam)(?:[DNQ]|nay|này|sau|tới)))",
    "ROMAN": "(?:i|ii|iii|iv|v|vi|l|ll|lll|lv)",
    # an hour that follows its day, with a word of its own: "ngày 20/10, trước 17h00"
    "LATE": """(?:[CLHK=]? (?:(?P<before2>trước)|(?P<by2><BY> (?:là|vào|lúc|K)*)|vào|lúc)*
        (?P<clock2>[OG](?!kể|tính|từ|sau|trước|ngày|[ATV])) R?)?""",
    "MARKS": """(?P<neg>(?:không|chưa|chẳng|đừng) (?:được|phải|thể|nên)* (?!sau))?
        (?: (?P<least>(?:không|chưa) (?:được|thể)? sớm hơn|sớm nhất (?:là|vào|từ)*)
        | (?P<cut>(?:tính|cập nhật|chốt|kê|kế|liệu|tầm nhìn) <GAP> (?:đến|tới) (?:hết|trước|ngày)*)
        | (?P<through>trước (?:hoặc|và|hay) (?:trong|vào|đúng|đến)
            |trước khi (?:hết|kết thúc|qua))
        | (?P<before>(?:<BY> <GAP> (?:là|vào|K)?)? (?:đến|tới|xong|là)? trước
            (?:thời điểm|mốc|thời hạn|khi đến)? K?)
        | (?P<by><BY> (?:<GAP>(?:là|K))? (?:là|vào|đến|tới|trong|hết|lúc|khoảng|cuối(?=A|ngày)|K)*)
        | (?P<until>(?:cho)? (?:đến|tới) (?:khi)? hết|(?:cho)? (?:đến|tới) cuối(?=A|ngàyA)|hết)
        | (?P<within>(?:ngay|nội)? trong (?:nội|khoảng|suốt|cả)?)
        | (?P<to>(?:thời)? hạn? (?:cho)? (?:đến|tới))
        | (?P<at>vào (?:lúc|khoảng)?|lúc)
        | (?P<from>(?:kể|tính|bắt đầu|hiệu lực)* từ (?:sau)?)
        | (?P<after>(?:ngay)? sau (?:thời điểm)?)
        | (?P<due>(?:thời)? hạn <OWN> (?:là|K|C)? (?:trong)?)
        | (?P<done>(?:hoàn thành|hoàn tất|xong|tiến độ|thời gian <GAP> thành|thời gian <GAP> hiện)
            (?:dứt điểm|việc)? (?:là|K)?)
        )""",
}
NAMES = (
    "least", "cut", "through", "before", "by", "until", "within", "to", "at", "from",
    "after", "due", "done",
)  # fmt: skip


_ASIDE = frozenset({"from", "after", "cut", "before"})


def hours_mark(match: re.Match[str], mark: str) -> str:
    """Return *mark*, or that of the hour's own word if it has one: "ngày 20/10, trước 17h00"."""
    own = "before" if match["before2"] else "by" if match["by2"] else ""
    return own if own and mark not in _ASIDE else mark


@lru_cache(maxsize=16_384)
def mark_of(match: re.Match[str]) -> str:
    """Return the name of the marker in *match*, empty if it has none."""
    return next((name for name in NAMES if match[name] is not None), "")


_DUE_LABEL = Matcher("hạn|thành|tất|tiến độ|thời gian|xong|báo|gửi|nộp|trình|mốc|chót", MACROS)
_EVENT_LABEL = Matcher("họp|hội nghị|đại hội|bắt đầu|buổi|ra|lập|sinh|phát", MACROS)


def is_due_label(label: str | None) -> bool:
    """Tell whether the codes before a colon, if any, name a deadline: "Hạn nộp", no "Khai mạc"."""
    return label is None or bool(_DUE_LABEL.first(label) and not _EVENT_LABEL.first(label))
