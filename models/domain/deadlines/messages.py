"""What people are told, in Vietnamese and English, by code."""

from functools import lru_cache

from models.domain.deadlines.result import Caution, Problem

_PROBLEMS: dict[str, tuple[str, str]] = {
    "empty": ("Không có chữ nào để đọc.", "There is nothing to read."),
    "too_long": (
        "Văn bản quá dài ({length} ký tự): chỉ đưa câu có thời hạn.",
        "The text is too long ({length} characters): give only the sentence with the deadline.",
    ),
    "no_deadline": (
        "Không thấy thời hạn nào trong câu. Hãy ghi rõ, ví dụ “trước ngày 31/10/2023”.",
        "No deadline was found. State one, for example “trước ngày 31/10/2023”.",
    ),
    "no_marker": (
        "Có mốc “{found}” nhưng không có chữ nào cho biết đó là thời hạn"
        " (trước, chậm nhất, trong, đến hết …).",
        "There is “{found}”, but no word makes it a deadline (before, at the latest, within …).",
    ),
    "not_understood": (
        "Không hiểu chắc chắn cụm “{found}”. Hãy viết lại hoặc nhập ngày cụ thể.",
        "“{found}” is not understood with certainty. Rewrite it or enter a date.",
    ),
    "invalid_date": (
        "Ngày không có thật: “{found}”. Hãy kiểm tra lại văn bản.",
        "There is no such date: “{found}”. Check the document.",
    ),
    "invalid_time": (
        "Giờ không có thật: “{found}”.",
        "There is no such time of day: “{found}”.",
    ),
    "invalid_number": (
        "Số không rõ hoặc phần số và phần chữ không khớp: “{found}”.",
        "The number is unclear, or its figures and its words differ: “{found}”.",
    ),
    "year_out_of_range": (
        "Năm {year} ngoài khoảng 1976–2199: “{found}”.",
        "The year {year} is outside 1976–2199: “{found}”.",
    ),
    "count_out_of_range": (
        "Khoảng thời gian không hợp lý: “{found}”.",
        "This length of time makes no sense: “{found}”.",
    ),
    "no_month": (
        "“{found}” không có tháng. Hãy bổ sung tháng, hoặc “hằng tháng” nếu là định kỳ.",
        "“{found}” has no month. Add one, or “hằng tháng” if it recurs.",
    ),
    "no_date_for_hour": (
        "Có giờ “{found}” nhưng không có ngày.",
        "There is an hour, “{found}”, but no day.",
    ),
    "needs_issue_date": (
        "“{found}” chỉ tính được khi biết ngày ban hành văn bản.",
        "“{found}” can only be computed from the document's date of issue.",
    ),
    "lunar": (
        "“{found}” là ngày âm lịch; hãy nhập ngày dương lịch (BLDS 2015 Điều 145).",
        "“{found}” is a lunar date; enter the solar one (Civil Code 2015, Article 145).",
    ),
    "weekday_mismatch": (
        "“{found}”: ngày {date} là {weekday}, không khớp thứ ghi trong văn bản.",
        "“{found}”: {date} falls on another weekday than the document says ({weekday}).",
    ),
    "several_deadlines": (
        "Có nhiều thời hạn khác nhau ({list}). Hãy tách câu cho từng nhiệm vụ.",
        "There are several deadlines ({list}). Split the sentence by duty.",
    ),
    "either_or": (
        "“{found}” nêu nhiều mốc để chọn hoặc một khoảng; không rõ mốc nào là hạn cuối.",
        "“{found}” names alternatives or a range; which one is last is unclear.",
    ),
    "not_before": (
        "“{found}” là không sớm hơn một mốc, không phải thời hạn cuối.",
        "“{found}” says not earlier than; it is no deadline.",
    ),
    "ambiguous_after": (
        "“{found}”: không rõ là chỉ làm sau thời gian đó hay phải xong trong thời gian đó.",
        "“{found}” may mean not before or no later than. Ask the issuer.",
    ),
    "reversed_window": (
        "“{found}”: mốc cuối trước mốc đầu.",
        "“{found}”: the end is before the beginning.",
    ),
    "torn_word": (
        "Chữ bị tách rời hoặc dính liền ở “{found}”, cạnh mốc thời gian. Hãy sửa lại cho đúng.",
        "A word is torn apart or run together at “{found}”, beside a date. Correct the text.",
    ),
    "part_of_day": (
        "“{found}” nêu buổi trong ngày, không rõ giờ. Hãy ghi giờ.",
        "“{found}” names a part of the day but no hour. State the hour.",
    ),
    "office_hours": (
        "“{found}” tính theo giờ làm việc, chưa có quy định giờ. Hãy ghi giờ.",
        "“{found}” depends on office hours, which are not known. State the hour.",
    ),
    "needs_hour": (
        "“{found}” tính theo giờ nhưng không biết giờ bắt đầu.",
        "“{found}” counts hours, but the hour it starts from is not known.",
    ),
    "vague": (
        "“{found}” không đủ rõ để tính ngày.",
        "“{found}” is too vague for a date.",
    ),
    "past": (
        "“{found}” nói về việc đã qua hoặc điều kiện, không phải thời hạn.",
        "“{found}” speaks of the past or of a condition; it is no deadline.",
    ),
}

_CAUTIONS: dict[str, tuple[str, str]] = {
    "no_year": (
        "Văn bản không ghi năm; đã lấy lần gần nhất không trước ngày ban hành: {date}.",
        "The text names no year; the first such date not before issue was taken: {date}.",
    ),
    "two_digit_year": (
        "Năm ghi hai chữ số, đọc là {year}.",
        "The year has two digits and was read as {year}.",
    ),
    "before_issue": (
        "Thời hạn kết thúc trước ngày ban hành ({issued}).",
        "The deadline ends before the date of issue ({issued}).",
    ),
    "on_issue_day": (
        "Thời hạn kết thúc ngay trong ngày ban hành ({issued}).",
        "The deadline ends on the day of issue ({issued}).",
    ),
    "day_off": (
        "Ngày cuối {date} là ngày nghỉ.",
        "The last day, {date}, is a day off.",
    ),
    "reading_on_day_off": (
        "Theo cách hiểu khác, ngày cuối {date} là ngày nghỉ.",
        "By another reading the last day, {date}, is a day off.",
    ),
    "rolled": (
        "Ngày cuối {date} là ngày nghỉ, đã chuyển sang ngày làm việc {rolled}.",
        "The last day, {date}, is a day off and moved to the working day {rolled}.",
    ),
    "ambiguous_word": (
        "“{word}” có thể hiểu khác; hãy xem các cách hiểu.",
        "“{word}” can be read otherwise; see the readings.",
    ),
    "bare_date": (
        "Chỉ có mốc thời gian, không có chữ “trước”, “chậm nhất” …; hiểu là đến hết mốc đó.",
        "Only a date, no word such as before or at the latest; read as until its end.",
    ),
    "relative": (
        "Tính theo ngày ban hành: {date}.",
        "Reckoned from the date of issue: {date}.",
    ),
    "scanned_digits": (
        "Chữ quét được đọc thành số: “{found}”.",
        "Scanned letters were read as digits: “{found}”.",
    ),
    "event_needed": (
        "Chưa tính được ngày: cần ngày xảy ra “{event}”.",
        "No date yet: enter when “{event}” happened.",
    ),
    "start_not_named": (
        "Văn bản không nói tính từ khi nào.",
        "The text does not say from when to count.",
    ),
    "event_is_issue_date": (
        "Tính từ ngày ban hành {date}.",
        "Counted from the date of issue, {date}.",
    ),
    "no_such_day": (
        "Tháng không có ngày tương ứng; lấy ngày cuối tháng {date} (Đ.148).",
        "The month has no such day; its last day {date} was taken (Article 148).",
    ),
    "some_months_shorter": (
        "Có tháng không có ngày {day}; tháng đó lấy ngày cuối tháng.",
        "Some months have no day {day}; their last day is taken.",
    ),
    "since_needed": (
        "Muốn biết các kỳ cụ thể, cần ngày ban hành.",
        "To see the occurrences, give the date of issue.",
    ),
    "day_not_set": (
        "Biết chu kỳ nhưng chưa biết ngày; cần người ấn định.",
        "The period is known but not the day; a person sets it.",
    ),
    "period_not_set": (
        "Định kỳ nhưng không nói chu kỳ; cần người ấn định.",
        "It recurs, but the period is not named; a person sets it.",
    ),
    "term_end_not_set": (
        "Chưa biết ngày kết thúc nhiệm kỳ; cần người ấn định.",
        "The end of the term is not known; a person sets it.",
    ),
    "term_differs": (
        "Nhiệm kỳ ghi trong văn bản kết thúc năm {year}, khác ngày đã ấn định {date}.",
        "The term in the text ends in {year}, unlike the date that was set, {date}.",
    ),
    "not_a_deadline": (
        "“{found}” là {what}, không phải thời hạn.",
        "“{found}” is {what_en}, not a deadline.",
    ),
    "no_date": (
        "Không có ngày nào tính được từ “{found}”; người phụ trách có thể ấn định.",
        "No date follows from “{found}”; a person may set one.",
    ),
    "approximate": (
        "“{word}”: mốc chỉ là ước chừng.",
        "“{word}”: the date is only approximate.",
    ),
    "part_of_day": (
        "Nêu buổi “{word}” nhưng không có giờ; lấy đến hết ngày.",
        "A part of the day (“{word}”) without an hour; the end of the day was taken.",
    ),
    "hour_after_date": (
        "Giờ ghi sau ngày; hiểu là giờ của ngày đó.",
        "The hour follows the date and was read as the hour of that day.",
    ),
    "working_days_by_note": (
        "Không tính ngày nghỉ theo ghi chú trong văn bản.",
        "Days off are not counted, as the text notes.",
    ),
    "calendar_days_by_note": (
        "Tính cả ngày nghỉ theo ghi chú trong văn bản.",
        "Days off are counted, as the text notes.",
    ),
    "calendar_not_checked": (
        "Lịch làm việc chưa rà soát năm {year}: mới tính được cuối tuần, chưa tính ngày lễ.",
        "The calendar was not checked for {year}: weekends are known, holidays are not.",
    ),
    "other_marks": (
        "Trong câu còn có: {list}.",
        "The sentence also says: {list}.",
    ),
    "set_aside": (
        "Trong câu còn mốc khác, không phải thời hạn cuối: {list}.",
        "The sentence holds other dates that are not its deadline: {list}.",
    ),
}

PROBLEM_CODES = frozenset(_PROBLEMS)
CAUTION_CODES = frozenset(_CAUTIONS)
QUOTING = frozenset(code for code, texts in _CAUTIONS.items() if "{found}" in texts[0])
"""Cautions that quote the words they are about."""


def problem(code: str, **facts: object) -> Problem:
    """Return the refusal *code* in both languages."""
    vi, en = _PROBLEMS[code]
    return Problem(code, vi.format(**facts), en.format(**facts))


def caution(code: str, **facts: str | int) -> Caution:
    """Return the warning *code* in both languages."""
    return _caution(code, tuple(facts.items()))


@lru_cache(maxsize=4096)
def _caution(code: str, facts: tuple[tuple[str, str | int], ...]) -> Caution:
    vi, en = _CAUTIONS[code]
    known = dict(facts)
    return Caution(code, vi.format(**known), en.format(**known))
