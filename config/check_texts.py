"""Quotations are exact, dates agree with their words, addresses are safe. Needs no references."""

from config.bounds import DATED, NAMED, due_exclusive, said
from config.bundle import Bundle, Part
from config.errors import Path, Report, shown
from config.quotes import first_difference
from config.shapes import DeadlineShape, ObligationShape
from models.domain.calendar import local

_EXAMPLES = ("example.com", "example.net", "example.org")


def check_texts(bundle: Bundle, report: Report) -> None:
    """Report quotations, dates and addresses that cannot be right."""
    _check_contacts(bundle, report)
    for part in bundle.parts:
        for index, delivery in enumerate(part.shape.distribution):
            _check_quote(part, ("distribution", index, "text"), delivery.text, report)
        for index, duty in enumerate(part.shape.obligations):
            _check_duty(bundle, part, ("obligations", index), duty, report)


def _check_duty(
    bundle: Bundle, part: Part, here: Path, duty: ObligationShape, report: Report
) -> None:
    def refuse(name: str, code: str, vi: str, en: str) -> None:
        report.add(part.file.problem((*here, name), code, vi, en))

    if duty.tracked and duty.summary is None:
        refuse("summary", "missing", "nhiệm vụ theo dõi cần một dòng tóm tắt", "needs a summary")
    if duty.quote is None and duty.source == "source":
        vi = "cần trích nguyên văn; nếu văn bản không có, ghi source: assumed"
        refuse("quote", "missing", vi, "needs the exact words; if there are none, source: assumed")
    if duty.source != "source" and duty.basis is None:
        vi = "nhiệm vụ không có trong văn bản thì phải nêu căn cứ"
        refuse("basis", "missing", vi, "a duty that is not in the text needs its basis")
    if duty.quote is not None:
        _check_quote(part, (*here, "quote"), duty.quote, report)
    if duty.words is not None and duty.words not in (duty.quote or ""):
        vi = "phải là một phần của câu trích ở mục quote"
        refuse("words", "not-in-quote", vi, "must be a part of the quotation")
    _check_deadline(bundle, part, (*here, "deadline"), duty.deadline, report)


def _check_quote(part: Part, path: Path, quote: str, report: Report) -> None:
    if part.text is None:
        vi = "văn bản này không có nguyên văn (mục text) để đối chiếu câu trích"
        en = "this document has no text to compare the quotation with"
        report.add(part.file.problem(path, "no-text", vi, en))
    elif quote not in part.text:
        same = shown(first_difference(quote, part.text)[-40:])
        if same:
            vi = f"không đúng nguyên văn; chỉ khớp đến “…{same}”"
            en = f"is not in the text; it agrees as far as “…{same}”"
        else:
            vi, en = "không có trong nguyên văn", "is not in the text"
        report.add(part.file.problem(path, "not-in-text", vi, en))


def _check_deadline(
    bundle: Bundle, part: Part, here: Path, deadline: DeadlineShape, report: Report
) -> None:
    def refuse(name: str, code: str, vi: str, en: str) -> None:
        report.add(part.file.problem((*here, name), code, vi, en))

    needs = {"before": "date", "by": "date", "within-month": "month"}.get(deadline.rule)
    for name in ("date", "month"):
        given = getattr(deadline, name) is not None
        if name == needs and not given:
            vi = f"quy tắc “{deadline.rule}” cần mục này"
            refuse(name, "missing", vi, f"the rule “{deadline.rule}” needs this entry")
        if name != needs and given:
            vi = f"quy tắc “{deadline.rule}” không dùng mục này"
            refuse(name, "not-used", vi, f"the rule “{deadline.rule}” has no use for this entry")
    if deadline.rule in DATED and deadline.phrase is None:
        refuse("phrase", "missing", "cần ghi nguyên văn thời hạn", "needs the words of the date")
    # Words that are not the document's are told as that alone; what they would say is no matter.
    quoted = part.text is None or (deadline.phrase or "") in part.text
    if deadline.phrase is not None and not quoted:
        _check_quote(part, (*here, "phrase"), deadline.phrase, report)
    if deadline.phrase is not None and part.text is None and deadline.source == "source":
        _check_quote(part, (*here, "phrase"), deadline.phrase, report)
    if deadline.at == "inherited" and not deadline.inherited_from:
        vi = "cần ghi thời hạn suy từ mục nào"
        refuse("inherited_from", "missing", vi, "must say which clause the date comes from")
    if deadline.event is not None and deadline.rule != "phrase":
        vi = f"quy tắc “{deadline.rule}” không dùng mục này"
        refuse("event", "not-used", vi, f"the rule “{deadline.rule}” has no use for this entry")
    words = said(deadline, bundle.policy, bundle.calendar.work, part.shape.issued)
    bound = due_exclusive(deadline, bundle.policy, bundle.calendar.work, part.shape.issued)
    if deadline.rule == "phrase" and words is not None and bound is None:
        vi = "không tính được ngày từ câu này; ghi event (ngày bắt đầu tính), hoặc ghi quy tắc khác"
        en = "no date follows from these words; give event, the day to count from, or another rule"
        if words.error is not None:
            vi, en = words.error.message_vi, words.error.message_en
        refuse("phrase", "no-date", vi, en)
        return
    stated = deadline.due_exclusive
    if bound is None:
        if stated is not None and deadline.rule not in DATED:
            vi = f"quy tắc “{deadline.rule}” không cho ra một thời điểm"
            refuse("due_exclusive", "not-used", vi, f"the rule “{deadline.rule}” gives no instant")
        return
    if stated is not None and local(stated) != bound:
        vi = (
            f"ghi {local(stated).isoformat()} nhưng thời hạn cho ra {bound.isoformat()}; "
            "kiểm tra ngày, tháng, quy tắc và before_date trong policy.yaml"
        )
        en = (
            f"says {local(stated).isoformat()} but the deadline gives {bound.isoformat()}; "
            "check date, month, rule, and before_date in policy.yaml"
        )
        refuse("due_exclusive", "disagrees", vi, en)
    elif bound <= part.issue_at():
        vi = f"hết hạn {bound:%d/%m/%Y %H:%M}, trước khi văn bản được ban hành"
        en = f"ends {bound:%Y-%m-%d %H:%M}, before the document is issued"
        refuse(needs or "date", "before-issue", vi, en)
    elif (
        deadline.rule in NAMED
        and words is not None
        and quoted
        and words.due_exclusive is not None
        and words.due_exclusive != bound
    ):
        told = words.due_exclusive
        vi = (
            f"câu “{shown(deadline.phrase)}” cho ra {told:%d/%m/%Y %H:%M}, "
            f"còn quy tắc và ngày ghi ở đây cho ra {bound:%d/%m/%Y %H:%M}; kiểm tra lại"
        )
        en = (
            f"the words “{shown(deadline.phrase)}” give {told:%Y-%m-%d %H:%M}, but the rule and "
            f"the date named here give {bound:%Y-%m-%d %H:%M}; check both"
        )
        refuse(needs or "phrase", "words-disagree", vi, en)


def _check_contacts(bundle: Bundle, report: Report) -> None:
    # Imported here: nothing else of a package needs it.
    from email_validator import EmailNotValidError, validate_email

    for index, contact in enumerate(bundle.contacts.contacts):
        path: Path = ("contacts", index, "email")
        try:
            found = validate_email(
                contact.email, check_deliverability=False, allow_smtputf8=False, strict=True
            )
        except EmailNotValidError as error:
            vi = f"“{shown(contact.email)}” không phải địa chỉ thư điện tử"
            en = f"“{shown(contact.email)}” is not an e-mail address: {shown(error)}"
            report.add(bundle.contacts_file.problem(path, "not-an-address", vi, en))
            continue
        domain = found.ascii_domain.lower()
        if bundle.package.sample and not _is_example(domain):
            vi = f"gói mẫu (sample: true) chỉ được gửi tới tên miền ví dụ, không phải “{domain}”"
            en = f"a sample package may only write to example domains, not to “{domain}”"
            report.add(bundle.contacts_file.problem(path, "real-address", vi, en))


def _is_example(domain: str) -> bool:
    """Tell whether nobody can ever own *domain* (RFC 2606, section 2 and 3)."""
    return domain.endswith(".example") or any(
        domain == each or domain.endswith(f".{each}") for each in _EXAMPLES
    )
