"""What a file is: by its name, its first bytes and the directory of a ZIP, which must all agree."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.sniff import DOCX, ENDINGS, JPEG, LABEL, PDF, PNG, XLSX, Kind, judge, label_of
from tests import papers


def kind(content: bytes, label: str) -> str:
    found = judge(io.BytesIO(content), len(content), label)
    return found.media if isinstance(found, Kind) else found.key


@pytest.mark.parametrize(
    ("content", "label", "media"),
    [
        (papers.PDF, "Báo cáo.pdf", PDF),
        (papers.PDF, "BAO CAO.PDF", PDF),
        (papers.PICTURE, "ảnh.jpg", JPEG),
        (papers.PICTURE, "ảnh.jpeg", JPEG),
        (papers.PNG, "ảnh.png", PNG),
        (papers.DOCX, "kế hoạch.docx", DOCX),
        (papers.XLSX, "số liệu.xlsx", XLSX),
        # A PDF with a script in it is a PDF: it is never shown, only given back to be saved.
        (papers.POLYGLOT, "lạ.pdf", PDF),
    ],
)
def test_what_offices_send_is_taken(content: bytes, label: str, media: str) -> None:
    assert kind(content, label) == media


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.mark.parametrize(
    ("content", "label", "why"),
    [
        (b"", "rỗng.pdf", "file_empty"),
        (b"<!doctype html><script>alert(1)</script>", "trang.pdf", "file_other"),
        (SVG, "hình.png", "file_other"),
        (SVG, "hình.svg", "file_ending"),
        (b"MZ\x90\x00", "chạy.pdf", "file_other"),
        (b"MZ\x90\x00", "chạy.exe", "file_ending"),
        (b"\n" + papers.PDF, "lệch.pdf", "file_other"),
        (papers.PDF, "báo cáo", "file_ending"),
        (papers.PDF, "báo cáo.pdf.html", "file_ending"),
        (papers.PDF, "báo cáo.docx", "file_other"),
        (papers.DOCX, "báo cáo.xlsx", "file_other"),
        (papers.XLSX, "báo cáo.docx", "file_other"),
        (papers.DOCX, "báo cáo.docm", "file_ending"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "khóa.docx", "file_locked"),
        (papers.bomb(), "bom.docx", "file_other"),
        (papers.crowded(3000), "đông.docx", "file_other"),
        (papers.encrypted(), "mã hóa.docx", "file_other"),
        (papers.linked(), "liên kết.docx", "file_other"),
        (papers.escaping(), "thoát.docx", "file_other"),
        (papers.office_file(more={"word/vbaProject.bin": b"x"}), "macro.docx", "file_other"),
        (papers.office_file(more={"WORD/DOCUMENT.XML": b"x"}), "đôi.docx", "file_other"),
        (papers.office_file("other.xml"), "zip.docx", "file_other"),
        (papers.DOCX + b"tail", "đuôi.docx", "file_other"),
        (b"PK\x03\x04" + papers.DOCX, "đầu.docx", "file_other"),
        (papers.DOCX[:-30], "cụt.docx", "file_other"),
        (b"PK\x03\x04", "bốn.docx", "file_other"),
    ],
)
def test_what_is_something_else_is_not(content: bytes, label: str, why: str) -> None:
    assert kind(content, label) == why


def test_a_bomb_is_judged_by_its_directory_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = papers.bomb()
    assert len(bomb) < 60_000

    def never(*_: object, **__: object) -> None:
        raise AssertionError("nothing is unpacked")

    monkeypatch.setattr(zipfile.ZipFile, "open", never)
    monkeypatch.setattr(zipfile.ZipFile, "read", never)
    assert kind(bomb, "bom.docx") == "file_other"
    assert kind(papers.DOCX, "tốt.docx") == DOCX


def test_a_directory_that_lies_about_its_size_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = bytearray(papers.crowded(60_000))
    at = crowd.rfind(b"PK\x05\x06")
    crowd[at + 8 : at + 12] = b"\x05\x00\x05\x00"  # five entries, it says

    def never(*_: object) -> None:
        raise AssertionError("sixty thousand entries in memory")

    monkeypatch.setattr(zipfile, "ZipFile", never)
    assert kind(bytes(crowd), "dối.docx") == "file_other"


@given(st.binary(max_size=400), st.sampled_from(sorted(ENDINGS)))
def test_any_bytes_are_judged_without_an_error(content: bytes, ending: str) -> None:
    for start in (b"", b"PK\x03\x04", b"%PDF-"):
        assert kind(start + content, f"x{ending}")


@given(st.binary(max_size=60), st.integers(0, 400))
def test_any_damage_to_a_document_is_judged_without_an_error(damage: bytes, at: int) -> None:
    hurt = bytearray(papers.DOCX)
    hurt[at : at + len(damage)] = damage
    assert kind(bytes(hurt), "x.docx")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Báo cáo 12-BC.PDF", "Báo cáo 12-BC.pdf"),
        ("../../etc/cron.d/x", "x"),
        ("C:\\Users\\A\\báo cáo.docx", "báo cáo.docx"),
        ("a\x00b\r\nSet-Cookie: x.pdf", "a b Set-Cookie: x.pdf"),
        ("gnp.\u202etxt.pdf", "gnp. txt.pdf"),
        ("", "tep"),
        ("...", "tep"),
        ("x" * 300 + ".pdf", "x" * (LABEL - 4) + ".pdf"),
    ],
)
def test_a_name_is_a_label_and_no_path(name: str, label: str) -> None:
    assert label_of(name) == label


@given(st.text(max_size=300))
def test_any_name_becomes_a_short_line(name: str) -> None:
    label = label_of(name)
    assert 0 < len(label) <= LABEL
    assert label.isprintable() or not label.isascii()
    assert not set("/\\\r\n\0") & set(label)
