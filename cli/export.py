"""`cascade export`: the evidence of a document, for somebody who trusts nobody here."""

from pathlib import Path

from audit.assembled import Parts
from audit.bundle import Exported, export
from audit.contents import kept
from audit.keyring import Keyring, WillNotSign
from audit.people import people_of
from audit.replayed import replay_of
from audit.seal import seal_of
from cli.problems import out, say, why
from config.settings import load as load_settings
from models.domain.errors import Refusal
from models.domain.terms import DocumentKey
from notifications.wiring import open_store


def run(document: str, path: Path, redact: bool, redact_texts: bool, lang: str) -> int:
    """Write the evidence of *document* to *path*; return the exit status."""
    if path.is_dir() or not path.parent.is_dir():
        return _cannot_write(path, f": {_no_place(path, lang)}", lang)
    settings = load_settings()
    store = open_store(settings)
    try:
        keyring = Keyring(settings.keys_folder)
        seal = seal_of(store, keyring, settings.checkpoints_folder, settings.machine_clock())
        parts = Parts(
            people_of(store),
            kept(store, settings.var / "files"),
            replay_of(store),
            redact=redact,
            redact_texts=redact_texts,
        )
        done = export(store, DocumentKey(document), path, seal, parts)
        vkeys = [each.vkey for each in keyring.verifiers()]
    except WillNotSign as error:
        done = error.refusal
    except OSError as error:
        # Of the file to be written, or of the draft beside it; others are explained elsewhere.
        if error.filename is None or Path(error.filename).parent != path.parent:
            raise
        return _cannot_write(path, f": {why(error, lang)}", lang)
    finally:
        store.close()
    if isinstance(done, Refusal):
        say(done.text(lang))
        return 1
    tell(done, vkeys[-1], lang)
    return 0


def _no_place(path: Path, lang: str) -> str:
    if path.is_dir():
        return "là thư mục; hãy ghi tên tệp .zip" if lang == "vi" else "is a folder; name a .zip"
    return f"không có thư mục {path.parent}" if lang == "vi" else f"no folder {path.parent}"


def _cannot_write(path: Path, why: str, lang: str) -> int:
    say(
        f"--out: không ghi được {path}{why}" if lang == "vi" else f"--out: cannot write {path}{why}"
    )
    return 2


def tell(done: Exported, vkey: str, lang: str) -> None:
    """Print what was written, and what the receiver needs to check it."""
    vi = lang == "vi"
    documents = ", ".join(done.documents)
    out.print(f"{done.path} ({done.size:,} byte)", markup=False)
    lines = [
        f"  {done.facts} sự kiện của {documents}, điểm kiểm tra {done.checkpoint}"
        if vi
        else f"  {done.facts} facts of {documents}, checkpoint {done.checkpoint}"
    ]
    if done.withheld:
        lines.append(f"  {done.withheld} mục giữ lại" if vi else f"  {done.withheld} withheld")
    if done.gone:
        lines.append(
            f"  {done.gone} mục không còn lưu" if vi else f"  {done.gone} are no longer kept"
        )
    lines += [
        f"  SHA-256 {done.sha256}",
        f"  {'khóa' if vi else 'key'} {vkey}",
        f"  {'kiểm tra' if vi else 'check'}: python3 verify.py {done.path.name} --vkey '{vkey}'",
    ]
    for line in lines:
        out.print(line, markup=False)
