"""Why no evidence was written, for the person who asked."""

from collections.abc import Sequence

from models.domain.errors import Refusal

TOO_LARGE = Refusal(
    "too-large",
    "Gói vượt quá 4 GB hoặc 65 535 tệp; hãy xuất với --redact-texts và giao các tệp riêng.",
    "The bundle would exceed 4 GB or 65,535 files; export with --redact-texts and hand over the "
    "files separately.",
)


def unknown(document: str, known: Sequence[str]) -> Refusal:
    """Return that there is no such document."""
    listed = ", ".join(known)
    return Refusal(
        "unknown-document",
        f"Không có văn bản {document!r}. Đang theo dõi: {listed or 'chưa có'}",
        f"No document {document!r}. Known: {listed or 'none'}",
    )


def uncovered(size: int, last: int) -> Refusal:
    """Return that the newest checkpoint, over *size* facts, does not reach the fact *last*."""
    return Refusal(
        "no-checkpoint",
        f"Chưa có điểm kiểm tra nào có đủ các sự kiện (mới nhất: {size}, sự kiện cuối: {last}). "
        "Hãy chạy “cascade checkpoint” rồi xuất lại.",
        f"No checkpoint covers all facts (newest: {size}, last fact: {last}). "
        "Run 'cascade checkpoint' and export again.",
    )


def altered(why: str) -> Refusal:
    """Return that the ledger does not agree with what its key has signed."""
    return Refusal(
        "altered",
        f"Sổ cái không khớp với điểm kiểm tra đã ký, nên không xuất gói nào ({why}). "
        "Hãy chạy “cascade verify”.",
        f"The ledger does not agree with its signed checkpoints; nothing was exported ({why}). "
        "Run 'cascade verify'.",
    )
