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
    "due_now": ("Hạn hiện nay", "Due now"),
    "due_moved": ("Hạn mới", "New date"),
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
    "moved_to": (
        "Chuyển cho {body}; {by} quyết định, căn cứ: {authority}.",
        "Moved to {body} by {by}, on: {authority}.",
    ),
    "st_asked": (
        "Đã xin gia hạn đến {bound}; đang chờ trả lời.",
        "An extension until {bound} was asked for; the answer is awaited.",
    ),
    "st_disputed": (
        "Đã báo nhiệm vụ không thuộc đơn vị; đang chờ trả lời.",
        "The unit has said that the duty is not its own; the answer is awaited.",
    ),
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
    "rc_nothing": (
        "Báo không có gì để báo cáo (bản thứ {version})",
        "Nothing to report (version {version})",
    ),
    "rc_correct": (
        "Báo cáo đã sửa, bản thứ {version}",
        "The report put right, version {version}",
    ),
    "rc_supplement": ("Bổ sung lần {number}", "Addition No. {number}"),
    "rc_extension": ("Xin gia hạn đến {bound}", "An extension asked for until {bound}"),
    "rc_refuse": ("Không gia hạn", "The extension was refused"),
    "rc_grant": ("Hạn mới: {bound}", "New date: {bound}"),
    "rc_calendar": (
        "Hạn mới theo lịch nghỉ: {bound}",
        "New date because of a day off: {bound}",
    ),
    "rc_dispute": (
        "Báo nhiệm vụ không thuộc đơn vị",
        "The unit says that the duty is not its own",
    ),
    "rc_keep": ("Nhiệm vụ vẫn thuộc đơn vị", "The duty stays with the unit"),
    "rc_waive": ("Được miễn thực hiện", "Waived"),
    "rc_moved": ("Chuyển sang đầu mối khác", "Moved to another body"),
    "entries": ("Những việc đã ghi nhận ({count})", "What was recorded ({count})"),
    "entry": ("Số {number}, {at}", "No. {number}, {at}"),
    "by_office": ("Nơi quyết định: {by}", "Decided by: {by}"),
    "on_authority": ("Căn cứ: {authority}", "On: {authority}"),
    "reason_given": ("Lý do: {reason}", "Reason: {reason}"),
    "on_behalf": ("nhập thay", "entered on behalf"),
    "on_behalf_why": (
        "Nhập thay từ văn bản giấy số {paper}, không qua liên kết của đơn vị: độ tin cậy thấp hơn.",
        "Entered from paper No. {paper}, not through the unit's own link: less sure.",
    ),
    "acknowledged_on_behalf": (
        "Do cơ quan khác ghi thay, không qua liên kết của đơn vị: độ tin cậy thấp hơn.",
        "Entered by another office, not through the unit's own link: less sure.",
    ),
    "answer": ("Trả lời đề nghị của đơn vị", "Answer to what the unit asked for"),
    "rc_accept": ("Chấp nhận báo cáo bản thứ {version}", "Version {version} was accepted"),
    "rc_return": ("Trả lại báo cáo bản thứ {version}", "Version {version} was returned"),
    "signed_by": ("Người ghi tên: {name}", "Name typed: {name}"),
    "nothing_more": (
        "Không cần làm gì thêm. Có thể mở lại trang này để xem biên nhận.",
        "There is nothing more to do. This page can be opened again to see the receipt.",
    ),
    "report_now": ("Báo cáo đã gửi: bản thứ {version}", "The report in: version {version}"),
    "then_report": (
        "Khi có kết quả, gửi báo cáo ở phần dưới trang.",
        "When it is done, hand in the report further down.",
    ),
    # The report
    "version": ("Bản thứ {version}", "Version {version}"),
    "version_at": ("gửi {at}", "sent {at}"),
    "version_corrected": ("sửa {at}", "put right {at}"),
    "said_nothing": ("Đơn vị báo không có gì để báo cáo.", "The unit has nothing to report."),
    "additions": ("Bổ sung sau khi gửi ({count})", "Additions ({count})"),
    "compare": ("Khác gì so với bản thứ {older}", "What differs from version {older}"),
    "compare_hint": (
        "Chữ gạch ngang: bản trước có, nay bỏ. Chữ đậm gạch chân: mới thêm.",
        "Struck through: it was there before. Bold and underlined: it is new.",
    ),
    "compare_same": ("Hai bản giống nhau.", "The versions are the same."),
    "compare_rest": ("Các mục khác giữ nguyên.", "All else is unchanged."),
    "was": ("trước", "before"),
    "is_now": ("nay", "now"),
    "was_empty": ("(để trống)", "(empty)"),
    "out": ("bỏ", "out"),
    "in": ("thêm", "in"),
    "versions_before": ("Các bản trước ({count})", "Earlier versions ({count})"),
    "version_whole": ("Xem toàn văn bản thứ {version}", "Read version {version} in full"),
    "report_plan": ("Kế hoạch đã ban hành", "Plan issued"),
    "plan_line": ("Số {number}, ngày {day}", "No. {number}, {day}"),
    "report_text": ("Nội dung", "Text"),
    "text_gone": ("(Nội dung không còn được lưu.)", "(The text is no longer kept.)"),
    "name_gone": ("(Họ tên đã được xóa.)", "(The name was erased.)"),
    "report_of": ("Báo cáo của {unit}", "Report of {unit}"),
    "no_report": ("Chưa có báo cáo nào.", "There is no report yet."),
    # Forms
    "name": ("Họ và tên người thực hiện", "Your full name"),
    "name_hint": ("Gõ đầy đủ họ và tên của anh/chị.", "Type your own full name."),
    "behalf_title": ("Nhập thay cho {unit}", "Entering on behalf of {unit}"),
    "behalf_lead": (
        "Trang này để ghi lại những gì đơn vị đã gửi bằng văn bản giấy. Việc ghi ở đây được đánh "
        "dấu “nhập thay” và có độ tin cậy thấp hơn việc đơn vị tự làm.",
        "This page is for what the unit has sent on paper. What is entered here is marked “entered "
        "on behalf” and counts as less sure than what the unit does itself.",
    ),
    "behalf_acknowledge_lead": (
        "{unit} đã báo (bằng giấy hoặc điện thoại) là đã nhận nhiệm vụ này.",
        "{unit} has said (on paper or by telephone) that it has received this duty.",
    ),
    "behalf_acknowledge_open": (
        "Đơn vị mới chỉ báo đã nhận việc? Ghi xác nhận",
        "Only an acknowledgement so far? Enter that",
    ),
    "behalf_name": ("Họ và tên người nhập", "Your full name (who enters this)"),
    "paper": ("Báo cáo giấy", "The paper"),
    "paper_number": ("Số, ký hiệu báo cáo giấy", "Number and sign of the paper"),
    "paper_date": ("Ngày ghi trên báo cáo giấy", "Date on the paper"),
    "paper_files": ("Bản quét (scan) của báo cáo giấy", "Scan of the paper"),
    "acknowledge_title": ("Xác nhận đã nhận việc", "Acknowledge the duty"),
    "acknowledge_lead": (
        "{unit} đã nhận và nắm rõ nhiệm vụ này.",
        "{unit} has received and understood this duty.",
    ),
    "acknowledge_button": ("Xác nhận đã nhận", "Acknowledge"),
    "report_title": ("Gửi báo cáo", "Hand in the report"),
    "behalf_report": ("Nhập báo cáo giấy", "Enter the report from paper"),
    "report_again": ("Gửi lại báo cáo", "Hand in the report again"),
    "report_already": ("Đã có kết quả? Gửi báo cáo ngay", "Done already? Hand in the report now"),
    "report_button": ("Gửi báo cáo", "Send the report"),
    "draft_button": ("Lưu nháp, gửi sau", "Save as a draft"),
    "draft_saved": (
        "Bản nháp lưu lúc {at}. Chưa gửi cho ai; gõ họ tên rồi bấm “{button}” khi xong.",
        "Draft saved at {at}. Nobody has got it; type your name and press “{button}” when done.",
    ),
    "correct_open": (
        "Gửi nhầm? Sửa báo cáo (đến {until})",
        "A slip? Put the report right (until {until})",
    ),
    "correct_title": ("Sửa báo cáo vừa gửi", "Put right what you have sent"),
    "correct_lead": (
        "Sửa được đến {until}. Bản đã sửa thay cho bản trước và vẫn tính theo lúc gửi đầu tiên.",
        "Possible until {until}. It takes the place of the version before and counts as sent when "
        "that was.",
    ),
    "correct_button": ("Gửi bản đã sửa", "Send the corrected report"),
    "supplement_open": ("Cần bổ sung? Gửi thêm", "Something to add? Send an addition"),
    "supplement_title": ("Gửi bổ sung", "Send an addition"),
    "supplement_lead": (
        "Báo cáo đã gửi giữ nguyên; phần bổ sung được chuyển đến nơi nhận báo cáo.",
        "The report stays as it is; the addition goes to those who read it.",
    ),
    "supplement_button": ("Gửi bổ sung", "Send the addition"),
    "addition": ("Nội dung bổ sung", "What you add"),
    "others": ("Trường hợp khác", "Something else?"),
    "extension_open": ("Không kịp hạn? Xin gia hạn", "Not enough time? Ask for an extension"),
    "extension_lead": (
        "Hạn hiện nay: {bound}. Đề nghị được gửi đến {office}; hạn chỉ đổi khi có trả lời.",
        "Due now: {bound}. {office} is asked; the date changes only with their answer.",
    ),
    "extension_button": ("Gửi đề nghị gia hạn", "Ask for the extension"),
    "until": ("Xin gia hạn đến hết ngày", "Until the end of"),
    "nothing_open": ("Không có gì để báo cáo?", "Nothing to report?"),
    "nothing_lead": (
        "Gửi thay cho báo cáo khi đơn vị không có nội dung nào thuộc nhiệm vụ này.",
        "Sent in the place of a report when the unit has nothing under this duty.",
    ),
    "nothing_button": ("Báo không có gì để báo cáo", "Report that there is nothing"),
    "dispute_open": ("Nhiệm vụ này không phải của đơn vị?", "Not your duty?"),
    "dispute_lead": (
        "{office} sẽ xem xét và trả lời. Trong khi chờ, nhiệm vụ và hạn vẫn giữ nguyên.",
        "{office} will decide. Until then the duty and its date stay as they are.",
    ),
    "dispute_button": ("Báo không thuộc đơn vị", "Say that it is not ours"),
    "why": ("Lý do", "Reason"),
    "files": ("Tệp kèm theo", "Files"),
    "files_hint": (
        "Tối đa {files} tệp, mỗi tệp {size}: PDF, Word, Excel hoặc ảnh.",
        "At most {files} files of {size} each: PDF, Word, Excel or pictures.",
    ),
    "files_kept": (
        "Các tệp này đã được giữ lại, không cần chọn lại. Bỏ dấu nếu không gửi nữa.",
        "These files are kept; there is no need to choose them again. Untick what is not to go.",
    ),
    "file_gone_label": ("không còn được lưu", "no longer kept"),
    "choose": ("— chọn —", "— choose —"),
    "day_hint": ("Ngày/tháng/năm, ví dụ {today}", "Day/month/year, such as {today}"),
    "decimal_hint": ("Có thể có phần lẻ, ví dụ 12,5", "May have decimals, such as 12.5"),
    "asked_by": ("Đề nghị của {unit}", "Request of {unit}"),
    "asked_extension": ("Xin gia hạn đến {bound}", "An extension until {bound}"),
    "asked_dispute": (
        "Đơn vị báo nhiệm vụ này không thuộc mình",
        "The unit says that this duty is not its own",
    ),
    "grant_title": ("Đồng ý gia hạn", "Grant the extension"),
    "grant_lead": (
        "Dời hạn ở mục {clause} cho riêng {unit}. Đơn vị được báo hạn mới.",
        "Moves the date of clause {clause} for {unit} alone. The unit is told.",
    ),
    "grant_others": (
        "Mục {clauses} còn đặt hạn sớm hơn ngày xin; hạn đó vẫn áp dụng cho đến khi được dời.",
        "Clause {clauses} sets an earlier date than the one asked for; it stays until it is moved "
        "as well.",
    ),
    "grant_until": ("Hạn mới: hết ngày", "New date: the end of"),
    "grant_button": ("Ghi nhận gia hạn", "Record the extension"),
    "refuse_open": ("Không đồng ý? Trả lời kèm lý do", "No? Answer with a reason"),
    "refuse_button": ("Không gia hạn", "Refuse the extension"),
    "keep_title": ("Giữ nguyên nhiệm vụ cho {unit}", "Leave the duty with {unit}"),
    "keep_button": ("Trả lời: nhiệm vụ vẫn thuộc đơn vị", "Answer: the duty stays"),
    "keep_else": (
        "Nếu đơn vị nói đúng: người vận hành chuyển việc (cascade reassign) hoặc cho miễn (cascade "
        "waive); trang này sẽ tự ghi là đã giải quyết.",
        "If the unit is right: an operator moves the duty (cascade reassign) or waives it (cascade "
        "waive); this page will then say that it is settled.",
    ),
    "authority": ("Số, ký hiệu văn bản trả lời", "Number of the decision"),
    "authority_hint": ("Ví dụ: 12-CV/VP", "For example: 12-CV/VP"),
    "settled": ("Đã giải quyết", "Settled"),
    "nothing_asked": (
        "Không có đề nghị nào đang chờ trả lời.",
        "No request is waiting for an answer.",
    ),
    "all_duties": ("Các nhiệm vụ khác của {unit}", "Other duties of {unit}"),
    "duties_of": ("Nhiệm vụ của {unit}", "Duties of {unit}"),
    "duties_lead": (
        "Danh sách này chỉ để xem. Muốn làm việc nào, xin mở thư của việc đó.",
        "This list is for looking only. To work on a duty, please open its own mail.",
    ),
    "duties_back": ("Trở lại nhiệm vụ đang mở", "Back to the open duty"),
    "duty_current": ("đang mở", "open here"),
    "clause_of": ("Mục {clause}, văn bản {number}", "Clause {clause} of {number}"),
    "du_pending": ("chưa bắt đầu", "not started"),
    "du_open": ("chờ xác nhận", "to be acknowledged"),
    "du_acknowledged": ("đã nhận, chờ báo cáo", "acknowledged, report awaited"),
    "du_returned": ("bị trả lại, cần gửi lại", "returned, to be sent again"),
    "du_submitted": ("đã gửi, đang xem xét", "sent, being reviewed"),
    "du_accepted": ("hoàn thành", "done"),
    "du_waived": ("được miễn", "waived"),
    "du_superseded": ("chuyển đơn vị khác", "moved to another body"),
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
    "busy_files": ("Riêng tệp phải chọn lại.", "Files must be chosen again."),
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
        "Không thể lớn hơn {label} ({total}).",
        "It cannot be larger than {label} ({total}).",
    ),
    "sum_above_total": (
        "{left} cộng lại là {sum}, lớn hơn {right} ({total}).",
        "{left} together make {sum}, more than {right} ({total}).",
    ),
    "sum_not_equal": (
        "{left} cộng lại là {sum}, phải bằng {right} ({total}).",
        "{left} together make {sum}; they must equal {right} ({total}).",
    ),
    "figure_not_decimal": (
        "Xin ghi một số không âm, ví dụ 12,5; tối đa {places} chữ số sau dấu phẩy.",
        "Please give a number from 0, such as 12.5, with at most {places} digits after the point.",
    ),
    "choice_missing": ("Xin chọn một mục.", "Please choose one."),
    "choice_unknown": ("Xin chọn lại một mục trong danh sách.", "Please choose one of the list."),
    "why_missing": ("Xin nêu lý do.", "Please say why."),
    "nothing_missing": (
        "Xin nêu vì sao không có gì để báo cáo.",
        "Please say why there is nothing to report.",
    ),
    "addition_missing": (
        "Xin viết nội dung bổ sung hoặc kèm ít nhất một tệp.",
        "Please write what you add, or attach at least one file.",
    ),
    "authority_missing": (
        "Xin ghi số, ký hiệu văn bản trả lời.",
        "Please give the number of the decision.",
    ),
    "paper_missing": (
        "Xin ghi số, ký hiệu báo cáo giấy.",
        "Please give the number of the paper.",
    ),
    "scan_missing": (
        "Xin kèm bản quét (scan) của báo cáo giấy.",
        "Please attach the scan of the paper.",
    ),
    "file_empty": ("Tệp “{file}” không có nội dung.", "The file “{file}” is empty."),
    "file_ending": (
        "Tệp “{file}” không thuộc loại nhận được. Xin gửi PDF, Word (.docx), Excel (.xlsx) hoặc "
        "ảnh (.jpg, .png).",
        "The file “{file}” is of a kind that is not taken. Please send PDF, Word (.docx), Excel "
        "(.xlsx) or a picture (.jpg, .png).",
    ),
    "file_other": (
        "Nội dung tệp “{file}” không đúng với đuôi tên, hoặc tệp bị hỏng. Xin mở tệp ra, lưu lại "
        "(tốt nhất là PDF) rồi gửi.",
        "What is in “{file}” is not what its name says, or it is damaged. Please open it, save it "
        "again (best as PDF) and send that.",
    ),
    "file_locked": (
        "Tệp “{file}” có mật khẩu hoặc là bản Word, Excel cũ. Xin lưu lại thành .docx, .xlsx hoặc "
        "PDF, không đặt mật khẩu.",
        "The file “{file}” has a password or is of an old Word or Excel. Please save it as .docx, "
        ".xlsx or PDF, without a password.",
    ),
    "file_too_large": (
        "Tệp “{file}” lớn hơn 10 MB. Xin giảm dung lượng hoặc chia thành nhiều tệp.",
        "The file “{file}” is larger than 10 MB. Please make it smaller or split it.",
    ),
    "files_too_many": ("Tối đa {files} tệp một lần gửi.", "At most {files} files at a time."),
    "file_photo": (
        "Ảnh “{file}” ở định dạng của điện thoại, hệ thống chưa nhận được. Xin chụp màn hình ảnh "
        "đó rồi gửi ảnh chụp màn hình, hoặc lưu thành .jpg hay PDF.",
        "“{file}” is in a telephone's own format, which is not taken. Please send a screenshot of "
        "it, or save it as .jpg or PDF.",
    ),
    "file_old": (
        "Tệp “{file}” là bản Word, Excel cũ. Xin mở ra, lưu lại thành .docx, .xlsx hoặc PDF rồi "
        "gửi.",
        "“{file}” is of an old Word or Excel. Please open it, save it as .docx, .xlsx or PDF and "
        "send that.",
    ),
    "file_unkept": (
        "Hệ thống chưa giữ được tệp “{file}”. Những gì đã nhập vẫn còn; xin chọn lại tệp và gửi "
        "lại sau ít phút.",
        "The file “{file}” could not be kept. What you typed is still here; please choose it again "
        "and send it in a few minutes.",
    ),
    "file_gone": (
        "Có tệp không còn được giữ; xin chọn lại tệp.",
        "A file is no longer kept; please choose it again.",
    ),
    "until_not_later": (
        "Ngày xin gia hạn phải sau hạn đang áp dụng và chưa qua.",
        "The date must be later than the one in force, and lie ahead.",
    ),
    "until_in_the_past": ("Ngày này đã qua.", "This date has passed."),
    "until_same_bound": (
        "Ngày này chính là hạn đang áp dụng.",
        "This is the date in force already.",
    ),
    "until_earlier": (
        "Ngày này sớm hơn hạn đang áp dụng.",
        "This date is earlier than the one in force.",
    ),
    "day_missing": ("Xin ghi ngày.", "Please give the date."),
    "day_unreadable": (
        "Không có ngày này trong lịch; xin ghi ngày/tháng/năm, ví dụ 20/10/2023.",
        "This is no date; please write day/month/year, such as 20/10/2023.",
    ),
    "day_ahead": (
        "Ngày này không thể sau hôm nay ({today}).",
        "This date cannot be after today ({today}).",
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
    "e408_text": (
        "Chưa ghi nhận gì, vì đường truyền quá chậm. Xin bấm nút quay lại của trình duyệt rồi gửi "
        "lại; nếu có tệp lớn, hãy gửi ít tệp hơn.",
        "Nothing was recorded, because the connection is too slow. Please use the back button of "
        "your browser and send it again; with large files, send fewer.",
    ),
    "e413": ("Gửi lên quá nhiều", "Too much at once"),
    "e413_text": (
        "Chưa ghi nhận gì, vì nội dung gửi lên lớn hơn mức hệ thống nhận (tối đa 5 tệp, mỗi tệp "
        "10 MB; chữ tối đa 5.000 ký tự). Xin bấm nút quay lại của trình duyệt: chữ đã gõ còn ở "
        "đó. Bỏ bớt tệp hoặc rút gọn chữ rồi gửi lại; bản nháp đã lưu không mất.",
        "Nothing was recorded, because what you sent is more than the system takes (at most 5 "
        "files of 10 MB each; texts of at most 5,000 characters). Please use the back button of "
        "your browser: what you typed is there. Remove files or shorten the text and send it "
        "again; a saved draft is not lost.",
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


def decimal_words(value: str, lang: str = "vi", *, grouped: bool = True) -> str:
    """Return ``1.234,5`` (or ``1,234.5``) for ``1234.5``."""
    whole, _, places = value.partition(".")
    words = number_words(int(whole), lang) if grouped else whole
    return words + (("," if lang == "vi" else ".") + places if places else "")


def size_words(size: int, lang: str = "vi") -> str:
    """Return the size of a file: ``812 kB``, ``1,2 MB``."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} kB"
    words = f"{size / 1_000_000:.1f} MB"
    return words.replace(".", ",") if lang == "vi" else words
