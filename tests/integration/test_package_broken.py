"""A broken package is refused with the file, the field and the reason, and with nothing else."""

import copy
import json
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.errors import Report
from config.package import DIRECTIVES, Package, PackageError, load
from config.yaml_file import read_yaml

SOURCE = DIRECTIVES / "57-kl-tw"
MAIN, BODIES, CONTACTS, POLICY = "package.yaml", "bodies.yaml", "contacts.yaml", "policy.yaml"
TOP, PROVINCE, CITY = (
    "documents/57-kl-tw.yaml",
    "documents/240-kh-tu.yaml",
    "documents/256-kh-tu.yaml",
)
FILES = (MAIN, BODIES, CONTACTS, POLICY, TOP, PROVINCE, CITY)
DROP = object()


def content(name: str) -> Any:
    file = read_yaml(SOURCE, name, Report())
    assert file is not None
    return file.data


ORIGINAL = {name: content(name) for name in FILES}


class Workshop:
    """A copy of the package in which one file at a time is changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(SOURCE, folder)

    def write(self, name: str, data: Any) -> None:
        # JSON is YAML: nothing is lost but the layout.
        (self.folder / name).write_text(json.dumps(data, indent=1), encoding="utf-8")

    def reset(self, name: str) -> None:
        shutil.copyfile(SOURCE / name, self.folder / name)

    def change(self, name: str, *path_and_value: Any) -> None:
        *path, last, value = path_and_value
        data = copy.deepcopy(ORIGINAL[name])
        place = data
        for part in path:
            place = place[part]
        if value is DROP:
            del place[last]
        elif last == "append":
            place.append(value)
        else:
            place[last] = value
        self.write(name, data)

    def problems(self) -> list[tuple[str, str, str]]:
        with pytest.raises(PackageError) as caught:
            load(self.folder)
        return [(each.file, each.field, each.code) for each in caught.value.problems]


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path / "package")


def body(id_: str) -> int:
    return next(i for i, b in enumerate(ORIGINAL[BODIES]["bodies"]) if b["id"] == id_)


def duty(id_: str) -> int:
    return next(i for i, o in enumerate(ORIGINAL[CITY]["obligations"]) if o["id"] == id_)


def contact(id_: str) -> int:
    return next(i for i, c in enumerate(ORIGINAL[CONTACTS]["contacts"]) if c["body"] == id_)


REPORT, SYNTHESIS, PLAN = duty("256/III.1-c"), duty("256/III.1-d"), duty("256/III.2-b")
MEDIA, WARD = duty("256/II.3.3-d"), body("pr.bao-an")
OBS = "obligations"

# what is changed (path, then value) -> file, field, code, a piece of the Vietnamese reason
CASES: dict[str, tuple[tuple[Any, ...], tuple[str, str, str, str]]] = {
    "wrong format": ((MAIN, "format", 2), (MAIN, "format", "format", "phiên bản “2”")),
    "format is not a number": (
        (MAIN, "format", True),
        (MAIN, "format", "format", "phiên bản “True”"),
    ),
    "missing field": ((MAIN, "title", DROP), (MAIN, "title", "missing", "thiếu mục bắt buộc")),
    "missing file": (
        (MAIN, "bodies", "body.yaml"),
        ("body.yaml", "", "no-file", "không có tệp này"),
    ),
    "file outside": (
        (MAIN, "bodies", "../../bodies.yaml"),
        ("../../bodies.yaml", "", "outside", "trong thư mục của gói"),
    ),
    "unknown calendar": (
        (MAIN, "calendar", "vm"),
        (MAIN, "calendar", "unknown-calendar", "không có lịch nào"),
    ),
    "document twice": (
        (MAIN, "documents", "append", CITY),
        (MAIN, "documents[3]", "duplicate", "mỗi mã chỉ dùng một lần"),
    ),
    "typo in a key": (
        (CITY, OBS, REPORT, "asignees", ["pr.btg"]),
        (CITY, f"{OBS}[{REPORT}].asignees", "unknown-key", "có phải “assignees”?"),
    ),
    "wrong type": (
        (CITY, OBS, REPORT, "tracked", "yes"),
        (CITY, f"{OBS}[{REPORT}].tracked", "wrong-type", "true hoặc false"),
    ),
    "list wanted": (
        (CITY, OBS, REPORT, "assignees", "pr.tccsd"),
        (CITY, f"{OBS}[{REPORT}].assignees", "wrong-type", "danh sách"),
    ),
    "word not allowed": (
        (CITY, OBS, REPORT, "deadline", "rule", "befor"),
        (CITY, f"{OBS}[{REPORT}].deadline.rule", "not-allowed", "có phải “before”?"),
    ),
    "left blank": (
        (CITY, "issuer", None),
        (CITY, "issuer", "blank", "đang để trống"),
    ),
    "impossible date": (
        (CITY, OBS, REPORT, "deadline", "date", "2023-11-31"),
        (CITY, f"{OBS}[{REPORT}].deadline.date", "impossible-date", "31/11/2023"),
    ),
    "date turned round": (
        (CITY, "issued", "19/9/2023"),
        (CITY, "issued", "not-a-date", "năm-tháng-ngày"),
    ),
    "number out of range": ((POLICY, "hour", 24), (POLICY, "hour", "limit", "lớn nhất là 23")),
    "a field of an unknown type": (
        (CITY, OBS, REPORT, "figures", 0, "type", "number"),
        (CITY, f"{OBS}[{REPORT}].figures[0].type", "not-allowed", "whole"),
    ),
    "a choice between nothing": (
        (CITY, OBS, REPORT, "figures", 5, "choices", ["Đã ban hành"]),
        (CITY, f"{OBS}[{REPORT}].figures[5].choices", "too-few", "ít nhất 2"),
    ),
    "the same choice twice": (
        (CITY, OBS, REPORT, "figures", 5, "choices", ["A", "B", "A"]),
        (CITY, f"{OBS}[{REPORT}].figures[5].choices[2]", "duplicate", "đã có ở trên"),
    ),
    "choices for a number": (
        (CITY, OBS, REPORT, "figures", 0, "choices", ["A", "B"]),
        (CITY, f"{OBS}[{REPORT}].figures[0].choices", "not-a-choice", "kiểu whole"),
    ),
    "a unit for a text": (
        (CITY, OBS, REPORT, "figures", 4, "unit", "người"),
        (CITY, f"{OBS}[{REPORT}].figures[4].unit", "not-a-number", "kiểu text"),
    ),
    "a condition on a field that is not there": (
        (CITY, OBS, REPORT, "checks", 0, "right", ["tong_dang_vine"]),
        (CITY, f"{OBS}[{REPORT}].checks[0].right[0]", "unknown", "có phải “tong_dang_vien”?"),
    ),
    "a condition on a text": (
        (CITY, OBS, REPORT, "checks", 0, "left", ["ly_do_vang"]),
        (CITY, f"{OBS}[{REPORT}].checks[0].left[0]", "not-whole", "kiểu text"),
    ),
    "a field on both sides": (
        (CITY, OBS, REPORT, "checks", 0, "right", ["dang_vien_tham_gia"]),
        (CITY, f"{OBS}[{REPORT}].checks[0].right[0]", "both-sides", "cả hai vế"),
    ),
    "a field twice in a sum": (
        (CITY, OBS, REPORT, "checks", 0, "left", ["so_buoi", "so_buoi"]),
        (CITY, f"{OBS}[{REPORT}].checks[0].left[1]", "duplicate", "đã có ở vế này"),
    ),
    "an empty sum": (
        (CITY, OBS, REPORT, "checks", 0, "left", []),
        (CITY, f"{OBS}[{REPORT}].checks[0].left", "wrong-type", "không được rỗng"),
    ),
    "a comparison that is none": (
        (CITY, OBS, REPORT, "checks", 0, "op", "<"),
        (CITY, f"{OBS}[{REPORT}].checks[0].op", "not-allowed", "<="),
    ),
    "conditions in a circle": (
        (
            CITY,
            OBS,
            REPORT,
            "checks",
            "append",
            {"left": ["tong_dang_vien"], "op": "<=", "right": ["dang_vien_tham_gia"]},
        ),
        (CITY, f"{OBS}[{REPORT}].checks", "circle", "buộc phải bằng nhau"),
    ),
    "the same condition twice": (
        (
            CITY,
            OBS,
            REPORT,
            "checks",
            "append",
            {"left": ["dang_vien_tham_gia"], "op": "<=", "right": ["tong_dang_vien"]},
        ),
        (CITY, f"{OBS}[{REPORT}].checks[1]", "duplicate", "đã có ở trên"),
    ),
    "summary too long": (
        (CITY, OBS, REPORT, "summary", "x" * 81),
        (CITY, f"{OBS}[{REPORT}].summary", "too-long", "tối đa 80"),
    ),
    "control character in a name": (
        (BODIES, "bodies", WARD, "name", "Bảo\u0007An"),
        (BODIES, f"bodies[{WARD}].name", "control", "ký tự điều khiển"),
    ),
    "line break in a name": (
        (BODIES, "bodies", WARD, "name", "Bảo An\nBcc: x"),
        (BODIES, f"bodies[{WARD}].name", "control", "một dòng"),
    ),
    "link in a name": (
        (BODIES, "bodies", WARD, "name", "Xem http://x.vn"),
        (BODIES, f"bodies[{WARD}].name", "link", "://"),
    ),
    "name too long": (
        (BODIES, "bodies", WARD, "name", "x" * 161),
        (BODIES, f"bodies[{WARD}].name", "too-long", "tối đa 160"),
    ),
    "body twice": (
        (BODIES, "bodies", "append", ORIGINAL[BODIES]["bodies"][0]),
        (BODIES, f"bodies[{len(ORIGINAL[BODIES]['bodies'])}].id", "duplicate", "vn.bo-chinh-tri"),
    ),
    "duty twice": (
        (CITY, OBS, "append", ORIGINAL[CITY][OBS][0]),
        (CITY, f"{OBS}[51].id", "duplicate", "256/I.1-a"),
    ),
    "duty of another document's name": (
        (PROVINCE, OBS, "append", ORIGINAL[TOP][OBS][1]),
        (PROVINCE, f"{OBS}[2].id", "duplicate", "57/2"),
    ),
    "unknown body": (
        (CITY, OBS, REPORT, "assignees", 1, "pr.mtq"),
        (CITY, f"{OBS}[{REPORT}].assignees[1]", "unknown", "có phải “pr.mttq”?"),
    ),
    "unknown reviewer": (
        (CITY, OBS, REPORT, "reviewer", "zz.zz"),
        (CITY, f"{OBS}[{REPORT}].reviewer", "unknown", "không có “zz.zz”"),
    ),
    "unknown duty": (
        (CITY, OBS, SYNTHESIS, "waits_for", 0, "256/III.9-c"),
        (CITY, f"{OBS}[{SYNTHESIS}].waits_for[0]", "unknown", "256/III.9-c"),
    ),
    "unknown document": (
        (CITY, "carries_out", "document", "241-KH/TU"),
        (CITY, "carries_out.document", "unknown", "có phải “240-KH/TU”?"),
    ),
    "unknown conflict": (
        (CITY, OBS, REPORT, "conflicts", 0, "C99"),
        (CITY, f"{OBS}[{REPORT}].conflicts[0]", "unknown", "C99"),
    ),
    "quotation altered": (
        (CITY, OBS, SYNTHESIS, "quote", ORIGINAL[CITY][OBS][SYNTHESIS]["quote"] + " gấp"),
        (CITY, f"{OBS}[{SYNTHESIS}].quote", "not-in-text", "chỉ khớp đến “…"),
    ),
    "words not in the quotation": (
        (CITY, OBS, REPORT, "words", "báo cáo ngay"),
        (CITY, f"{OBS}[{REPORT}].words", "not-in-quote", "một phần của câu trích"),
    ),
    "phrase not in the text": (
        (CITY, OBS, REPORT, "deadline", "phrase", "trước ngày 22/10/2023"),
        (CITY, f"{OBS}[{REPORT}].deadline.phrase", "not-in-text", "không đúng nguyên văn"),
    ),
    "quotation without a text": (
        (TOP, OBS, 0, "quote", "thực hiện nghiêm"),
        (TOP, f"{OBS}[0].quote", "no-text", "không có nguyên văn"),
    ),
    "no quotation": (
        (CITY, OBS, SYNTHESIS, "quote", DROP),
        (CITY, f"{OBS}[{SYNTHESIS}].quote", "missing", "trích nguyên văn"),
    ),
    "stated bound disagrees": (
        (CITY, OBS, REPORT, "deadline", "due_exclusive", "2023-10-22T00:00:00+07:00"),
        (CITY, f"{OBS}[{REPORT}].deadline.due_exclusive", "disagrees", "2023-10-21T00:00:00"),
    ),
    "rule without its date": (
        (CITY, OBS, SYNTHESIS, "deadline", "date", DROP),
        (CITY, f"{OBS}[{SYNTHESIS}].deadline.date", "missing", "cần mục này"),
    ),
    "date that the rule does not use": (
        (CITY, OBS, SYNTHESIS, "deadline", "month", "2023-10"),
        (CITY, f"{OBS}[{SYNTHESIS}].deadline.month", "not-used", "không dùng mục này"),
    ),
    "bound before issue": (
        (
            PROVINCE,
            OBS,
            1,
            "deadline",
            {
                "phrase": "trước ngày 13/9/2023",
                "at": "none",
                "rule": "before",
                "date": "2023-09-13",
                "source": "assumed",
            },
        ),
        (PROVINCE, f"{OBS}[1].deadline.date", "before-issue", "trước khi văn bản được ban hành"),
    ),
    "parents in a circle": (
        (BODIES, "bodies", body("pr.dang-bo"), "parent", "pr.btv"),
        (BODIES, f"bodies[{body('pr.dang-bo')}].parent", "circle", "đi thành vòng"),
    ),
    "group in itself": (
        (BODIES, "bodies", body("pr.tccsd"), "members", 0, "pr.capuy-tccsd"),
        (BODIES, f"bodies[{body('pr.tccsd')}].members", "circle", "đi thành vòng"),
    ),
    "duty waits for itself": (
        (CITY, OBS, SYNTHESIS, "waits_for", 0, "256/III.1-d"),
        (CITY, f"{OBS}[{SYNTHESIS}].waits_for[0]", "itself", "chính nó"),
    ),
    "gates in a circle": (
        (CITY, OBS, REPORT, "waits_for", ["256/III.1-d"]),
        (CITY, f"{OBS}[{REPORT}].waits_for", "circle", "256/III.1-d"),
    ),
    "documents in a circle": (
        (TOP, "carries_out", {"document": "256-KH/TU"}),
        (TOP, "carries_out.document", "circle", "thành vòng"),
    ),
    "two roots": (
        (CITY, "carries_out", DROP),
        (CITY, "carries_out", "two-roots", "đã có văn bản gốc 57-KL/TW"),
    ),
    "issued before the document above": (
        (CITY, "issued", "2023-09-12"),
        (CITY, "issued", "before-parent", "240-KH/TU"),
    ),
    "report from one who does not owe it": (
        (PROVINCE, OBS, 1, "assignees", ["pr.vp"]),
        (CITY, "carries_out.report", "not-owed", "“pr.btv”"),
    ),
    "never reports up": (
        (CITY, "reports_when", DROP),
        (CITY, "reports_when", "missing", "khi nào thì báo cáo lên"),
    ),
    "group of nobody": (
        (BODIES, "bodies", body("pr.truyen-thong"), "members", DROP),
        (CITY, f"{OBS}[{MEDIA}].assignees[3]", "empty-group", "không có thành viên"),
    ),
    "group whose only member ended before the issue": (
        (BODIES, "bodies", body("pr.truyen-thong-mau"), "valid_to", "2023-09-18"),
        (CITY, f"{OBS}[{MEDIA}].assignees[3]", "empty-group", "không có thành viên"),
    ),
    "assigned to an audience": (
        (CITY, OBS, duty("256/II.1-a"), "assignees", ["pr.can-bo-chu-chot"]),
        (CITY, f"{OBS}[{duty('256/II.1-a')}].assignees[0]", "empty-group", "không có thành viên"),
    ),
    "assigned to nobody": (
        (CITY, OBS, duty("256/II.1-a"), "assignees", DROP),
        (CITY, f"{OBS}[{duty('256/II.1-a')}].assignees", "no-owner", "chưa giao cho ai"),
    ),
    "assigned to a body of later": (
        (CITY, OBS, duty("256/II.1-a"), "assignees", ["kh25.bao-an"]),
        (CITY, f"{OBS}[{duty('256/II.1-a')}].assignees[0]", "not-valid", "19/09/2023"),
    ),
    "no reviewer": (
        (CITY, OBS, REPORT, "reviewer", DROP),
        (CITY, f"{OBS}[{REPORT}].reviewer", "missing", "ai xem xét báo cáo"),
    ),
    "judge in its own cause": (
        (CITY, OBS, SYNTHESIS, "reviewer", "pr.btg"),
        (CITY, f"{OBS}[{SYNTHESIS}].reviewer", "own-judge", "không tự xem xét"),
    ),
    "reviewer is a group": (
        (CITY, OBS, REPORT, "reviewer", "pr.ban-dang"),
        (CITY, f"{OBS}[{REPORT}].reviewer", "not-one-body", "một đầu mối"),
    ),
    "joined duty has other owners": (
        (CITY, OBS, PLAN, "assignees", ["pr.hdnd"]),
        (CITY, f"{OBS}[{PLAN}].also[0]", "left-out", "pr.ubnd"),
    ),
    "waits for what nobody owes": (
        (CITY, OBS, SYNTHESIS, "waits_for", 0, "256/III.1-b"),
        (CITY, f"{OBS}[{SYNTHESIS}].waits_for[0]", "no-copies", "không giao riêng"),
    ),
    "reports when nobody owes": (
        (CITY, "reports_when", "256/I.1-a"),
        (CITY, "reports_when", "no-copies", "không giao riêng"),
    ),
    "no address of an assignee": (
        (CONTACTS, "contacts", contact("pr.bao-an"), DROP),
        (CONTACTS, "contacts", "no-contact", "pr.bao-an"),
    ),
    "no address of a recipient": (
        (CONTACTS, "contacts", contact("nt.thuongtruc-tinhuy"), DROP),
        (CONTACTS, "contacts", "no-contact", "nt.thuongtruc-tinhuy"),
    ),
    "not an address": (
        (CONTACTS, "contacts", 0, "email", "a@x.example\nBcc: b@y.example"),
        (CONTACTS, "contacts[0].email", "not-an-address", "không phải địa chỉ thư"),
    ),
    "real address in a sample": (
        (CONTACTS, "contacts", 0, "email", "van-thu@ninhthuan.gov.vn"),
        (CONTACTS, "contacts[0].email", "real-address", "ninhthuan.gov.vn"),
    ),
    "a name that only looks like an example": (
        (CONTACTS, "contacts", 0, "email", "van-thu@notexample.org"),
        (CONTACTS, "contacts[0].email", "real-address", "notexample.org"),
    ),
    "rung left out": (
        (POLICY, "ladders", 0, "rungs", 1, "number", 3),
        (POLICY, "ladders[0].rungs[1].number", "order", "liên tục từ 1"),
    ),
    "rung before the one below": (
        (POLICY, "ladders", 0, "rungs", 3, "working_days", 5),
        (POLICY, "ladders[0].rungs[3].working_days", "order", "sớm hơn"),
    ),
    "rung to a body of later": (
        (POLICY, "ladders", 0, "rungs", 3, "recipients", 0, "kh25.bao-an"),
        (POLICY, "ladders[0].rungs[3].recipients[0]", "not-valid", "không tồn tại"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_broken_package_is_refused_for_the_right_reason_alone(
    workshop: Workshop, name: str
) -> None:
    (file, *change), (where, field, code, reason) = CASES[name]
    workshop.change(file, *change)
    with pytest.raises(PackageError) as caught:
        load(workshop.folder)
    found = [(each.file, each.field, each.code) for each in caught.value.problems]
    assert found == [(where, field, code)], str(caught.value)
    assert reason in str(caught.value)
    assert reason in caught.value.problems[0].vi
    assert caught.value.problems[0].en


def test_one_slip_with_two_consequences_tells_both(workshop: Workshop) -> None:
    workshop.change(PROVINCE, OBS, 0, "realised_by", DROP)
    assert set(workshop.problems()) == {
        (CITY, "carries_out.issue", "one-sided"),
        (PROVINCE, f"{OBS}[0].reviewer", "missing"),
    }
    workshop.reset(PROVINCE)
    workshop.change(CONTACTS, "contacts", 1, "body", "vn.bo-chinh-tri")
    # with a name twice, who has an address is not asked yet
    assert workshop.problems() == [(CONTACTS, "contacts[1].body", "duplicate")]


def test_all_problems_of_all_files_are_told_at_once(workshop: Workshop) -> None:
    workshop.change(CITY, OBS, REPORT, "quote", "không có câu này")
    workshop.change(BODIES, "bodies", WARD, "parent", "pr.khong-co")
    workshop.change(CONTACTS, "contacts", 0, "email", "x@y")
    assert set(workshop.problems()) == {
        (CITY, f"{OBS}[{REPORT}].quote", "not-in-text"),
        (CITY, f"{OBS}[{REPORT}].words", "not-in-quote"),
        (BODIES, f"bodies[{WARD}].parent", "unknown"),
        (CONTACTS, "contacts[0].email", "not-an-address"),
    }


def test_the_line_is_told(workshop: Workshop) -> None:
    file = workshop.folder / CITY
    text = file.read_text(encoding="utf-8")
    line = text[: text.index("via: pr.btg")].count("\n") + 1
    file.write_text(text.replace("via: pr.btg", "via: pr.btgg"), encoding="utf-8")
    with pytest.raises(PackageError) as caught:
        load(workshop.folder, lang="en")
    assert str(caught.value) == (
        "The package cannot be used: 1 problem.\n"
        f"  - {CITY}, line {line}, obligations[{REPORT}].via: "
        "there is no “pr.btgg”; did you mean “pr.btg”?"
    )


@pytest.mark.parametrize(
    ("name", "raw", "code"),
    [
        (POLICY, b"hour: [8\n", "yaml"),
        (POLICY, b"\xff\xfe", "not-utf8"),
        (POLICY, b"x" * 2_000_001, "too-big"),
        (POLICY, b"", "blank"),
        (MAIN, b"- 1\n", "wrong-type"),
        (MAIN, b"format: 1\nformat: 1\n", "key-twice"),
    ],
)
def test_files_that_cannot_be_read(workshop: Workshop, name: str, raw: bytes, code: str) -> None:
    (workshop.folder / name).write_bytes(raw)
    ((file, _, found),) = workshop.problems()
    assert (file, found) == (name, code)


def test_no_folder_no_package(tmp_path: Path) -> None:
    file = tmp_path / "x"
    for path in (tmp_path / "nowhere", file, tmp_path / ("x" * 5000), Path("a\0b")):
        with pytest.raises(PackageError, match="không phải thư mục"):
            load(path)
    with pytest.raises(PackageError, match="không có tệp này"):
        load(tmp_path)


def test_a_link_out_of_the_folder_is_not_followed(workshop: Workshop, tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("a: 1", encoding="utf-8")
    (workshop.folder / POLICY).unlink()
    (workshop.folder / POLICY).symlink_to(secret)
    assert workshop.problems() == [(POLICY, "", "outside")]


def test_a_real_package_may_have_real_addresses(workshop: Workshop) -> None:
    workshop.change(CONTACTS, "contacts", 0, "email", "van-thu@ninhthuan.gov.vn")
    workshop.change(MAIN, "sample", False)
    assert load(workshop.folder).contacts[0].email == "van-thu@ninhthuan.gov.vn"


def test_the_policy_reading_moves_no_stated_bound_silently(workshop: Workshop) -> None:
    workshop.change(POLICY, "before_date", "inclusive")
    found = workshop.problems()
    assert {code for _, _, code in found} == {"disagrees"}
    assert len(found) == 4  # 21/10, 31/10 twice, and 15/11 in the province's


def test_without_stated_bounds_the_reading_is_one_switch(workshop: Workshop) -> None:
    for name in (PROVINCE, CITY):
        data = copy.deepcopy(ORIGINAL[name])
        for each in data[OBS]:
            each["deadline"].pop("due_exclusive", None)
        workshop.write(name, data)
    strict = load(workshop.folder)
    workshop.change(POLICY, "before_date", "inclusive")
    inclusive = load(workshop.folder)

    def due(package: Package) -> str:
        city = package.document("256-KH/TU")
        bound = next(d.bound for d in city.obligations if d.id == "256/III.1-c")
        assert bound is not None
        return f"{bound.reading} {bound.due_exclusive.to_date_string()}"

    assert (due(strict), due(inclusive)) == ("strict 2023-10-21", "inclusive 2023-10-22")


def test_a_bound_at_the_very_instant_of_issue_is_refused(workshop: Workshop) -> None:
    data = copy.deepcopy(ORIGINAL[PROVINCE])
    data["time"] = "00:00"
    data[OBS][1]["deadline"] |= {"date": "2023-09-13", "due_exclusive": None}
    workshop.write(PROVINCE, data)
    assert workshop.problems() == [(PROVINCE, f"{OBS}[1].deadline.date", "before-issue")]


def test_the_stricter_of_two_clauses_counts(workshop: Workshop) -> None:
    """The clause that is joined in has the earlier date: it binds, and is named."""
    data = copy.deepcopy(ORIGINAL[CITY])
    data[OBS][PLAN]["also"] = []
    data[OBS][duty("256/II.2-a")]["also"] = ["256/III.2-b"]
    data[OBS][duty("256/II.2-a")]["reviewer"] = "pr.vp"
    workshop.write(CITY, data)
    city = load(workshop.folder).document("256-KH/TU")
    plan = next(d for d in city.obligations if d.id == "256/II.2-a")
    assert plan.bound is not None
    assert (plan.bound.clause, plan.bound.due_exclusive.to_date_string()) == ("III.2", "2023-10-31")


def test_text_that_is_not_nfc_is_read_as_nfc(workshop: Workshop) -> None:
    for name in (*FILES, "documents/256-kh-tu.vi.md"):
        file = workshop.folder / name
        file.write_text(unicodedata.normalize("NFD", file.read_text("utf-8")), encoding="utf-8")
    assert load(workshop.folder) == load(SOURCE)


def test_a_member_that_ended_before_the_issue_is_left_out(workshop: Workshop) -> None:
    workshop.change(BODIES, "bodies", WARD, "valid_to", "2023-09-18")
    city = load(workshop.folder).document("256-KH/TU")
    assert len(next(d for d in city.obligations if d.id == "256/III.1-c").assignees) == 21
    assert all(each.id != "pr.bao-an" for each in city.bodies)


# --- anything at all ---------------------------------------------------------------------------


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    items: list[tuple[Any, Any]] = []
    if isinstance(data, dict):
        items = list(data.items())
    elif isinstance(data, list):
        items = list(enumerate(data))
    for key, item in items:
        yield (*path, key), item
        yield from places(item, (*path, key))


PLACES = [(name, path, item) for name in FILES for path, item in places(ORIGINAL[name])]
KEYS = [(name, path) for name, path, _ in PLACES if isinstance(path[-1], str)]
SCALARS = [(name, path) for name, path, item in PLACES if not isinstance(item, dict | list)]
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.text(max_size=30),
    st.just([]),
    st.just({}),
    st.sampled_from(["9999-12-31", "0001-01-01", "2199-12-31", "2023-02-30", "pr.tccsd", "57/1"]),
    st.sampled_from(
        ["9999-12", "2199-12", "9999-12-31T23:59:59-23:00", "\ud800", "../..", "x" * 300]
    ),
    st.lists(st.text(max_size=5), max_size=2),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2),
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("broken") / "package")


def loads_or_tells(shop: Workshop, name: str, change: Callable[[], None]) -> None:
    found: PackageError | None = None
    try:
        change()
        load(shop.folder)
    except PackageError as error:
        found = error
    finally:
        shop.reset(name)
    if found is not None:
        assert str(found).encode()
        assert found.problems
        assert all(each.file and each.vi and each.en for each in found.problems)


MANY = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


@MANY
@given(place=st.sampled_from(KEYS))
def test_any_key_may_be_missing(shop: Workshop, place: tuple[str, tuple[Any, ...]]) -> None:
    name, path = place
    loads_or_tells(shop, name, lambda: shop.change(name, *path, DROP))


@MANY
@given(place=st.sampled_from(SCALARS), junk=JUNK)
def test_any_value_may_be_junk(
    shop: Workshop, place: tuple[str, tuple[Any, ...]], junk: Any
) -> None:
    name, path = place
    loads_or_tells(shop, name, lambda: shop.change(name, *path, junk))
