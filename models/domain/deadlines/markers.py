"""Words that say how a date binds: before, at the latest, until, within, from …"""

import re
from functools import lru_cache

MACROS = {
    "U9": "(?:một|mốt|hai|ba|bốn|tư|năm|lăm|nhăm|sáu|bảy|tám|chín)",
    "BY": "(?:(?:chậm|muộn|trễ|lâu) nhất|không (?:được|để)? (?:chậm|muộn|trễ) (?:hơn|quá)"
    "|không (?:được|để|kéo|dài|vượt)* quá|không (?:được|để)? sau|tối đa"
    "|(?:thời)? hạn (?:chót|cuối cùng?)|(?:ngày|thời điểm) (?:chót|cuối cùng|cuối)(?=<GAP>là))",
    "OWN": "(?:(?!đến|tới|hết|trước|chậm|muộn|trong|không|từ|sau|vào)[^A-Z@%&]){0,7}?",
    "GAP": "[^A-Z@%&]{0,7}?",
    "EVENTS": "(?:hội nghị|cuộc họp|kỳ họp|phiên họp|đại hội|họp|tết|dịp|lễ|đợt|buổi)",
    "POD": "(?:sáng|trưa|chiều|tối|đêm)",
    "MARKS": """(?P<neg>(?:không|chưa|chẳng|đừng) (?:được|phải|thể|nên)*)?
        (?: (?P<least>(?:không|chưa) (?:được|thể)? sớm hơn|sớm nhất (?:là|vào|từ)*)
        | (?P<cut>(?:tính|cập nhật|chốt|kê|kế|liệu) <GAP> (?:đến|tới) (?:hết|trước|ngày)*)
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


@lru_cache(maxsize=16_384)
def mark_of(match: re.Match[str]) -> str:
    """Return the name of the marker in *match*, empty if it has none."""
    return next((name for name in NAMES if match[name] is not None), "")
