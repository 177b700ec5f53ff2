"""Every expected *no*, with its sentence for the person who asked, in Vietnamese and English."""

from collections.abc import Sequence

from models.domain.errors import Refusal

NOT_OPEN = Refusal(
    "not-open",
    "Nhiệm vụ này chưa bắt đầu, nên chưa ghi nhận gì.",
    "This duty has not started yet; nothing was recorded.",
)
UNKNOWN = Refusal(
    "unknown-assignment",
    "Không có nhiệm vụ này trong văn bản.",
    "The document has no such assignment.",
)
CLOSED = Refusal(
    "closed",
    "Nhiệm vụ này đã kết thúc, nên không ghi nhận thêm.",
    "This duty is closed; nothing more was recorded.",
)
DONE = Refusal(
    "done-already",
    "Việc này đã được ghi nhận trước đó; không ghi nhận lần thứ hai.",
    "This was recorded before; it was not recorded a second time.",
)
UNDER_REVIEW = Refusal(
    "under-review",
    "Báo cáo đã gửi và đang được xem xét; chưa thể gửi bản khác.",
    "The report is in and being reviewed; another version cannot be sent yet.",
)
STALE = Refusal(
    "stale-version",
    "Đã có phiên bản khác của báo cáo này. Hãy mở lại trang để xem bản mới nhất.",
    "There is another version of this report. Open the page again to see the newest.",
)
NOTHING_TO_REVIEW = Refusal(
    "nothing-to-review",
    "Chưa có báo cáo nào đang chờ xem xét.",
    "No report is waiting for review.",
)
NO_BOUND = Refusal(
    "no-bound",
    "Nhiệm vụ này không có thời hạn trong văn bản, nên không có gì để dời.",
    "The text sets no date for this duty; there is nothing to move.",
)
NOT_OWED = Refusal(
    "not-owed",
    "Có đơn vị không được giao nhiệm vụ này, nên chưa ghi nhận gì.",
    "A named body does not owe this duty; nothing was recorded.",
)
IN_THE_PAST = Refusal(
    "in-the-past",
    "Thời hạn mới đã qua; hãy chọn một ngày còn ở phía trước.",
    "The new date has passed already; choose one that lies ahead.",
)
SAME_BOUND = Refusal(
    "same-bound",
    "Thời hạn mới trùng với thời hạn đang áp dụng; không có gì thay đổi.",
    "The new date is the one in force already; nothing changed.",
)
EARLIER = Refusal(
    "earlier",
    "Thời hạn mới sớm hơn thời hạn đang áp dụng của ít nhất một đơn vị."
    " Nếu đúng là rút ngắn, hãy nói rõ (--earlier).",
    "The new date is earlier than the one in force for somebody."
    " To shorten it, say so (--earlier).",
)
TOO_LATE_TO_CORRECT = Refusal(
    "too-late-to-correct",
    "Đã quá thời gian được sửa báo cáo. Hãy gửi báo cáo bổ sung.",
    "The time for putting the report right is over. Send an addition instead.",
)
NOTHING_IN = Refusal(
    "nothing-in",
    "Chưa có báo cáo nào được gửi, nên chưa có gì để sửa hay bổ sung.",
    "No report is in yet; there is nothing to put right or to add to.",
)
UNDER_DISPUTE = Refusal(
    "under-dispute",
    "Đơn vị đã báo nhiệm vụ này không thuộc mình và đang chờ trả lời.",
    "The unit has said that this duty is not its own; the answer is awaited.",
)
ASKED_ALREADY = Refusal(
    "asked-already",
    "Đơn vị đã xin gia hạn và đang chờ trả lời.",
    "An extension has been asked for already; the answer is awaited.",
)
NOT_LATER = Refusal(
    "not-later",
    "Thời hạn xin gia hạn phải sau thời hạn đang áp dụng và còn ở phía trước.",
    "The date that is asked for must be later than the one in force, and lie ahead.",
)
NOTHING_ASKED = Refusal(
    "nothing-asked",
    "Không có đề nghị nào của đơn vị đang chờ trả lời.",
    "Nothing that the unit asked for is waiting for an answer.",
)
UNKNOWN_BODY = Refusal(
    "unknown-body",
    "Đơn vị này không có trong danh sách cơ quan của văn bản; hãy kiểm tra mã đơn vị.",
    "This body is not in the document's roster; check its identifier.",
)
SAME_BODY = Refusal(
    "same-body",
    "Nhiệm vụ đang thuộc chính đơn vị này; không có gì để chuyển.",
    "The duty is this body's own already; there is nothing to move.",
)
OWN_REVIEWER = Refusal(
    "own-reviewer",
    "Đơn vị nhận chính là nơi xem xét báo cáo của nhiệm vụ này;"
    " không ai tự xem xét báo cáo của mình.",
    "That body reviews the reports of this very duty; nobody reviews its own report.",
)
HAD_IT_BEFORE = Refusal(
    "had-it-before",
    "Nhiệm vụ này đã từng được chuyển khỏi đơn vị đó hoặc đơn vị đó đã làm xong phần của mình;"
    " không chuyển lại được.",
    "The duty was moved away from that body before, or its own copy is closed; it cannot go there.",
)
OWN_DOCUMENT = Refusal(
    "own-document",
    "Nhiệm vụ này được thực hiện bằng một văn bản riêng của cấp dưới, nên không chuyển được.",
    "This duty is carried out by a document of the body below; it cannot be moved.",
)
NOT_YET = Refusal(
    "not-yet",
    "Chưa đến lúc: văn bản cấp trên chưa ban hành hoặc chưa đến ngày ban hành.",
    "Not yet: the document above is not issued, or the day of issue has not come.",
)


def stands_elsewhere(obligation: str, where: Sequence[str]) -> Refusal:
    """Return that the date of *obligation* stands in the words of others, which can be moved."""
    names = ", ".join(where)
    return Refusal(
        "stands-elsewhere",
        f"Hạn của {obligation} ghi ở {names}; hãy dời hạn của mục đó.",
        f"The date of {obligation} stands in {names}; move that one.",
    )
