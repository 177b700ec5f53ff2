"""What keeps a package from being issued, told as findings: with the clause, and a way out."""

import re
from collections.abc import Iterator

from config.bundle import Bundle, Part
from config.check_chain import check_chain
from config.check_duties import check_duties, without_address
from config.check_references import check_references
from config.check_texts import check_texts
from config.errors import Problem, Report
from config.lint.finding import Finding, Words
from config.lint.make import choice, finding
from config.lint.subject import Subject
from config.lint.words import both

_DUTY = re.compile(r"obligations\[(\d+)\]")
_ELSEWHERE = frozenset({"before-issue", "no-date", "no-contact"})
"""Found again, and told in full, by another family."""

_WAYS: dict[str, tuple[str, str, str]] = {
    "no-owner": ("name-owner", "giao cho một đầu mối", "assign it to a body"),
    "empty-group": (
        "name-members",
        "ghi thành viên của nhóm, hoặc giao cho đầu mối cụ thể",
        "name the members of the group, or assign it to a single body",
    ),
    "not-valid": (
        "name-body-of-the-day",
        "giao cho đầu mối tồn tại vào ngày ban hành, hoặc sửa ngày hiệu lực trong bodies.yaml",
        "assign it to a body of that day, or correct its validity in bodies.yaml",
    ),
    "own-judge": (
        "name-reviewer",
        "chọn nơi xem xét khác với đơn vị thực hiện",
        "let another body review it",
    ),
    "not-in-text": (
        "correct-quotation",
        "chép lại đúng nguyên văn",
        "copy the exact words of the text",
    ),
}
_FOLLOWS: dict[str, tuple[str, str]] = {
    "no-owner": ("Không ai nhận được việc này.", "Nobody gets this duty."),
    "empty-group": ("Không ai nhận được việc này.", "Nobody gets this duty."),
    "not-valid": (
        "Giao việc cho nơi không có thì không ai làm.",
        "What is laid on a body that does not exist is done by nobody.",
    ),
    "circle": ("Không thể lần ra cấp trên cùng.", "There is no first one to begin with."),
}


def check(bundle: Bundle, whole: Bundle, subject: Subject) -> Iterator[Finding]:
    """Yield every problem that :func:`config.package.load` would refuse *bundle* for.

    Who owes what is asked of the *whole* one, in which all names are known: one unknown name does
    not hide what else is wrong.
    """
    texts, names, duties = Report(), Report(), Report()
    check_texts(bundle, texts)
    check_references(bundle, names)
    check_duties(whole, duties)
    if not names.problems:
        check_chain(whole, duties)
    for each in (*texts.problems, *names.problems, *duties.problems):
        if each.code in _ELSEWHERE or _told_as_circle(each):
            continue
        if names.problems and each.code in ("one-sided", "missing") and each in duties.problems:
            continue  # follows from a name that is not known
        yield _finding(subject, each)
    yield from _no_contact(whole, subject)


def _told_as_circle(problem: Problem) -> bool:
    return problem.code == "circle" and problem.field.endswith((".waits_for", ".depends_on"))


def _finding(subject: Subject, problem: Problem) -> Finding:
    part, duty = _place(subject, problem)
    place = f"{problem.file}: {problem.field}" if problem.field else problem.file
    way = _WAYS.get(problem.code)
    name, vi, en = way or ("correct-entry", f"sửa {place}", f"correct {place}")
    after = _FOLLOWS.get(
        problem.code, ("Chưa ban hành được gói này.", "The package cannot be issued like this.")
    )
    label = f"{subject.label(duty)}: " if duty else ""
    line_vi = f", dòng {problem.line}" if problem.line else ""
    line_en = f", line {problem.line}" if problem.line else ""
    follows = Words(
        f"{label}{problem.vi} ({place}{line_vi}). {after[0]}",
        f"{label}{problem.en} ({place}{line_en}). {after[1]}",
    )
    fix = choice(name, vi, en, obligations=(duty,) if duty else ())
    return finding(
        subject,
        problem.code,
        (duty,) if duty else (),
        follows,
        [[fix]],
        documents=(part.shape.key,) if part else (),
        where=place,
        severity=None,
    )


def _place(subject: Subject, problem: Problem) -> tuple[Part | None, str]:
    """Return the document and the duty that the problem's path leads to."""
    part = next((each for each in subject.parts if each.file.name == problem.file), None)
    found = _DUTY.match(problem.field)
    if part is None or found is None or int(found[1]) >= len(part.shape.obligations):
        return part, ""
    return part, part.shape.obligations[int(found[1])].id


def _no_contact(whole: Bundle, subject: Subject) -> Iterator[Finding]:
    """One finding for each body without an address, with all that it would not hear of."""
    for body in without_address(whole):
        covered = {also for each in subject.duties.values() for also in each.also}
        owed = [
            key
            for key, each in subject.duties.items()
            if each.tracked and key not in covered and body in subject.owners(key)
        ]
        name, labels = subject.name(body), both(map(subject.label, owed))
        vi = f"{name} không có hộp thư trong {subject.bundle.contacts_file.name}"
        en = f"{name} has no address in {subject.bundle.contacts_file.name}"
        if owed:
            vi += f": không nhận được việc ở {labels.vi}, không nhận được nhắc việc"
            en += f": it hears nothing of {labels.en}, and gets no reminder"
        else:
            vi += ": không nhận được thư đôn đốc, xem xét"
            en += ": it gets no letter to review or to press for a report"
        way = choice(
            "add-contact",
            f"ghi hộp thư của {name}",
            f"enter the address of {name}",
            bodies=(body,),
        )
        yield finding(
            subject,
            "no-contact",
            owed,
            Words(f"{vi}.", f"{en}."),
            [[way]],
            bodies=(body,),
            where=subject.bundle.contacts_file.name,
        )
