"""Carry a document out: issue, hand on, wait for the reports, consolidate, report up.

The same flow at every level. One run lasts as long as the document's work; between two passes it
is parked and costs no process. Each pass asks the ledger what has happened, does what may be done
now, shows it, and parks again. A pass may be cut anywhere or run twice: everything it does is
keyed by what it is.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from uuid import UUID

from prefect import State as PrefectState
from prefect import Task, flow, get_run_logger, runtime, task
from prefect.exceptions import ObjectNotFound
from prefect.states import Completed

from flows import books, engine, names
from flows.attributed import attributed
from flows.hall import Hall, hall
from flows.picture import ISSUE, REPORT_UP, Act, acts, awaited, is_grouped, nodes
from flows.report import consolidation, publish, publish_consolidation
from models.domain.requests import Issue, ReportUp
from models.domain.state import State
from models.domain.statistics import closing_copies, is_late
from models.domain.terms import DocumentKey, ObligationId

CONSOLIDATE = "consolidate:"
CHILD = "child:"


@flow(
    name=names.CARRY_OUT,
    flow_run_name="{document}",
    validate_parameters=False,
    persist_result=False,
)
def carry_out(document: str) -> PrefectState[None]:
    """Do what can be done now for *document* (a key in the ledger), then wait or end."""
    here = Pass(hall(), DocumentKey(document))
    here.issue()
    if here.state.issued_at is not None:
        here.hand_on()
        here.show_acts()
        here.consolidate()
        here.report_up()
    here.show()
    return here.end()


class Pass:
    """One pass through one document."""

    def __init__(self, parts: Hall, document: DocumentKey) -> None:
        self.parts = parts
        self.document = document
        self.key = books.CARRY_OUT + document
        self.run_id = UUID(str(runtime.flow_run.id))
        self.log = get_run_logger()
        books.keep(parts.store, self.key, document, str(self.run_id))
        with attributed():
            self.state: State = parts.recorder.let_time_act(document).state
        # What this pass will have dealt with. Facts that come meanwhile wake the run again.
        self.seen = self.state.position
        self.drawn = engine.drawn(self.run_id)
        self.below: dict[str, UUID] = self._children()

    def issue(self) -> None:
        """Let the document go out, if its day has come and the one above is out."""
        ready = self.state.issue_ready_at()
        self._project()
        if ready is None or ready > self.parts.recorder.clock.now():
            return
        self.act(issue_document, ISSUE, f"Ban hành {self.state.document.number}")
        self._refresh()

    def hand_on(self) -> None:
        """Start the documents below that carry this one out, each as a child of this run."""
        for row in self.parts.store.streams():
            if row["parent"] != self.document:
                continue
            child = self.parts.store.state(DocumentKey(row["id"])).document
            bar = CHILD + child.key
            if bar in self.below:
                continue
            run = engine.start_child(
                names.deployment(names.CARRY_OUT),
                {"document": child.key},
                key=bar,
                idempotency_key=f"{self.run_id}:{child.key}",
                name=child.number,
                tags=[child.key],
                after=[ISSUE],
            )
            books.keep(self.parts.store, books.CARRY_OUT + child.key, child.key, str(run))
            self.below[bar] = run

    def show_acts(self) -> None:
        """Give each act of a unit or a reviewer that is new a task run of its own."""
        if is_grouped(self.state, self.parts.settings.graph_units):
            return
        self._project()
        facts = [stored.fact for stored in self.parts.store.events(self.document)]
        for each in acts(self.state, facts, self.parts.settings.graph_units):
            if not self._is_shown(each.key):
                self.act(unit_act, each.key, each.label, each.after, {"shown": each})

    def consolidate(self) -> None:
        """Where a synthesis may start, lay out what it starts from."""
        for waiting, gate in sorted(self.state.gates.items()):
            key = CONSOLIDATE + waiting
            if gate.opened_at is None or self._is_shown(key):
                continue
            clause = self.state.plan.obligations[waiting].clause if self.state.plan else ""
            self.act(
                lay_out,
                key,
                f"Bảng tổng hợp {clause}",
                [f"gate:{waiting}"],
                {"document": self.document, "obligation": waiting},
            )
            # What a synthesis starts from is signed at once, not at the end of the hour.
            engine.start(
                names.deployment(names.CHECKPOINT),
                {},
                idempotency_key=f"{self.run_id}:checkpoint:{key}",
            )

    def report_up(self) -> None:
        """Send the result to the document above, once it is accepted here."""
        parent = self.state.document.parent
        if (
            parent is None
            or parent.report is None
            or self.state.document.reports_when is None
            or self.state.reports_left
            or self.state.reported_up_at is not None
        ):
            return
        self.act(
            send_up, REPORT_UP, f"Báo cáo lên {parent.document}", [], {"document": self.document}
        )
        self._refresh()
        self.show_acts()

    def show(self) -> None:
        """Make the graph, the tags and the table of the run say how the document stands."""
        self._project()
        late = any(is_late(copy) and not copy.closed for copy in closing_copies(self.state))
        tags: set[str] = {self.document}
        tags.add("done" if self.state.completed_at else "awaiting")
        if late:
            tags.add("overdue")
        if set(runtime.flow_run.tags or ()) != tags:
            engine.retag(self.run_id, tags)
        if self.state.issued_at is not None:
            publish(self.state)

    def end(self) -> PrefectState[None]:
        """End the run if its work is done; otherwise park it until something happens."""
        if not self._finished():
            name, message = awaited(self.state)
            if self.state.completed_at is not None:
                name, message = "AwaitingDocument", "Chờ các văn bản cấp dưới hoàn thành"
            books.saw(self.parts.store, self.key, self.seen)
            engine.park(name, message)
        books.saw(self.parts.store, self.key, self.seen, finished=True)
        parent = self.state.document.parent
        above = books.read(self.parts.store, books.CARRY_OUT + parent.document) if parent else None
        if above is not None:
            # Forgotten with Prefect's database: the follow-up starts it anew.
            with suppress(ObjectNotFound):
                engine.wake(UUID(above.flow_run_id))
        return Completed(message="Mọi nhiệm vụ có thời hạn đã xong.")

    def _finished(self) -> bool:
        """Tell whether nothing is left: here, below, and towards the document above."""
        if self.state.completed_at is None:
            return False
        parent = self.state.document.parent
        if parent is not None and parent.report is not None and not self.state.reported_up_at:
            return False
        runs = books.of_streams(self.parts.store)
        return all(
            (run := runs.get(books.CARRY_OUT + row["id"])) is not None and run.finished
            for row in self.parts.store.streams()
            if row["parent"] == self.document
        )

    def act(
        self,
        task_: Task[..., None],
        key: str,
        label: str,
        after: Sequence[str] = (),
        parameters: Mapping[str, object] | None = None,
    ) -> None:
        """Run one act as a task of its own in this run's graph."""
        given = parameters if parameters is not None else {"document": self.document}
        engine.act(task_, key, label, after, given, children=self.below)
        ident = engine.node_id(self.run_id, key)
        self.drawn[ident] = engine.KnownNode(label, "COMPLETED", "Completed", "", frozenset())

    def _is_shown(self, key: str) -> bool:
        """Tell whether an act stands in the graph as done.

        One whose end was lost with a killed server is run again: it is the same task run.
        """
        node = self.drawn.get(engine.node_id(self.run_id, key))
        return node is not None and node.state_type == "COMPLETED"

    def _refresh(self) -> None:
        self.state = self.parts.store.state(self.document)
        self.seen = self.state.position

    def _children(self) -> dict[str, UUID]:
        bars: dict[str, UUID] = {}
        runs = engine.children(self.run_id)
        for row in self.parts.store.streams():
            if row["parent"] == self.document:
                bar = CHILD + str(row["id"])
                if (run := runs.get(engine.node_id(self.run_id, bar))) is not None:
                    bars[bar] = run
        return bars

    def _report_of(self, child: DocumentKey) -> str | None:
        """Return the assignment here that the child's report fulfils."""
        parent = self.parts.store.state(child).document.parent
        return parent.report if parent is not None else None

    def _project(self) -> None:
        from_below = {
            report: bar
            for bar in self.below
            if (report := self._report_of(DocumentKey(bar.removeprefix(CHILD)))) is not None
        }
        wanted = [
            engine.Node(
                node.key,
                node.label,
                node.type,
                node.name,
                node.message,
                (*node.deps, from_below[node.key]) if node.key in from_below else node.deps,
            )
            for node in nodes(self.state, self.parts.settings.graph_units)
        ]
        known = engine.known_among(self.run_id, [node.key for node in wanted], self.drawn)
        shown = engine.project(self.run_id, wanted, known, children=self.below)
        self.drawn |= {engine.node_id(self.run_id, key): node for key, node in shown.items()}


@task(name="issue")
def issue_document(document: str) -> None:
    """Record that the document went out, and with it every duty it lays down."""
    with attributed():
        outcome = hall().recorder.record(DocumentKey(document), Issue())
    if outcome.refusal is not None and outcome.refusal.code != "done-already":
        raise RuntimeError(outcome.refusal.text("en"))
    get_run_logger().info("%s: %d facts", document, len(outcome.facts))


@task(name="act")
def unit_act(shown: Act) -> None:
    """Show what a unit or a reviewer did; the ledger has it already."""
    get_run_logger().info("%s (%s)", shown.label, shown.key)


@task(name="consolidate")
def lay_out(document: str, obligation: str) -> None:
    """Lay out the table that a synthesis starts from, with the missing units named."""
    parts = hall()
    state = parts.store.state(DocumentKey(document))
    plan = state.plan
    assert plan is not None
    rows = consolidation(state, ObligationId(obligation))
    gate = state.gates[ObligationId(obligation)]
    missing = ", ".join(plan.name(plan.assignments[each][1]) for each in gate.missing)
    words = f"Thiếu: {missing}" if missing else "Đủ báo cáo"
    publish_consolidation(rows, document, plan.obligations[ObligationId(obligation)].clause, words)
    get_run_logger().info("%s: %s", obligation, words)


@task(name="report-up")
def send_up(document: str) -> None:
    """Record that the result went to the document above."""
    with attributed():
        outcome = hall().recorder.record(DocumentKey(document), ReportUp())
    if outcome.refusal is not None and outcome.refusal.code != "done-already":
        raise RuntimeError(outcome.refusal.text("en"))
