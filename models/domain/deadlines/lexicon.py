"""Words of the grammar as single characters, so that a sentence becomes a short code string.

Patterns of the grammar are written in Vietnamese and compiled to regular expressions over code
strings: one character per word, number or sign. A word matches with its diacritics, with some of
them lost (``chậm nhât``) or with none; where that makes two words of the grammar alike (``sau`` /
``sáu``, ``từ`` / ``tư``), the character stands for both and the surrounding words decide.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_WORDS = """
số ngày ngay mồng mười tháng hai ba mươi một mốt bốn tư năm lăm nhăm sáu bảy tám chín giêng chạp
lần của nam nghìn không trăm linh nay này sau tới trước nhất hết đến quá hơn và hạn tuần giờ t
quý i ii iii iv v vi l ll lll lv quy nửa đầu cuối học tài ngân kế mỗi có là trong hằng từng kỳ
cứ định kể tính từ vài mấy dăm ít nhiều phút làm việc hành chính đêm lịch công liên tục tiếp lễ
rưỡi h g p sáng trưa chiều tối thứ chủ nhật hôm mai chưa chẳng đừng được phải thể nên sớm vào
cập chốt kê liệu hoặc hay đúng khi kết thúc qua chậm muộn trễ lâu để kéo dài vượt đa thời chót
cùng điểm xong mốc lúc khoảng cho nội suốt cả bắt hiệu lực hoàn thành tất tiến độ gian hiện dứt
buổi bao gồm đó tết âm al trở về lên sinh nạp ra lập đã vẫn còn áp dụng thi cấm tiên thượng
trung hạ giữa giai đoạn nhiệm nhuận ngoái vừa gần liền đại báo cao ấy rồi toàn đây cáo sang tầm nhìn
thiểu dưới chỉ vòng đủ trừ nghỉ theo nữa hội nghị cuộc họp phiên dịp đợt gửi nộp trình xuất xử
giải lời ban so với quả kề đối hoạch các chế sơ tổng cần phát nhận đột yêu cầu nếu bảo đảm càng
tốt khẩn trương hỏa tốc tức kịp nhanh chóng gấp tăng cường thường xuyên chú trọng duy trì sắp ký
"""
KEYWORDS = tuple(_WORDS.split())

ALIASES = {
    "quí": "quý", "qui": "quy", "kì": "kỳ", "kí": "ký", "hoả": "hỏa", "bẩy": "bảy",
    "il": "ii", "li": "ii", "iil": "iii", "ili": "iii", "ill": "iii", "lii": "iii", "lil": "iii",
    "lli": "iii", "ngàn": "nghìn", "lẻ": "linh", "mùng": "mồng", "ph": "phút", "hàng": "hằng",
}  # fmt: skip
"""Other spellings of one word: both are right, or meant the same."""

NOISE = {
    "trwdc": "trước", "trudc": "trước", "trwoc": "trước", "truec": "trước", "trwec": "trước",
    "tmoc": "trước", "tnroc": "trước", "truoe": "trước", "trudec": "trước", "truoec": "trước",
    "trwde": "trước", "trurdc": "trước", "trvdc": "trước", "truac": "trước", "trwóc": "trước",
    "ngdy": "ngày", "ngiy": "ngày", "ngaiy": "ngày", "ngảy": "ngày", "ngạy": "ngày",
    "thdng": "tháng", "thing": "tháng", "theng": "tháng", "thảng": "tháng", "ndm": "năm",
    "hdng": "hằng", "nhdt": "nhất", "gid": "giờ", "trườc": "trước", "trược": "trước",
}  # fmt: skip
"""What scanners make of a word, where it is no other word."""

_STROKE = "\u0335"
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")


def _decompose(word: str) -> list[tuple[str, frozenset[str]]]:
    letters: list[tuple[str, set[str]]] = []
    for char in unicodedata.normalize("NFD", word).replace("đ", "d" + _STROKE):
        if letters and (unicodedata.combining(char) or char == _STROKE):
            letters[-1][1].add(char)
        else:
            letters.append((char, set()))
    return [(base, frozenset(marks)) for base, marks in letters]


@lru_cache(maxsize=16_384)
def letters(word: str) -> str:
    """Return *word* (lower case) without diacritics: ``trước`` becomes ``truoc``."""
    return "".join(base for base, _ in _decompose(word))


@lru_cache(maxsize=16_384)
def fold(word: str) -> str:
    """Return the letters of the word that *word* (lower case) stands for, without diacritics.

    ``trước`` and ``trwdc`` (a scanner's) both give ``truoc``: what :func:`encode` takes for one
    word of the grammar must look like it to whoever asks which word it was.
    """
    word = ALIASES.get(word, word)
    plain = letters(NOISE.get(word, word))
    if plain in _GROUPS:
        return plain
    alias = _ALIAS_FOLDS.get(plain)
    known = ALIASES[alias] if alias and _worn(word, alias) else NOISE.get(plain)
    return plain if known is None else letters(known)


def _worn(word: str, keyword: str) -> bool:
    """Tell whether *word* is *keyword* with nothing but diacritics lost, or its tone misplaced.

    ``qúy`` and ``quý``, ``trứơc`` and ``trước`` are one word each, typed in two orders.
    """
    have, full = ([marks for _, marks in _decompose(each)] for each in (word, keyword))
    if all(mine <= right for mine, right in zip(have, full, strict=True)):
        return True
    tones = [frozenset().union(*each) & _TONES for each in (have, full)]
    shapes = zip(have, full, strict=True)
    return tones[0] == tones[1] and all(mine - _TONES <= right for mine, right in shapes)


_CODE = {word: chr(0x4E00 + number) for number, word in enumerate(KEYWORDS)}
_GROUPS: dict[str, list[str]] = {}
for _word in KEYWORDS:
    _GROUPS.setdefault(letters(_word), []).append(_word)
_SHARED = {
    folded: chr(0x7000 + number)
    for number, (folded, words) in enumerate(_GROUPS.items())
    if len(words) > 1
}
_ALIAS_FOLDS = {letters(_alias): _alias for _alias in ALIASES}
_SIGNS = {
    "/": "S", "-": "H", "–": "H", "—": "H", "−": "H", "‐": "H", "‑": "H", "→": "H", ".": "P",
    ":": "K", ",": "C", "(": "L", ")": "R", "[": "L", "]": "R", ";": "M", "'": "J", "’": "J",
    "′": "J", "!": "E", "?": "E", "|": "=", "\\": "=",
}  # fmt: skip
OTHER = "x"
SIGN = "*"
"""An unknown word; a sign that means nothing here."""


def _group(folded: str, words: Iterable[str]) -> str:
    found = list(words)
    if not found:
        return OTHER
    return _CODE[found[0]] if len(found) == 1 else _SHARED[folded]


def encode(token: str, marked: bool) -> str:
    """Return the code of one *token* (lower case, NFC); *marked*: its text has diacritics."""
    if token[0].isdecimal():
        return "D" if len(token) < 3 else "Q" if len(token) == 4 else "N"
    if not token[0].isalpha():
        return "E" if len(token) > 1 else _SIGNS.get(token, SIGN)
    token = ALIASES.get(token, token)
    token = NOISE.get(token, token)
    if marked and token in _CODE:
        return _CODE[token]
    plain = letters(token)
    if plain not in _GROUPS:
        known = fold(token)
        return OTHER if known not in _GROUPS else _group(known, _GROUPS[known])
    if token == plain and not marked:
        return _group(plain, _GROUPS[plain])
    return _group(plain, (word for word in _GROUPS[plain] if _worn(token, word)))


_PIECE = re.compile(r"\(\?P<\w+>|\(\?P=\w+\)|<([A-Z0-9_]+)>|([a-zà-ỹđ]+)|\s+|#[^\n]*")


def pattern(source: str, macros: dict[str, str] | None = None) -> str:
    """Return the regular expression over code strings for *source*, written in words.

    Lower-case words are keywords (``KeyError`` if unknown), ``<NAME>`` is a macro, capitals are
    codes, spaces mean nothing.
    """

    def replace(match: re.Match[str]) -> str:
        if match[1]:
            return pattern((macros or {})[match[1]], macros)
        if match[2] and match[2] != OTHER:
            code = _CODE[match[2]]
            shared = _SHARED.get(letters(match[2]))
            return f"[{code}{shared}]" if shared else code
        return "" if match[0].isspace() else match[0]

    return _PIECE.sub(replace, source)
