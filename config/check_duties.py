"""Every duty has somebody who owes it, somebody who takes it, and a way to both.

Runs only when all names are known (:mod:`config.check_references`).
"""

from datetime import date

from config.bundle import Bundle, Part
from config.errors import Path, Report
from config.roster import Roster
from config.shapes import ObligationShape


def check_duties(bundle: Bundle, report: Report) -> None:
    """Report duties without an owner, judges in their own cause, bodies without an address."""
    roster = Roster(bundle.bodies.bodies)
    for missing, reason in _without_address(bundle, roster, report).items():
        vi = f"thiếu hộp thư của “{missing}” ({roster[missing].name}), cần cho {reason}"
        en = f"has no address of “{missing}” ({roster[missing].name}), needed for {reason}"
        report.add(bundle.contacts_file.problem(("contacts",), "no-contact", vi, en))
    for index, body in enumerate(bundle.bodies.bodies):
        if body.source == "sample" and not body.sample:
            vi, en = "nguồn là sample thì phải ghi sample: true", "a sample body needs sample: true"
            report.add(bundle.bodies_file.problem(("bodies", index, "sample"), "sample", vi, en))
        if body.valid_from and body.valid_to and body.valid_to < body.valid_from:
            vi, en = "ngày cuối đến trước ngày đầu", "the last day is before the first"
            report.add(bundle.bodies_file.problem(("bodies", index, "valid_to"), "order", vi, en))


def without_address(bundle: Bundle) -> dict[str, str]:
    """Return the bodies that get mail but have no address, each with what they need it for."""
    return _without_address(bundle, Roster(bundle.bodies.bodies), Report())


def _without_address(bundle: Bundle, roster: Roster, report: Report) -> dict[str, str]:
    needed: dict[str, str] = {}
    for part in bundle.parts:
        _PartChecker(bundle, part, roster, report, needed).check()
    _check_ladders(bundle, roster, report, needed)
    known = {contact.body for contact in bundle.contacts.contacts}
    return {body: reason for body, reason in needed.items() if body not in known}


def unfit(roster: Roster, body: str, day: date) -> tuple[str, str, str] | None:
    """Return why *body* cannot act on *day* (code, Vietnamese, English), or ``None``."""
    if roster[body].kind != "body":
        vi = f"“{body}” là nhóm hoặc chức trách; ở đây phải là một đầu mối"
        return "not-one-body", vi, f"“{body}” is not a single body"
    if not roster.exists(body, day):
        vi = f"“{body}” không tồn tại vào ngày ban hành {day:%d/%m/%Y}"
        return "not-valid", vi, f"“{body}” does not exist on the day of issue, {day}"
    return None


class _PartChecker:
    def __init__(
        self,
        bundle: Bundle,
        part: Part,
        roster: Roster,
        report: Report,
        needed: dict[str, str],
    ) -> None:
        self.bundle, self.part, self.roster, self.report = bundle, part, roster, report
        self.needed = needed
        self.day = part.shape.issued
        self.duties = {each.id: each for each in part.shape.obligations}

    def refuse(self, path: Path, code: str, vi: str, en: str) -> None:
        self.report.add(self.part.file.problem(path, code, vi, en))

    def check(self) -> None:
        document = self.part.shape
        self.one_body(("issuer",), document.issuer, "")
        if document.clerk is not None:
            self.one_body(("clerk",), document.clerk, document.key)
        for index, duty in self.part.tracked:
            self.duty(("obligations", index), duty)
        for index, duty in enumerate(document.obligations):
            for place, also in enumerate(duty.also):
                self.also(("obligations", index, "also", place), duty, self.duties[also])
        if document.reports_when is not None:
            self.awaited(("reports_when",), document.reports_when)

    def one_body(self, path: Path, body: str, need: str) -> bool:
        """Check that *body* is one that exists and can act; *need*: for what it gets mail."""
        why = unfit(self.roster, body, self.day)
        if why is not None:
            self.refuse(path, *why)
        elif need:
            self.needed.setdefault(body, need)
        return why is None

    def duty(self, here: Path, duty: ObligationShape) -> None:
        path = (*here, "assignees")
        if not duty.assignees:
            self.refuse(path, "no-owner", "chưa giao cho ai", "is assigned to nobody")
        for place, body in enumerate(duty.assignees):
            if self.roster[body].kind == "body":
                self.one_body((*path, place), body, "")
            elif not self.roster.expand([body], self.day):
                vi = f"“{body}” không có thành viên nào vào ngày {self.day:%d/%m/%Y}"
                en = f"“{body}” has no member on {self.day}"
                self.refuse((*path, place), "empty-group", vi, en)
        owners = self.roster.expand(duty.assignees, self.day)
        for place, duty_id in enumerate(duty.waits_for):
            self.awaited((*here, "waits_for", place), duty_id)
        if duty.id in self.part.covered:
            return
        for body in owners:
            self.needed.setdefault(body, duty.id)
        self.review(here, duty, owners)
        if duty.realised_by is not None:
            self.realised((*here, "realised_by"), duty.id, duty.realised_by)

    def review(self, here: Path, duty: ObligationShape, owners: tuple[str, ...]) -> None:
        path = (*here, "reviewer")
        if duty.reviewer is None:
            if duty.acceptance == "receiver" and duty.realised_by is None:
                vi = "cần ghi ai xem xét báo cáo (hoặc acceptance: automatic)"
                self.refuse(path, "missing", vi, "needs a reviewer (or acceptance: automatic)")
            return
        self.one_body(path, duty.reviewer, duty.id)
        if duty.reviewer in owners:
            vi = f"“{duty.reviewer}” cũng được giao nhiệm vụ này; không tự xem xét báo cáo của mình"
            en = f"“{duty.reviewer}” owes this duty too and cannot judge its own report"
            self.refuse(path, "own-judge", vi, en)

    def awaited(self, path: Path, duty_id: str) -> None:
        duty = self.duties[duty_id]
        if not duty.tracked or duty_id in self.part.covered:
            vi = f"“{duty_id}” không giao riêng cho ai, nên không có gì để chờ"
            self.refuse(
                path, "no-copies", vi, f"nobody owes “{duty_id}” by itself: nothing to await"
            )

    def also(self, path: Path, duty: ObligationShape, covered: ObligationShape) -> None:
        if not duty.tracked or not covered.tracked:
            vi = "chỉ gộp các nhiệm vụ có theo dõi (tracked: true)"
            self.refuse(path, "not-tracked", vi, "only tracked duties can be joined")
            return
        if covered.also:
            vi = f"“{covered.id}” cũng gộp mục khác; hãy gộp thẳng"
            self.refuse(
                path, "chain", vi, f"“{covered.id}” joins others itself; join them directly"
            )
        joining = [each for each in self.duties.values() if covered.id in each.also]
        named = [body for each in joining for body in each.assignees]
        left = set(self.roster.expand(covered.assignees, self.day)) - set(
            self.roster.expand(named, self.day)
        )
        if left:
            who = ", ".join(sorted(left))
            vi = f"“{covered.id}” còn giao cho {who}, không thuộc nhiệm vụ gộp"
            self.refuse(path, "left-out", vi, f"“{covered.id}” is also owed by {who}")

    def realised(self, path: Path, duty_id: str, key: str) -> None:
        lower = next(p.shape for p in self.bundle.parts if p.shape.key == key)
        above = lower.carries_out
        if above is None and sum(p.shape.carries_out is None for p in self.bundle.parts) > 1:
            return  # told as a second root
        if above is None or above.issue != duty_id:
            vi = f"văn bản {key} không ghi carries_out.issue: {duty_id}"
            self.refuse(path, "one-sided", vi, f"{key} does not say carries_out.issue: {duty_id}")


def _check_ladders(bundle: Bundle, roster: Roster, report: Report, needed: dict[str, str]) -> None:
    issued = {part.shape.key: part.shape.issued for part in bundle.parts}
    file = bundle.policy_file
    for index, ladder in enumerate(bundle.policy.ladders):
        days = 0
        for place, rung in enumerate(ladder.rungs):
            here: Path = ("ladders", index, "rungs", place)
            if rung.number != place + 1:
                vi = f"nấc phải đánh số liên tục từ 1; ở đây là {place + 1}"
                en = f"rungs are numbered from 1 without a gap; here it is {place + 1}"
                report.add(file.problem((*here, "number"), "order", vi, en))
            if rung.working_days < days:
                vi, en = "nấc sau không được sớm hơn nấc trước", "comes before the rung below it"
                report.add(file.problem((*here, "working_days"), "order", vi, en))
            days = max(days, rung.working_days)
            for who, body in enumerate(rung.recipients):
                why = unfit(roster, body, issued[ladder.document])
                if why is not None:
                    report.add(file.problem((*here, "recipients", who), *why))
                else:
                    needed.setdefault(body, f"policy.yaml: {rung.name}")
    for index, summary in enumerate(bundle.policy.summaries):
        for who, body in enumerate(summary.recipients):
            why = unfit(roster, body, issued[summary.document])
            if why is not None:
                report.add(file.problem(("summaries", index, "recipients", who), *why))
            else:
                needed.setdefault(body, "policy.yaml: summaries")
