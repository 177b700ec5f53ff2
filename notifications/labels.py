"""What kinds of mail, reasons and failures are called among people."""

from collections.abc import Mapping

from models.domain.effects import Kind

DIGEST = "digest"
"""The kind of a mail that carries several."""

KINDS: Mapping[str, Mapping[str, str]] = {
    "vi": {
        Kind.ASSIGNED: "giao việc",
        Kind.REMINDER: "nhắc việc",
        Kind.OVERDUE: "quá hạn",
        Kind.ESCALATION: "đôn đốc",
        Kind.REVIEW: "đề nghị xem xét",
        Kind.RETURNED: "trả lại báo cáo",
        Kind.ACCEPTED: "chấp nhận báo cáo",
        Kind.WAIVED: "miễn nhiệm vụ",
        Kind.ADDENDUM: "báo cáo bổ sung",
        Kind.EXTENDED: "dời hạn",
        Kind.INFEASIBLE: "không còn kịp hạn",
        Kind.RECEIVED: "đã nhận báo cáo",
        Kind.SUPPLEMENT: "gửi thêm cho báo cáo",
        Kind.MOVED: "chuyển nhiệm vụ",
        Kind.REVIEW_ENDED: "thôi xem xét",
        Kind.DISPUTED: "báo không đúng đơn vị",
        Kind.DISPUTE_REJECTED: "giữ nguyên nhiệm vụ",
        Kind.EXTENSION_ASKED: "xin gia hạn",
        Kind.EXTENSION_REFUSED: "không gia hạn",
        Kind.UNTOLD: "chưa báo được",
        Kind.UNDELIVERED: "thư không đến nơi",
        Kind.SUMMARY: "tổng hợp tuần",
        DIGEST: "các việc trong ngày",
        "checkpoint": "xác nhận sổ cái",
    },
    "en": {
        Kind.ASSIGNED: "duty",
        Kind.REMINDER: "reminder",
        Kind.OVERDUE: "overdue",
        Kind.ESCALATION: "escalation",
        Kind.REVIEW: "please review",
        Kind.RETURNED: "report returned",
        Kind.ACCEPTED: "report accepted",
        Kind.WAIVED: "duty waived",
        Kind.ADDENDUM: "addendum",
        Kind.EXTENDED: "date moved",
        Kind.INFEASIBLE: "no longer possible in time",
        Kind.RECEIVED: "report received",
        Kind.SUPPLEMENT: "addition to a report",
        Kind.MOVED: "duty moved",
        Kind.REVIEW_ENDED: "no review needed",
        Kind.DISPUTED: "not ours",
        Kind.DISPUTE_REJECTED: "duty stays",
        Kind.EXTENSION_ASKED: "later date asked for",
        Kind.EXTENSION_REFUSED: "date stays",
        Kind.UNTOLD: "could not be told",
        Kind.UNDELIVERED: "mail did not arrive",
        Kind.SUMMARY: "weekly summary",
        DIGEST: "duties of the day",
        "checkpoint": "checkpoint of the ledger",
    },
}

TONES: Mapping[str, str] = {
    Kind.OVERDUE: "late",
    Kind.ESCALATION: "late",
    Kind.INFEASIBLE: "late",
    Kind.UNTOLD: "late",
    Kind.UNDELIVERED: "late",
    Kind.REMINDER: "warn",
    Kind.RETURNED: "warn",
    Kind.REVIEW: "warn",
    Kind.DISPUTED: "warn",
    Kind.EXTENSION_ASKED: "warn",
    Kind.ACCEPTED: "good",
    Kind.RECEIVED: "good",
    Kind.WAIVED: "good",
    Kind.MOVED: "good",
    Kind.REVIEW_ENDED: "good",
}
"""How a kind looks where it is no plain news: ``late``, ``warn`` (something to do), ``good``."""

REASONS: Mapping[str, Mapping[str, str]] = {
    "vi": {
        Kind.RETURNED: "Lý do trả lại",
        Kind.EXTENDED: "Lý do dời hạn",
        Kind.MOVED: "Lý do chuyển",
        Kind.REVIEW_ENDED: "Lý do chuyển",
        Kind.DISPUTED: "Lý do đơn vị nêu",
        Kind.DISPUTE_REJECTED: "Lý do giữ nguyên",
        Kind.EXTENSION_ASKED: "Lý do xin gia hạn",
        Kind.EXTENSION_REFUSED: "Lý do không gia hạn",
    },
    "en": {
        Kind.RETURNED: "Reason of the return",
        Kind.EXTENDED: "Reason of the new date",
        Kind.MOVED: "Why it was moved",
        Kind.REVIEW_ENDED: "Why it was moved",
        Kind.DISPUTED: "What the unit says",
        Kind.DISPUTE_REJECTED: "Why it stays",
        Kind.EXTENSION_ASKED: "Why a later date",
        Kind.EXTENSION_REFUSED: "Why the date stays",
    },
}

HOW: Mapping[str, Mapping[str, str]] = {
    "vi": {
        "no-contact": "chưa có địa chỉ thư",
        "refused": "hộp thư đích từ chối",
        "parked": "đã thử nhiều lần",
        "bounced": "thư bị trả về",
    },
    "en": {
        "no-contact": "it has no address",
        "refused": "the mailbox refused it",
        "parked": "given up after many attempts",
        "bounced": "it came back",
    },
}
"""Why a mail did not arrive (:attr:`models.domain.facts.NoticeFailed.how`)."""
