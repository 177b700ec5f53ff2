"""`cascade verify`: is the ledger, or a bundle of evidence, whole? 0 yes, 1 no, 2 unreadable."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from audit import held
from audit.codes import Code, Weight
from audit.finding import Finding
from audit.outside import of_installation, vkeys
from audit.runs import Run
from audit.source import Unreadable
from audit.verify import Progress as Told
from audit.verify import Report, Wanted, verify
from cli.problems import UNREADABLE, err, out, say, why
from config.settings import Settings
from config.settings import load as load_settings

WHOLE, ALTERED = 0, 1

_PARTS = {
    "vi": {"facts": "Dữ kiện và mã băm", "rules": "Suy lại theo quy tắc"},
    "en": {"facts": "Facts and hashes", "rules": "What the rules say"},
}


def run(
    evidence: Path | None,
    database: str | None,
    trusted: Sequence[Path],
    vkey: Path | None,
    format_: str,
    lang: str,
) -> int:
    """Verify a bundle, or the database named or of the settings; return the exit status."""
    if format_ not in ("text", "json"):
        say(f"--format: text | json, không phải {format_!r}")
        return UNREADABLE
    try:
        if evidence is not None:
            return _bundle(evidence, trusted, vkey, format_, lang)
        return _database(database, trusted, vkey, format_, lang)
    except Unreadable as error:
        return _unreadable(error, format_, lang)
    except OSError as error:
        if error.filename is None:
            raise
        where = error.filename
        return _unreadable(
            Unreadable(
                f"Không đọc được {where}: {why(error, 'vi')}",
                f"{where} cannot be read: {why(error, 'en')}",
            ),
            format_,
            lang,
        )


def _database(
    database: str | None, trusted: Sequence[Path], vkey: Path | None, format_: str, lang: str
) -> int:
    settings = load_settings()
    url = database or settings.store_url
    wanted = _outside(settings) if url == settings.store_url else Wanted()
    if vkey is not None:
        wanted = replace(wanted, vkeys=vkeys(vkey))
    more = [note for path in trusted for note in held.given(path)]
    wanted = replace(wanted, trusted=[*wanted.trusted, *more])
    with _shown(lang) as progress:
        report = verify(url, wanted, progress)
    if format_ == "json":
        print(json.dumps(as_json(report), ensure_ascii=False, indent=1))
    else:
        _print(report, lang)
    return WHOLE if report.whole else ALTERED


def _outside(settings: Settings) -> Wanted:
    def known(ids: Sequence[str]) -> Mapping[str, Run]:
        from flows.known_runs import asking  # Prefect's client takes a second to import

        return asking(settings.api_url)(ids)

    return of_installation(
        settings.keys_folder, settings.checkpoints_folder, settings.var / "files", known
    )


def _bundle(path: Path, trusted: Sequence[Path], vkey: Path | None, format_: str, lang: str) -> int:
    """Verify a bundle of evidence with the verifier that it carries itself."""
    verify_bundle = import_module("audit.bundle").verify_bundle
    keys = vkeys(vkey) if vkey is not None else ()
    notes = [note.note for each in trusted for note in held.given(each)]
    try:
        verdict = verify_bundle(path, keys, notes)
    except ValueError as error:
        raise Unreadable(
            f"Không đọc được {path}: {error}", f"{path} cannot be read: {error}"
        ) from (error)
    whole = not verdict.findings
    if format_ == "json":
        said = {
            "whole": whole,
            "sha256": verdict.sha256,
            "findings": [{"where": each.where, "what": each.what} for each in verdict.findings],
            "declared": verdict.declared,
            "proven": list(verdict.proven),
            "unproven": list(verdict.unproven),
        }
        print(json.dumps(said, ensure_ascii=False, indent=1))
        return WHOLE if whole else ALTERED
    for each in verdict.findings:
        out.print(f"{each.where}: {each.what}", markup=False, style="red")
    for line in (*verdict.proven, *verdict.unproven):
        out.print(f"· {line}", markup=False, style="dim")
    _verdict(whole, lang, restored=verdict.declared)
    return WHOLE if whole else ALTERED


@contextmanager
def _shown(lang: str) -> Iterator[Told]:
    """Show how far verification is, where there is a terminal to show it on."""
    if not err.is_terminal:
        yield lambda *_: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        parts: dict[str, Any] = {}

        def told(part: str, done: int, total: int) -> None:
            if part not in parts:
                parts[part] = bar.add_task(_PARTS[lang][part])
            bar.update(parts[part], completed=done, total=total)

        yield told


def _print(report: Report, lang: str) -> None:
    vi = lang == "vi"
    altered, notes = report.findings.of(Weight.ALTERED), report.findings.of(Weight.NOTE)
    for each in altered:
        out.print(_line(each, lang), markup=False, style="red")
    for code, more in report.findings.dropped():
        words = f"… và {more} phát hiện {code} nữa" if vi else f"… and {more} more of {code}"
        out.print(words, markup=False, style="dim")
    for each in notes:
        out.print(f"· {_line(each, lang)}", markup=False, style="dim")
    root = base64.b64encode(report.root).decode()
    out.print(
        f"cascade/{report.log_id}: {report.size} sự kiện, {report.documents} văn bản; gốc {root}"
        if vi
        else f"cascade/{report.log_id}: {report.size} facts, {report.documents} documents;"
        f" root {root}",
        markup=False,
    )
    _verdict(report.whole, lang, restored=Code.RESTORED in report.findings.counts)


def _verdict(whole: bool, lang: str, *, restored: bool = False) -> None:
    vi = lang == "vi"
    if whole and restored:
        words = (
            "Nguyên vẹn, trừ phần đã khai báo là mất." if vi else "Whole, but for a declared loss."
        )
        out.print(words, style="yellow")
    elif whole:
        out.print("Nguyên vẹn." if vi else "Whole.", style="green")
    else:
        out.print("ĐÃ BỊ THAY ĐỔI." if vi else "ALTERED.", style="bold red")


def _line(finding: Finding, lang: str) -> str:
    place = finding.place(lang)
    return f"[{finding.code.value}] {place + ': ' if place else ''}{finding.text(lang)}"


def as_json(report: Report) -> dict[str, Any]:
    """Return the report for programs (documented in ``docs/verify.md``)."""
    return {
        "log": f"cascade/{report.log_id}",
        "whole": report.whole,
        "size": report.size,
        "root": base64.b64encode(report.root).decode(),
        "documents": report.documents,
        "derived": report.derived,
        "anchored": report.anchored,
        "counts": {code.value: count for code, count in sorted(report.findings.counts.items())},
        "findings": [each.as_json() for each in report.findings.of(Weight.ALTERED)],
        "notes": [each.as_json() for each in report.findings.of(Weight.NOTE)],
    }


def _unreadable(error: Unreadable, format_: str, lang: str) -> int:
    if format_ == "json":
        said = {"whole": None, "vi": error.vi, "en": error.en}
        print(json.dumps(said, ensure_ascii=False, indent=1))
    say(error.text(lang))
    return UNREADABLE
