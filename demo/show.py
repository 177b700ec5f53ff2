"""`make demo`: the real chain, from 15/6/2023 to its end, on virtual time, with simulated units.

The system is the embedded one, started like any other; only its clock is a file that this program
moves, from one moment at which something happens to the next. The units are simulated outside the
system: they read their mail and use the portal, like people.
"""

import shlex
import signal
import threading
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import httpx
from pendulum import DateTime
from rich.console import Console
from sqlalchemy.exc import OperationalError

from cli.issue import register
from cli.keep import NotStarted
from cli.mail import counted
from cli.problems import out, say
from cli.status import show
from cli.supervise import PortTaken, Supervisor, require_free
from cli.up import announce, bring_up
from cli.up import ports as ports_of
from config.clock import FileClock, stopwatch, wait_until
from config.package import Package
from config.package import load as load_package
from config.settings import Settings, load
from demo.cast import Cast
from demo.ground import Ground, Refused
from demo.people import People
from models.domain.calendar import local
from models.domain.statistics import closing_copies, table
from models.domain.terms import DocumentKey
from models.record import Recorder
from models.store import Store
from notifications import outbox
from notifications.wiring import open_store, recorder_of

PACKAGE = Path(__file__).parent.parent / "config" / "directives" / "57-kl-tw"
STUCK_SECONDS = 120.0
"""Real time without any progress after which the demonstration gives up."""
LAST_PASSES_SECONDS = 90.0
LOOK_AGAIN_SECONDS = 10.0
"""How long to look for more before an end that is not the end is called one."""
FREE_PORTS_SECONDS = 3.0
"""How long the parts of a demonstration that was just killed may take to be gone."""
PICTURE_SECONDS = 0.6
"""How long a moment of virtual time waits at most for the runs to show it."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the demonstration listens, on loopback."""

    prefect: int
    portal: int
    mail: int
    smtp: int


class Stuck(Exception):
    """Nothing moves any more although the cascade is not complete."""


def run(
    folder: Path, ports: Ports, *, seed: int, resume: bool, leave: bool, pace: float, lang: str
) -> int:
    """Run the demonstration; return 0 when the cascade is complete.

    Nothing is deleted before it is sure that this demonstration can run: its settings are right,
    the folder is one of ours and nobody's at the moment, and the ports are free.
    """
    settings = _settings(folder, ports, lang)
    package = load_package(PACKAGE, lang=lang)
    try:
        ground = Ground(folder)
        try:
            _ports_free(settings)
            if not resume:
                ground.clear()
            return _perform(settings, package, seed=seed, leave=leave, pace=pace, lang=lang)
        finally:
            ground.let_go()
    except (PortTaken, NotStarted) as error:
        say(error.text(lang))
        return 1
    except Refused as error:
        say(error.text(lang))
        return 2


def _settings(folder: Path, ports: Ports, lang: str) -> Settings:
    return load(
        var=folder,
        database_url="",
        clock=f"file:{(folder / 'clock').absolute()}",
        lang=lang,
        catcher=True,
        smtp_host="127.0.0.1",
        smtp_port=ports.smtp,
        smtp_security="none",
        smtp_username="",
        catcher_port=ports.mail,
        portal_host="127.0.0.1",
        portal_port=ports.portal,
        public_url="",
        prefect_host="127.0.0.1",
        prefect_port=ports.prefect,
        prefect_api_url="",
    )


def _ports_free(settings: Settings) -> None:
    def free() -> bool:
        try:
            require_free("127.0.0.1", ports_of(settings))
        except PortTaken:
            return False
        return True

    if not wait_until(free, seconds=FREE_PORTS_SECONDS):
        require_free("127.0.0.1", ports_of(settings))


def _perform(
    settings: Settings, package: Package, *, seed: int, leave: bool, pace: float, lang: str
) -> int:
    """Bring the system up and play; return the exit status."""
    clock = FileClock((settings.var / "clock").absolute())
    if not clock.path.exists():
        # The evening before the first document, so that its own day is seen to come.
        clock.set(package.documents[0].issue_at.subtract(hours=14))
    stop = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    announce(settings, lang)
    supervisor = bring_up(settings, lambda text: out.print(text, style="yellow", markup=False))
    try:
        store = open_store(settings)
        recorder = recorder_of(settings, store)
        if not store.streams():
            register(recorder, package, "demo")
            for note in package.notes:
                # What the text does not say is shown as such; the list of sample bodies is long.
                if note.document is not None or note.source == "note":
                    out.print(
                        f"· {note.vi if lang == 'vi' else note.en}", style="dim", markup=False
                    )
        cast = Cast(seed, package.documents[-1].calendar)
        cast.assign([contact.email for contact in package.contacts])
        people = People(f"http://127.0.0.1:{settings.catcher_port}", cast)
        keeper = Keeper(store, recorder, clock, people, out, lang, stop, pace)
        return _play(keeper, settings, supervisor, store, stop, leave, lang)
    finally:
        supervisor.stop()


def _play(
    keeper: "Keeper",
    settings: Settings,
    supervisor: Supervisor,
    store: Store,
    stop: threading.Event,
    leave: bool,
    lang: str,
) -> int:
    vi = lang == "vi"
    try:
        complete = keeper.play()
    except Stuck as error:
        say(str(error))
        complete = False
    if not complete:
        return 1
    for row in reversed(store.streams()):
        out.print()
        show(store.state(DocumentKey(row["id"])), out, lang)
    out.print()
    facts = f"{store.size()} sự kiện trong sổ cái" if vi else f"{store.size()} facts in the ledger"
    mails = f"{'thư' if vi else 'mails'}: {counted(outbox.counts(store), lang)}"
    out.print(f"{facts}; {mails}", markup=False)
    out.print(onward(settings, lang), markup=False, highlight=False, soft_wrap=True)
    if leave:
        return 0
    announce(settings, lang)
    out.print("Nhấn Ctrl-C để dừng." if vi else "Press Ctrl-C to stop.")
    stop.wait()
    return 0


def onward(settings: Settings, lang: str) -> str:
    """Return what a shell is told so that the commands work on this demonstration's data."""
    where = {
        "CASCADE_VAR": settings.var,
        "CASCADE_CLOCK": settings.clock,
        "CASCADE_PORTAL_PORT": settings.portal_port,
        "CASCADE_PREFECT_PORT": settings.prefect_port,
    }
    told = "Dùng các lệnh với dữ liệu này" if lang == "vi" else "The commands, on this data"
    exports = " ".join(f"{name}={shlex.quote(str(value))}" for name, value in where.items())
    return (
        f"{told}:\n  export {exports}\n"
        '  .venv/bin/cascade replay 256-KH/TU --at "08:00 15/10/2023"\n'
        "  .venv/bin/cascade verify"
    )


class Keeper:
    """Moves time from one moment at which something happens to the next."""

    def __init__(
        self,
        store: Store,
        recorder: Recorder,
        clock: FileClock,
        people: People,
        console: Console,
        lang: str,
        stop: threading.Event,
        pace: float,
    ) -> None:
        self.store = store
        self.recorder = recorder
        self.clock = clock
        self.people = people
        self.console = console
        self.lang = lang
        self.stop = stop
        self.pace = pace
        self._said = ""

    def play(self) -> bool:
        """Play to the end; return whether the cascade is complete.

        Raises:
            Stuck: when nothing moved for a long time.
        """
        while not self.stop.is_set():
            self._settle()
            self._progress()
            if self._complete() and self._held_until() is None:
                return self._last_passes()
            following = self._next()
            if following is None:
                if self._goes_on() or self.stop.is_set():
                    continue
                raise Stuck(
                    "Không còn gì để chờ, nhưng các văn bản chưa hoàn thành."
                    if self.lang == "vi"
                    else "Nothing is left to wait for, but the cascade is not complete."
                )
            self.clock.set(max(following, self.clock.now()))
            if self.pace:
                self.stop.wait(self.pace)
        return False

    def _goes_on(self) -> bool:
        """Look again, for a while, whether there is something left to come after all."""
        before = self._signature()

        def more() -> bool:
            try:
                if self.people.read_mail(self.clock.now(), wait=0.1):
                    return True
            except httpx.HTTPError:
                return False
            return self._signature() != before or self._next() is not None or self._complete()

        return wait_until(more, seconds=LOOK_AGAIN_SECONDS, stop=self.stop)

    def _settle(self) -> None:
        """Let everything happen that happens now: time, mail, people."""
        last = [self._signature(), stopwatch()]
        begun = stopwatch()

        def picture_is_true() -> bool:
            # Passes are slower than virtual days; what one misses the next one shows.
            return stopwatch() - begun > PICTURE_SECONDS or self._seen()

        def quiet() -> bool:
            now = self.clock.now()
            # Asked before the mail is read: what was on its way now may come when it has been.
            before, nothing_owed = self._signature(), self._nothing_owed()
            try:
                moved = self.people.read_mail(now, wait=0.1)
                if nothing_owed:
                    moved += self.people.act(now)
            except httpx.HTTPError:  # a part of the system is being restarted
                return self._judge(last, settled=False)
            read_all = nothing_owed and moved == 0 and before == self._signature() != ""
            return self._judge(last, settled=read_all and self._still() and picture_is_true())

        wait_until(quiet, seconds=3_600, every=0.05, stop=self.stop)

    def _judge(self, last: list[object], settled: bool) -> bool:
        """Return *settled*; raise when nothing at all has moved for a long time."""
        signature = self._signature()
        if signature != last[0]:
            last[:] = [signature, stopwatch()]
        elif not settled and stopwatch() - float(str(last[1])) > STUCK_SECONDS:
            at = f"{self.clock.now():%d/%m/%Y %H:%M}"
            raise Stuck(
                f"Không có gì chuyển động trong {STUCK_SECONDS:.0f} giây, lúc {at}."
                if self.lang == "vi"
                else f"Nothing has moved for {STUCK_SECONDS:.0f} s at {at}."
            )
        return settled

    def _signature(self) -> str:
        try:
            return f"{self.store.size()} {outbox.counts(self.store)} {self.people.done}"
        except OperationalError:
            return ""

    def _still(self) -> bool:
        """Tell whether nothing is owed to anybody at this moment of virtual time."""
        ready = self.people.next_at
        return self._nothing_owed() and (ready is None or ready > self.clock.now())

    def _nothing_owed(self) -> bool:
        return self._owed() == 0 and not self.recorder.due()

    def _owed(self) -> int:
        """Count the mails that are on their way now; what is held has its own moment."""
        return outbox.on_the_way(self.store, self.clock.now())

    def _held_until(self) -> DateTime | None:
        return outbox.held_until(self.store, self.clock.now())

    def _seen(self) -> bool:
        """Tell whether the runs have dealt with every fact, so that the picture is true."""
        from flows import books

        runs = books.of_streams(self.store)
        return all(
            (run := runs.get(books.CARRY_OUT + row["id"])) is not None
            and (run.finished or run.seen == row["position"])
            for row in self.store.streams()
            if row["issued_at"] is not None or row["parent"] is None
        )

    def _next(self) -> DateTime | None:
        moments = [
            local(moment)
            for row in self.store.streams()
            if (moment := self.store.state(DocumentKey(row["id"])).next_due()) is not None
        ]
        moments += [at for at in (self.people.next_at, self._held_until()) if at is not None]
        return min(moments, default=None)

    def _complete(self) -> bool:
        rows = self.store.streams()
        return bool(rows) and all(row["completed_at"] is not None for row in rows)

    def _last_passes(self) -> bool:
        """Wait until the runs themselves have ended."""
        from flows import books

        def ended() -> bool:
            runs = books.of_streams(self.store)
            return all(
                (run := runs.get(books.CARRY_OUT + row["id"])) is not None and run.finished
                for row in self.store.streams()
            )

        return wait_until(ended, seconds=LAST_PASSES_SECONDS, stop=self.stop)

    def _progress(self) -> None:
        """Print one line: the virtual date, the counts, and what is awaited."""
        from flows.picture import awaited

        parts: list[str] = []
        waits = ""
        for row in self.store.streams():
            state = self.store.state(DocumentKey(row["id"]))
            if state.issued_at is None:
                continue
            counts = table(closing_copies(state))
            parts.append(
                f"{row['id']} {counts.done}/{counts.done + counts.open}"
                + (f" (quá hạn {counts.open_late})" if counts.open_late else "")
            )
            waits = awaited(state)[1] if state.completed_at is None else waits
        line = f"{self.clock.now():%d/%m/%Y %H:%M}  {' · '.join(parts)}  {waits}"
        if line != self._said:
            self._said = line
            self.console.print(line[:220], markup=False)
