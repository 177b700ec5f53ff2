"""Verify: every night the whole ledger, against itself, the rules and the checkpoints outside."""

from prefect import State as PrefectState
from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.states import Completed, Failed

from audit.codes import Weight
from audit.outside import of_installation
from audit.source import Unreadable
from audit.verify import Report, verify
from flows import names
from flows.hall import hall
from flows.known_runs import known_runs

KEY = "verify"
"""Key of the artifact: each night's is a new version of it."""
SHOWN = 20
"""How many findings the artifact lists; the command shows all that a report keeps."""
FIRST = 3
"""How many findings the run's own message names."""


@flow(name=names.VERIFY, validate_parameters=False, persist_result=False)
def verify_ledger() -> PrefectState[None]:
    """Verify the ledger of the installation; the run fails where it is not whole."""
    try:
        report = check()
    except Unreadable as error:
        return Failed(message=f"Không kiểm tra được sổ cái: {error.text()}")
    create_markdown_artifact(markdown(report), key=KEY, description="Kiểm tra sổ cái")
    if report.whole:
        return Completed(message=summary(report))
    altered = report.findings.of(Weight.ALTERED)
    first = "; ".join(f"{each.place()}: {each.code.value}" for each in altered[:FIRST])
    count = sum(n for code, n in report.findings.counts.items() if code.weight is Weight.ALTERED)
    return Failed(message=f"Sổ cái không còn nguyên vẹn, {count} phát hiện: {first}")


@task(name="verify-ledger", persist_result=False)
def check() -> Report:
    """Verify with the keys and the checkpoints of this installation."""
    settings = hall().settings
    outside = of_installation(
        settings.keys_folder, settings.checkpoints_folder, settings.var / "files", known_runs
    )
    report = verify(settings.store_url, outside)
    get_run_logger().info("%s facts, findings: %s", report.size, dict(report.findings.counts))
    return report


def summary(report: Report) -> str:
    """Return one line on a ledger that is whole."""
    return (
        f"Sổ cái nguyên vẹn: {report.size} sự kiện, {report.documents} văn bản,"
        f" {report.derived} sự kiện được suy lại;"
        f" điểm kiểm tra bên ngoài bảo đảm {report.anchored} sự kiện."
    )


def markdown(report: Report) -> str:
    """Return what was found as a page; codes and places only, no content of any fact."""
    lines = ["## Kiểm tra sổ cái", ""]
    if report.whole:
        lines += [summary(report), ""]
    else:
        lines += ["**Sổ cái không còn nguyên vẹn.**", "", "| Mã | Nơi |", "|---|---|"]
        shown = report.findings.of(Weight.ALTERED)[:SHOWN]
        lines += [f"| `{each.code.value}` | {_cell(each.place())} |" for each in shown]
        lines.append("")
    counts = sorted(report.findings.counts.items())
    lines += [f"- `{code.value}`: {count}" for code, count in counts]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
