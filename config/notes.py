"""What a package says that no text says: assumptions, samples, policy. Shown wherever it counts."""

from collections.abc import Iterator
from dataclasses import dataclass

from config.bundle import Bundle, Part
from config.errors import Path, field_path
from config.yaml_file import YamlFile
from models.domain.terms import DocumentKey

_UNSURE = frozenset({"assumed", "sample"})


@dataclass(frozen=True, slots=True)
class Note:
    """One statement that must be shown as what it is."""

    document: DocumentKey | None
    """``None``: it concerns the whole package."""
    file: str
    field: str
    """Where the mark stands: ``obligations[0].deadline.source``."""
    source: str
    """``assumed``, ``sample``, ``policy`` or ``note``."""
    vi: str
    en: str

    def text(self, lang: str = "vi") -> str:
        """Return the sentence in *lang*."""
        return self.en if lang == "en" else self.vi


def notes_of(bundle: Bundle) -> tuple[Note, ...]:
    """Return the notes of a checked package: its own, its bodies', its policy's, its documents'."""
    notes = [
        Note(None, bundle.file.name, field_path(("notes", i)), "note", text, text)
        for i, text in enumerate(bundle.package.notes)
    ]
    notes.extend(_body_notes(bundle))
    vi = "Cách đọc thời hạn, nhắc việc và các nấc đôn đốc do đơn vị đặt, không có trong văn bản."
    en = "The reading of dates, the reminders and the ladders are policy, not taken from the text."
    notes.append(Note(None, bundle.policy_file.name, "source", "policy", vi, en))
    for part in bundle.parts:
        notes.extend(_document_notes(part))
    return tuple(notes)


def _body_notes(bundle: Bundle) -> Iterator[Note]:
    def note(path: Path, source: str, vi: str, en: str) -> Note:
        return Note(None, bundle.bodies_file.name, field_path(path), source, vi, en)

    for index, body in enumerate(bundle.bodies.bodies):
        here: Path = ("bodies", index)
        name = body.name
        if body.source in _UNSURE:
            vi, en = f"{name}: {_vi(body.source)}.", f"{name}: {_en(body.source)}."
            yield note((*here, "source"), body.source, vi, en)
        if body.sample:
            vi, en = f"{name}: dữ liệu mẫu để chạy thử.", f"{name}: sample data."
            yield note((*here, "sample"), "sample", vi, en)
        if body.parent_source in _UNSURE:
            vi = f"{name}: cấp trên là {_vi(body.parent_source)}."
            en = f"{name}: its parent is {_en(body.parent_source)}."
            yield note((*here, "parent_source"), body.parent_source, vi, en)
        if body.members_source in _UNSURE:
            vi = f"{name}: danh sách thành viên là {_vi(body.members_source)}."
            en = f"{name}: its list of members is {_en(body.members_source)}."
            yield note((*here, "members_source"), body.members_source, vi, en)
        if body.unit_source in _UNSURE:
            vi = f"{name}: địa bàn là {_vi(body.unit_source)}."
            en = f"{name}: its unit is {_en(body.unit_source)}."
            yield note((*here, "unit_source"), body.unit_source, vi, en)


def _document_notes(part: Part) -> Iterator[Note]:
    file: YamlFile = part.file
    document = part.shape

    def note(path: Path, source: str, vi: str, en: str) -> Note:
        return Note(DocumentKey(document.key), file.name, field_path(path), source, vi, en)

    for field, vi, en in (
        ("source", "Văn bản", "The document"),
        (
            "issued_source",
            f"Ngày ban hành {document.issued:%d/%m/%Y}",
            f"Issue date {document.issued}",
        ),
        ("time_source", f"Giờ ban hành {document.time}", f"Hour of issue {document.time}"),
    ):
        source = getattr(document, field)
        if source in _UNSURE:
            yield note((field,), source, f"{vi} là {_vi(source)}.", f"{en} is {_en(source)}.")
    for index, duty in enumerate(document.obligations):
        here: Path = ("obligations", index)
        if duty.source in _UNSURE:
            vi = f"{duty.id}: nhiệm vụ {_vi(duty.source)}. {duty.basis}"
            yield note((*here, "source"), duty.source, vi, f"{duty.id}: {_en(duty.source)} duty.")
        if duty.deadline.source in _UNSURE:
            phrase, kind = duty.deadline.phrase or duty.deadline.rule, duty.deadline.source
            vi = f"{duty.id}: thời hạn “{phrase}” cho nhiệm vụ này là {_vi(kind)}."
            en = f"{duty.id}: that “{phrase}” is its date is {_en(kind)}."
            yield note((*here, "deadline", "source"), kind, vi, en)
        if duty.tracked and duty.assignees_basis == "implied":
            vi = f"{duty.id}: văn bản không nêu ai làm; đơn vị thực hiện là suy ra."
            en = f"{duty.id}: the text names no doer; the assignees are inferred."
            yield note((*here, "assignees_basis"), "assumed", vi, en)
        if duty.figures and duty.figures_source in _UNSURE:
            vi = f"{duty.id}: mẫu báo cáo (các ô phải điền) là {_vi(duty.figures_source)}."
            en = f"{duty.id}: the form of its report is {_en(duty.figures_source)}."
            yield note((*here, "figures_source"), duty.figures_source, vi, en)
        if duty.reviewer is not None and duty.reviewer_source in _UNSURE:
            vi = f"{duty.id}: nơi xem xét báo cáo là {_vi(duty.reviewer_source)}."
            en = f"{duty.id}: its reviewer is {_en(duty.reviewer_source)}."
            yield note((*here, "reviewer_source"), duty.reviewer_source, vi, en)


def _vi(source: str) -> str:
    return {"assumed": "giả định", "sample": "dữ liệu mẫu"}[source]


def _en(source: str) -> str:
    return {"assumed": "assumed", "sample": "sample data"}[source]
