"""Sentences about links: run out, sent again, asked for too often."""

LINK_TEXTS: dict[str, tuple[str, str]] = {
    "lapsed": ("Liên kết đã hết hạn", "This link has run out"),
    "lapsed_text": (
        "Mỗi liên kết chỉ dùng được trong một thời gian. Bấm nút dưới đây để hệ thống gửi thư có "
        "liên kết mới tới địa chỉ thư đã đăng ký của cơ quan. Không cần nhập gì.",
        "Every link works for a time only. Press the button to have a mail with a new link sent to "
        "the registered address of the office. There is nothing to type.",
    ),
    "lapsed_wait": (
        "Sau ít phút không thấy thư thì xem cả mục thư rác, rồi mới bấm lại nút dưới đây; mỗi ngày "
        "gửi lại được vài lần. Vẫn không có thì hỏi cơ quan đã gửi thư.",
        "If no mail has come in a few minutes, look among the spam before you press the button "
        "again; a few times a day are possible. If nothing helps, ask the office that sent it.",
    ),
    "lapsed_again": ("Gửi lại liên kết", "Send a new link"),
    "lapsed_sent": (
        "Đã ghi nhận yêu cầu lúc {at}. Nếu nhiệm vụ còn việc phải làm hoặc có kết quả để xem, thư "
        "có liên kết mới sẽ tới địa chỉ đã đăng ký trong ít phút.",
        "Your request was recorded on {at}. If there is still something to do or to see, a mail "
        "with a new link will reach the registered address in a few minutes.",
    ),
    "lapsed_stale": (
        "Trang đã mở quá lâu, chưa gửi gì. Xin bấm lại.",
        "The page was open too long; nothing was sent. Please press the button again.",
    ),
    "lapsed_nothing": (
        "Nhiệm vụ không còn việc phải làm qua thư này, nên không có thư nào được gửi.",
        "There is nothing more to do about the duty through this mail, so none was sent.",
    ),
    "lapsed_enough": (
        "Hôm nay đã gửi đủ số lần cho cơ quan này. Xin xem hộp thư, kể cả thư rác, hoặc thử lại "
        "ngày mai, hoặc hỏi cơ quan đã gửi thư.",
        "This was asked for as often as possible today. Please look into the mailbox, spam "
        "included, or try again tomorrow, or ask the office that sent the mail.",
    ),
    "too_often": ("Gửi quá nhiều lần", "Sent too often"),
    "too_often_text": (
        "Chưa ghi nhận lần này. Những gì đã nhập vẫn còn ở dưới; xin gửi lại sau {minutes} phút.",
        "This time nothing was recorded. What you typed is still below; please send it again in "
        "{minutes} minutes.",
    ),
    "e429": ("Quá nhiều yêu cầu", "Too many requests"),
    "e429_text": (
        "Từ địa chỉ mạng này vừa có quá nhiều liên kết sai. Liên kết đúng trong thư vẫn mở được.",
        "Too many wrong links came from this network address. The right link in a mail still "
        "opens.",
    ),
}
