"""``docs/performance.md``: figures by machine, reasons by hand. A new run keeps what was written.

Everything before the line :data:`BY_HAND` is made anew each time; everything after it is kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pendulum import DateTime

from benchmarks.figures import Figures, total
from benchmarks.machine import Machine
from benchmarks.meter import CLIENT, OTHERS

BY_HAND = "<!-- Written by hand from here on; `make bench` keeps it. -->"
_LARGE = 5_000
Value = Callable[[Figures], float | None]


@dataclass(frozen=True, slots=True)
class Aim:
    """One aim at 5,000 units, and what it must beat."""

    words: str
    aim: float
    unit: str
    beats: str
    value: Value


def _memory(figures: Figures) -> float | None:
    own = total(figures.own())
    return own.rss_mb if own.pss_mb is None else own.pss_mb


AIMS = (
    Aim("all wait durably, mails owed", 10, "s", "DBOS 112 s, absurd 116 s", lambda f: f.waiting),
    Aim("click, p50", 8, "ms", "DBOS 26 ms", lambda f: f.click.p50 if f.click else None),
    Aim("click, p95", 20, "ms", "DBOS 49 ms", lambda f: f.click.p95 if f.click else None),
    Aim("burst, scaled to all units", 27, "s", "absurd 134 s", lambda f: f.burst_all),
    Aim("next mail after the last report", 2, "s", "", lambda f: f.next_mail),
    Aim("memory of the system while all wait", 450, "MB", "absurd 337 MB", _memory),
    Aim("CPU while all wait, of one core", 3, "%", "", lambda f: total(f.own()).cpu_percent),
)


def table(done: Sequence[Figures]) -> str:
    """Return the figures as a Markdown table, one column for each round."""
    rows: list[tuple[str, Callable[[Figures], str]]] = [
        ("**waiting**: document entered, s", lambda f: f"{f.registered:.2f}"),
        ("duties open and mails owed, committed, s", lambda f: f"{f.issued:.2f}"),
        ("**all wait durably** (and the run is parked), s", lambda f: f"**{f.waiting:.2f}**"),
        ("all mails at the SMTP server, s", lambda f: f"{f.mailed:.1f}"),
        ("**at rest**: processes (PostgreSQL's)", _processes),
        ("memory, PSS, MB (PostgreSQL's)", lambda f: _pair(f, "pss_mb", "**{:.0f}**")),
        ("memory, RSS added up, MB (PostgreSQL's)", lambda f: _pair(f, "rss_mb", "{:.0f}")),
        ("CPU, % of one core (PostgreSQL's)", lambda f: _pair(f, "cpu_percent", "**{:.1f}**")),
        ("**click to accepted fact**: p50 / p95, ms", lambda f: _times(f.click, bold=True)),
        ("the page before it: p50 / p95, ms", lambda f: _times(f.page)),
        ("**burst**: confirmations", lambda f: f"{f.burst_count:,}"),
        ("first confirmation to synthesis open, s", lambda f: f"**{f.burst:.1f}**"),
        ("a second", lambda f: f"{f.burst_rate:.0f}"),
        ("scaled to all units, s", lambda f: f"{f.burst_all:.1f}"),
        ("CPU of the portal / the whole system / the client meanwhile, s", _burst_cpu),
        ("**next mail** after the last report, s", lambda f: f"**{f.next_mail:.2f}**"),
        ("the run shows everything, s", lambda f: f"{f.shown:.1f}"),
        ("**bytes per unit**, while all wait", lambda f: f"{f.bytes_waiting / f.units:,.0f}"),
        ("bytes per unit, at the end", lambda f: f"**{f.bytes_end / f.units:,.0f}**"),
        ("Prefect's own database, kB", lambda f: f"{f.prefect_bytes / 1000:,.0f}"),
        ("cores that others used, burst", lambda f: _others(f, "burst")),
        ("load average after the issue / burst", _load),
        ("measured on", _when),
    ]
    head = "| | " + " | ".join(f"{f.database}, {f.units:,}" for f in done) + " |"
    lines = [head, "|---|" + "---:|" * len(done)]
    lines += [f"| {name} | " + " | ".join(of(each) for each in done) + " |" for name, of in rows]
    return "\n".join(lines)


def aims(done: Sequence[Figures]) -> str:
    """Return, for each round with 5,000 units, what was reached."""
    large = [each for each in done if each.units >= _LARGE]
    head = "| at 5,000 units | to beat | aim | " + " | ".join(f.database for f in large) + " |"
    lines = [head, "|---|---|---:|" + "---:|" * len(large)]
    for aim in AIMS:
        cells = [_reached(aim, aim.value(each)) for each in large]
        words = f"| {aim.words} | {aim.beats or '–'} | {aim.aim:g} {aim.unit} | "
        lines.append(words + " | ".join(cells) + " |")
    return "\n".join(lines)


def write(path: Path, done: Sequence[Figures], where: Machine, day: DateTime) -> None:
    """Write the page; keep everything below :data:`BY_HAND`."""
    kept = f"{BY_HAND}\n\n## Reasons and profile\n"
    if path.exists() and BY_HAND in path.read_text():
        kept = BY_HAND + path.read_text().partition(BY_HAND)[2]
    path.write_text(f"{_made(done, where, day)}\n\n{kept}")


def _made(done: Sequence[Figures], where: Machine, day: DateTime) -> str:
    units = ",".join(str(each) for each in sorted({each.units for each in done}))
    databases = ",".join(dict.fromkeys(each.database for each in done))
    command = f"python -m benchmarks.round --units {units} --databases {databases} --write"
    sections = [
        "# Performance: the directive round",
        f"`{command}` (`make bench`), {day:%d/%m/%Y %H:%M} ({day.timezone_name}).",
        f"{where.cpu}, {where.cores} cores, {where.memory_gb} GB; {where.system}; Python "
        f"{where.python}; SQLite {where.sqlite} ({where.journal}); Prefect {where.prefect}. The "
        "machine is shared: the last rows of the table say how busy others kept it.",
        "One document goes to N units; each is told by mail, opens its page and confirms over "
        "HTTP; one synthesis waits for all. Everything is real: `cascade up` with its Prefect "
        "server, warm worker, portal and SMTP catcher (which writes each mail to disk before it "
        "answers), the real clock, fresh databases. PostgreSQL holds the facts; Prefect's own "
        "database is SQLite in all columns. The units are a process of their own. A report "
        "carries one figure and is accepted as it comes (acceptance `automatic`), so the "
        "confirmation itself counts and is one transaction with its acceptance.",
        table(done),
        _KEY,
    ]
    if any(each.units >= _LARGE for each in done):
        sections += ["## Aims", aims(done), _COMPARED]
    return "\n\n".join(sections)


_KEY = """\
- *Waiting* counts from the request to issue. The N duties and the N mails owed are one commit; the
  run is parked when Prefect shows it as `AwaitingReports`.
- *At rest* is measured after the last mail, when all is calm; all processes of `cascade up`
  count, itself included. PSS counts a page that n processes share as 1/n in each; RSS counts it
  n times.
- *Click* is the time of one POST over a kept connection, one unit after the other, until the
  answer, which comes after the commit.
- *Burst* is the rest of the units, their pages opened before, as fast as one client process sends
  them. The last report and the opening of the synthesis are one commit.
- *Next mail* counts from the answer to the last report until the synthesis' mail is at the SMTP
  server."""

_COMPARED = """\
The figures to beat were measured on this kind of machine with the same job: DBOS and absurd on
PostgreSQL with 5,000 units; Prefect with a run for each unit needed 356 s for 50."""


def _reached(aim: Aim, value: float | None) -> str:
    if value is None:
        return "–"
    words = "reached" if value <= aim.aim else "**not reached**"
    return f"{value:.1f} {aim.unit}: {words}"


def _pair(figures: Figures, name: str, form: str) -> str:
    own = getattr(total(figures.own()), name)
    text = "–" if own is None else form.format(own)
    if not figures.postgres():
        return text
    more = getattr(total(figures.postgres()), name)
    return f"{text} ({'–' if more is None else form.replace('*', '').format(more)})"


def _processes(figures: Figures) -> str:
    return _pair(figures, "processes", "{}")


def _times(times: object, *, bold: bool = False) -> str:
    if times is None:
        return "–"
    text = f"{getattr(times, 'p50'):.1f} / {getattr(times, 'p95'):.1f}"  # noqa: B009
    return f"**{text}**" if bold else text


def _others(figures: Figures, stage: str) -> str:
    spent = figures.stages.get(stage)
    return f"{spent.cpu.get('others', 0.0) / spent.seconds:.1f}" if spent else "–"


def _burst_cpu(figures: Figures) -> str:
    spent = figures.stages.get("burst")
    if spent is None:
        return "–"
    own = sum(used for name, used in spent.cpu.items() if name not in (CLIENT, OTHERS))
    return f"{spent.cpu.get('portal', 0.0):.1f} / {own:.1f} / {figures.burst_client_cpu:.1f}"


def _load(figures: Figures) -> str:
    stages = (figures.stages.get("issue"), figures.stages.get("burst"))
    return " / ".join("–" if each is None else f"{each.load:.1f}" for each in stages)


def _when(figures: Figures) -> str:
    day, _, hour = figures.at.partition("T")
    return f"{day} {hour[:5]}" + (", profiled" if figures.profiled else "")
