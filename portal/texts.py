"""Every sentence of the pages, in Vietnamese and English, by key.

Values that vary stand in braces. Words follow ``docs/glossary.md``; the page speaks to a clerk, so
it says what was recorded and what to do next, and never blames.
"""

from collections.abc import Mapping
from typing import Literal

from portal.texts_links import LINK_TEXTS

Lang = Literal["vi", "en"]
LANGS: tuple[Lang, ...] = ("vi", "en")

_TEXTS: dict[str, tuple[str, str]] = {
    # The frame
    "site": ("Theo dõi nhiệm vụ", "Duty follow-up"),
    "other_lang": ("English", "Tiếng Việt"),
    "skip": ("Đến nội dung chính", "Skip to the content"),
    "footer": (
        "Trang này chỉ dành cho nơi nhận thư. Không chuyển tiếp liên kết cho người ngoài cơ quan. "
        "Xác nhận qua liên kết không phải là chữ ký số.",
        "This page is for the recipient of the mail only. Do not pass the link on outside the "
        "office. A confirmation through the link is not a digital signature.",
    ),
    # The duty
    "from_document": (
        "{kind} số {number}, ngày {day}, mục {clause}",
        "{kind} No. {number}, {day}, clause {clause}",
    ),
    "owed_by": ("Giao cho", "Assigned to"),
    "reports_to": ("Nơi nhận báo cáo", "Report goes to"),
    "via": ("qua {reviewer}", "through {reviewer}"),
    "due": ("Hạn", "Due by"),
    "due_new": ("Hạn gửi lại", "Send again by"),
    "due_first": ("Hạn ban đầu: {bound}.", "First due: {bound}."),
    "due_none": ("Thường xuyên, không có hạn riêng", "Standing duty, without a date of its own"),
    "phrase": ("Theo văn bản: “{phrase}”", "In the text: “{phrase}”"),
    "title": ("Tên văn bản: {title}", "Title: {title}"),
    "clause": ("Mục {clause} của văn bản", "Clause {clause} of the document"),
    "assumed": ("giả định", "assumed"),
    "assumed_why": (
        "Chỗ ghi “giả định” không có trong văn bản; đơn vị theo dõi tự hiểu như vậy.",
        "What is marked “assumed” is not in the document; it is how the office reads it.",
    ),
    "sample": ("mẫu", "sample"),
    # Where it stands
    "status": ("Tình trạng", "Status"),
    "st_pending": ("Chưa bắt đầu", "Not started yet"),
    "st_open": ("Chờ xác nhận và báo cáo", "Waiting to be acknowledged and reported"),
    "st_acknowledged": ("Đã nhận việc, chờ báo cáo", "Acknowledged, report awaited"),
    "st_returned": ("Báo cáo bị trả lại, cần gửi lại", "Report returned, to be sent again"),
    "st_submitted": ("Đã gửi báo cáo, đang được xem xét", "Report in, being reviewed"),
    "st_accepted": ("Hoàn thành: báo cáo đã được chấp nhận", "Done: the report was accepted"),
    "st_done": ("Hoàn thành", "Done"),
    "st_waived": ("Được miễn thực hiện", "Waived"),
    "st_superseded": ("Đã chuyển sang đầu mối khác", "Moved to another body"),
    "overdue_since": ("Quá hạn từ {since}", "Overdue since {since}"),
    "submitted_late": ("gửi muộn", "late"),
    "was_late": ("Báo cáo đến sau hạn.", "The report came after its date."),
    "waived_by": ("{by} cho miễn, căn cứ: {authority}.", "Waived by {by}, on: {authority}."),
    "returned_why": ("Lý do trả lại", "Why it was returned"),
    # Receipts
    "receipt": ("Đã ghi nhận", "Recorded"),
    "receipt_number": ("Biên nhận số {number}", "Receipt No. {number}"),
    "rc_acknowledge": ("Xác nhận đã nhận việc", "The duty was acknowledged"),
    "rc_report": ("Báo cáo, bản thứ {version}", "The report, version {version}"),
    "rc_accept": ("Chấp nhận báo cáo bản thứ {version}", "Version {version} was accepted"),
    "rc_return": ("Trả lại báo cáo bản thứ {version}", "Version {version} was returned"),
    "signed_by": ("Người ghi tên: {name}", "Name typed: {name}"),
    "nothing_more": (
        "Không cần làm gì thêm. Có thể mở lại trang này để xem biên nhận.",
        "There is nothing more to do. This page can be opened again to see the receipt.",
    ),
    "then_report": (
        "Khi có kết quả, gửi báo cáo ở phần dưới trang.",
        "When it is done, hand in the report further down.",
    ),
    # The report
    "version": ("Bản thứ {version}", "Version {version}"),
    "version_at": ("gửi {at}", "sent {at}"),
    "versions_before": ("Các bản trước ({count})", "Earlier versions ({count})"),
    "report_plan": ("Kế hoạch đã ban hành", "Plan issued"),
    "plan_line": ("Số {number}, ngày {day}", "No. {number}, {day}"),
    "report_text": ("Nội dung", "Text"),
    "text_gone": ("(Nội dung không còn được lưu.)", "(The text is no longer kept.)"),
    "report_of": ("Báo cáo của {unit}", "Report of {unit}"),
    "no_report": ("Chưa có báo cáo nào.", "There is no report yet."),
    # Forms
    "name": ("Họ và tên người thực hiện", "Your full name"),
    "name_hint": ("Gõ đầy đủ họ và tên của anh/chị.", "Type your own full name."),
    "acknowledge_title": ("Xác nhận đã nhận việc", "Acknowledge the duty"),
    "acknowledge_lead": (
        "{unit} đã nhận và nắm rõ nhiệm vụ này.",
        "{unit} has received and understood this duty.",
    ),
    "acknowledge_button": ("Xác nhận đã nhận", "Acknowledge"),
    "report_title": ("Gửi báo cáo", "Hand in the report"),
    "report_again": ("Gửi lại báo cáo", "Hand in the report again"),
    "report_already": ("Đã có kết quả? Gửi báo cáo ngay", "Done already? Hand in the report now"),
    "report_button": ("Gửi báo cáo", "Send the report"),
    "figures": ("Số liệu", "Figures"),
    "figures_hint": (
        "Số nguyên, có thể viết 1.234. Không có thì ghi 0.",
        "Whole numbers, such as 1.234 or 1234. Write 0 if there is none.",
    ),
    "optional": ("không bắt buộc", "optional"),
    "plan": ("Kế hoạch của đơn vị", "The unit's plan"),
    "plan_number": ("Số, ký hiệu", "Number and sign"),
    "plan_date": ("Ngày ban hành", "Date of issue"),
    "plan_date_hint": ("Ví dụ: {today}", "For example: {today}"),
    "text": ("Nội dung báo cáo", "Text of the report"),
    "accept_title": ("Chấp nhận báo cáo", "Accept the report"),
    "accept_lead": (
        "Báo cáo bản thứ {version} của {unit} đạt yêu cầu.",
        "Version {version} of the report of {unit} is good.",
    ),
    "accept_button": ("Chấp nhận", "Accept"),
    "return_title": ("Trả lại để bổ sung", "Return it for correction"),
    "return_open": ("Chưa đạt? Trả lại kèm lý do", "Not good yet? Return it with a reason"),
    "reason": ("Lý do, những điểm cần bổ sung", "Reason, and what is to be corrected"),
    "return_button": ("Trả lại báo cáo", "Return the report"),
    # What went wrong
    "errors": ("Chưa ghi nhận được. Xin xem lại:", "Not recorded yet. Please look again at:"),
    "expired": (
        "Trang đã mở quá lâu nên chưa ghi nhận gì. Những gì đã nhập vẫn còn; xin kiểm tra và gửi "
        "lại.",
        "The page was open too long, so nothing was recorded. What you typed is still here; "
        "please check it and send it again.",
    ),
    "busy": (
        "Hệ thống đang bận, chưa ghi nhận gì. Những gì đã nhập vẫn còn; xin gửi lại sau ít phút. "
        "Gửi nhiều lần cũng chỉ ghi nhận một lần.",
        "The system is busy; nothing was recorded. What you typed is still here; please send it "
        "again in a few minutes. Sending twice records once.",
    ),
    "unsaved": ("Nội dung vừa nhập, chưa được ghi nhận", "What you typed, not recorded"),
    "name_missing": ("Xin ghi họ và tên.", "Please type your name."),
    "missing": ("Xin điền mục này.", "Please fill this in."),
    "text_missing": ("Xin viết nội dung báo cáo.", "Please write the report."),
    "reason_missing": ("Xin nêu lý do trả lại.", "Please say why it is returned."),
    "plan_missing": ("Xin ghi số, ký hiệu kế hoạch.", "Please give the number of the plan."),
    "too_long": (
        "Dài {length} ký tự; tối đa {longest}.",
        "It has {length} characters; at most {longest}.",
    ),
    "hidden_characters": (
        "Có ký tự ẩn không dùng được; xin gõ lại thay vì dán.",
        "There are hidden characters in it; please type it instead of pasting.",
    ),
    "figure_missing": ("Xin ghi số; không có thì ghi 0.", "Please give a number; 0 if none."),
    "figure_not_whole": (
        "Xin ghi số nguyên không âm, ví dụ 1234 hoặc 1.234.",
        "Please give a whole number from 0, such as 1234 or 1.234.",
    ),
    "figure_too_large": ("Số quá lớn; phải dưới 1.000.000.000.", "Too large; below 10^9."),
    "figure_above_total": (
        "Không thể lớn hơn “{label}” ({total}).",
        "It cannot be larger than “{label}” ({total}).",
    ),
    "day_missing": ("Xin ghi ngày ban hành.", "Please give the date of issue."),
    "day_unreadable": (
        "Không có ngày này trong lịch; xin ghi ngày/tháng/năm, ví dụ 20/10/2023.",
        "This is no date; please write day/month/year, such as 20/10/2023.",
    ),
    "day_ahead": (
        "Ngày ban hành không thể sau hôm nay ({today}).",
        "The date of issue cannot be after today ({today}).",
    ),
    # The table of units
    "units": ("Báo cáo của các đơn vị", "Reports of the units"),
    "units_counts": (
        "{reported}/{units} đơn vị đã báo cáo; thiếu {missing}; quá hạn {late}.",
        "{reported} of {units} units have reported; {missing} missing; {late} late.",
    ),
    "units_sums": ("Tổng số liệu đã báo cáo", "Sums of what was reported"),
    "units_unnamed": ("… và {count} đơn vị nữa.", "… and {count} more units."),
    "unit": ("Đơn vị", "Unit"),
    "u_missing": ("chưa gửi", "missing"),
    "u_overdue": ("quá hạn", "overdue"),
    "u_returned": ("bị trả lại", "returned"),
    "u_submitted": ("đang xem xét", "being reviewed"),
    "u_accepted": ("đã chấp nhận", "accepted"),
    "u_waived": ("được miễn", "waived"),
    # Pages without a duty
    "e404": ("Liên kết không dùng được", "This link does not work"),
    "e404_text": (
        "Liên kết sai, đã hết hạn hoặc đã được thay thế. Xin mở thư mới nhất và bấm lại liên kết "
        "trong thư, hoặc hỏi cơ quan đã gửi thư.",
        "The link is wrong, out of date or replaced. Please open the newest mail and use its link, "
        "or ask the office that sent it.",
    ),
    "e400": ("Yêu cầu không đọc được", "The request cannot be read"),
    "e400_text": (
        "Chưa ghi nhận gì. Xin quay lại trang trước và gửi lại.",
        "Nothing was recorded. Please go back and send it again.",
    ),
    "e403": ("Yêu cầu đến từ trang khác", "The request came from another site"),
    "e403_text": (
        "Chưa ghi nhận gì. Xin mở liên kết trong thư và gửi từ chính trang đó.",
        "Nothing was recorded. Please open the link in the mail and send it from that page.",
    ),
    "e405": ("Không làm được như vậy ở đây", "This cannot be done here"),
    "e405_text": (
        "Chưa ghi nhận gì. Xin mở liên kết trong thư.",
        "Nothing was recorded. Please open the link in the mail.",
    ),
    "e408": ("Nhận dữ liệu quá lâu", "The data took too long"),
    "e408_text": ("Chưa ghi nhận gì. Xin gửi lại.", "Nothing was recorded. Please send it again."),
    "e413": ("Nội dung quá dài", "Too much at once"),
    "e413_text": (
        "Chưa ghi nhận gì. Xin quay lại trang trước, rút gọn nội dung rồi gửi lại.",
        "Nothing was recorded. Please go back, shorten the text and send it again.",
    ),
    "e500": ("Có lỗi phía hệ thống", "Something went wrong on our side"),
    "e500_text": (
        "Xin mở lại liên kết trong thư để xem đã ghi nhận gì chưa, rồi gửi lại nếu cần. Gửi nhiều "
        "lần cũng chỉ ghi nhận một lần.",
        "Please open the link in the mail again to see what is recorded, and send it again if "
        "needed. Sending twice records once.",
    ),
    "e503": ("Hệ thống đang bận", "The system is busy"),
    "e503_text": (
        "Chưa ghi nhận gì. Xin thử lại sau ít phút.",
        "Nothing was recorded. Please try again in a few minutes.",
    ),
    "again": ("Gửi lại", "Send again"),
}

TEXTS: Mapping[Lang, Mapping[str, str]] = {
    lang: {key: pair[index] for key, pair in (_TEXTS | LINK_TEXTS).items()}
    for index, lang in enumerate(LANGS)
}
"""All sentences of one language by key."""


def number_words(value: int, lang: str = "vi") -> str:
    """Return ``1.234`` (or ``1,234``), as offices write thousands."""
    words = f"{value:,}"
    return words.replace(",", ".") if lang == "vi" else words
