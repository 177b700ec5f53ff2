"""Every code of lint: how grave it is while nobody has decided about it, and its headline."""

from config.lint.finding import Severity, Words

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

CODES: dict[str, tuple[Severity, Words]] = {
    # dates that cannot be kept together
    "report-before-work": (
        ERROR,
        Words(
            "Báo cáo đến hạn trước khi việc phải báo cáo xong",
            "A report is due before what it reports on may be finished",
        ),
    ),
    "synthesis-incomplete": (
        ERROR,
        Words(
            "Báo cáo tổng hợp đến hạn khi việc phải tổng hợp chưa xong",
            "A synthesis is due before the work it covers may be finished",
        ),
    ),
    "input-too-late": (
        ERROR,
        Words(
            "Không đủ ngày làm việc để tổng hợp",
            "Too few working days are left after the inputs",
        ),
    ),
    "upper-needs-earlier": (
        ERROR,
        Words(
            "Cấp dưới xong muộn hơn cấp trên cần",
            "The lower document finishes later than the upper one needs it",
        ),
    ),
    "too-short": (
        ERROR,
        Words("Thời gian ngắn hơn mức cần thiết", "Less time than the duty needs for itself"),
    ),
    "dated-after-deadline": (
        ERROR,
        Words("Văn bản ban hành sau hạn của chính nó", "A document is dated after its deadline"),
    ),
    "before-issue": (
        ERROR,
        Words("Hạn đến trước ngày ban hành", "A bound lies before the day of issue"),
    ),
    "two-bounds": (
        WARNING,
        Words("Một sản phẩm, hai thời hạn", "One product has two bounds"),
    ),
    "plans-after-last-report": (
        WARNING,
        Words(
            "Kế hoạch ban hành sau báo cáo cuối cùng",
            "Plans are issued after the only report",
        ),
    ),
    # how a date is read
    "on-day-off": (
        WARNING,
        Words("Ngày cuối của hạn là ngày nghỉ", "The last day is a day off"),
    ),
    "readings-differ": (
        WARNING,
        Words(
            "Hai cách đọc thời hạn lệch nhau quá một ngày hoặc qua ngày nghỉ",
            "Readings of the date differ by days or across days off",
        ),
    ),
    "scope-unclear": (
        WARNING,
        Words("Không rõ câu thời hạn tính cho việc nào", "The scope of a date is unclear"),
    ),
    "phrase-not-understood": (
        WARNING,
        Words("Không tính được ngày từ câu thời hạn", "No date follows from the words"),
    ),
    "period-missing": (
        WARNING,
        Words("Việc định kỳ không nêu kỳ", "Periodic duties without a period"),
    ),
    "calendar-year-missing": (
        WARNING,
        Words("Lịch nghỉ của năm chưa được rà soát", "The calendar was not checked for the year"),
    ),
    # who, to whom
    "no-date-no-owner": (
        WARNING,
        Words("Không có hạn, không nêu ai làm", "Neither a date nor a doer is named"),
    ),
    "named-without-date": (
        INFO,
        Words(
            "Có tên ở yêu cầu chung nhưng không có ở mục định hạn",
            "Named in a general demand, not where its date is set",
        ),
    ),
    "report-without-duty": (
        WARNING,
        Words("Phải báo cáo việc không được giao", "Must report on what it was not given to do"),
    ),
    "no-report-line": (
        WARNING,
        Words("Được giao việc nhưng không phải báo cáo", "Has duties, but no report line"),
    ),
    "receivers-differ": (
        INFO,
        Words("Báo cáo gửi nhiều nơi nhận khác nhau", "Reports go to different receivers"),
    ),
    "distribution-differs": (
        WARNING,
        Words(
            "Nơi nhận và nơi được giao việc không khớp",
            "The distribution list and the assignees differ",
        ),
    ),
    "no-end": (
        WARNING,
        Words(
            "Việc không có ngày kết thúc, đơn vị thì có",
            "Duties without an end for bodies that end",
        ),
    ),
    "no-owner": (ERROR, Words("Chưa giao cho ai", "Assigned to nobody")),
    "no-contact": (ERROR, Words("Không có hộp thư", "No address")),
    "empty-group": (ERROR, Words("Nhóm không có thành viên", "A group of nobody")),
    "not-valid": (
        ERROR,
        Words("Cơ quan không tồn tại vào ngày ban hành", "The body does not exist on the date"),
    ),
    # how it hangs together
    "circle": (ERROR, Words("Đi thành vòng", "Runs in a circle")),
    "unreachable": (ERROR, Words("Không bao giờ bắt đầu được", "Can never open")),
    "same-number-and-sign": (
        ERROR,
        Words("Hai văn bản trùng số và ký hiệu", "Two documents have the same number and sign"),
    ),
    "same-sign": (
        INFO,
        Words("Hai cơ quan dùng cùng ký hiệu văn bản", "Two issuers use the same sign"),
    ),
    "unknown-code": (
        ERROR,
        Words("Mã lint không có", "There is no such finding"),
    ),
    "settled": (
        WARNING,
        Words("Đã ghi là mâu thuẫn nhưng không còn", "Declared, but no longer found"),
    ),
}

PACKAGE = Words("Gói văn bản ghi chưa đúng", "The package is not right yet")
"""The headline of everything else that keeps a package from being issued."""


def severity_of(code: str) -> Severity:
    """Return how grave *code* is; unknown codes keep the package from being issued."""
    return CODES[code][0] if code in CODES else Severity.ERROR


def headline(code: str) -> Words:
    """Return the headline of *code*."""
    return CODES[code][1] if code in CODES else PACKAGE
