"""The engine against a real Prefect server: parking, nodes, acts, children, deployments."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.sorting import ArtifactSort
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_LOGGING_TO_API_ENABLED, temporary_settings
from prefect.states import Cancelled

from audit.notes import vkey_of
from audit.runs import Unreachable
from config.clock import wait_until
from flows import books, engine
from flows.books import Run
from flows.checkpoint import checkpoint
from flows.deployments import deploy
from flows.hall import Hall, hall
from flows.known_runs import asking, known_runs
from flows.tending import Tended, _wake
from flows.verify import verify_ledger
from notifications.outbox import counts
from tests.engine_flows import DEPLOYMENTS
from tests.engine_site import Site, opened
from tests.factories import document


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with opened(tmp_path_factory.mktemp("engine")) as site:
        yield site


def folder(site: Site, name: str) -> Path:
    path = site.work / name
    path.mkdir()
    return path


def graph(run: UUID, nodes: int) -> dict[str, tuple[str, str, set[str]]]:
    """Return label → (kind, state type, labels of parents), once *nodes* are recorded."""
    found: list[Any] = []

    def complete() -> bool:
        found[:] = (
            engine.api()
            .request("GET", "/flow_runs/{id}/graph-v2", path_params={"id": run})
            .json()["nodes"]
        )
        return len(found) == nodes

    assert wait_until(complete, seconds=15), [each["label"] for _, each in found]
    labels = {identity: node["label"] for identity, node in found}
    return {
        node["label"]: (
            node["kind"],
            node["state_type"],
            {labels[each["id"]] for each in node["parents"]},
        )
        for _, node in found
    }


def test_a_run_parks_with_our_words_and_goes_on_when_woken(site: Site) -> None:
    here = folder(site, "parks")
    run = engine.start("parked/parked", {"folder": str(here)}, name="256", tags=["awaiting"])

    parked = site.until_parked(run, 1)
    assert parked.state is not None
    assert (parked.state.type, parked.state.name) == (StateType.PAUSED, "AwaitingReports")
    assert parked.state.state_details.pause_timeout is None

    assert engine.wake(run) is True
    site.until_parked(run, 2)
    (here / "go").touch()
    assert engine.wake(run) is True
    assert site.until_done(run).state_type == StateType.COMPLETED
    assert engine.wake(run) is False
    assert len((here / f"{run}.passes").read_text().splitlines()) == 3


def test_the_plan_is_one_stable_graph_across_passes(site: Site) -> None:
    run = engine.start("parked/parked", {"folder": str(folder(site, "plan"))})
    site.until_parked(run, 1)
    first = graph(run, 5)
    assert first["Tổng hợp III.1"] == (
        "task-run",
        "PENDING",
        {"Đơn vị 1 báo cáo", "Đơn vị 2 báo cáo"},
    )
    assert first["Đơn vị 1 báo cáo"] == ("task-run", "PAUSED", {"Ban hành 256"})

    engine.wake(run)
    site.until_parked(run, 2)
    second = graph(run, 6)  # one act more, not one node more
    assert wait_until(lambda: graph(run, 6)["Đơn vị 1 báo cáo"][1] == "COMPLETED", seconds=10)
    assert second.keys() - first.keys() == {"Ghi nhận lần 2 {ngoặc}"}
    # An act of this pass follows the act of an earlier one.
    assert second["Ghi nhận lần 2 {ngoặc}"][2] == {"Ghi nhận lần 1 {ngoặc}"}

    drawn = engine.drawn(run)
    unit = drawn[engine.node_id(run, "u2")]
    assert (unit.label, unit.state_type, unit.state_name) == (
        "Đơn vị 2 báo cáo",
        "PAUSED",
        "AwaitingReport",
    )


def test_projecting_sends_only_what_changed_and_renames(site: Site) -> None:
    run = engine.start("parked/parked", {"folder": str(folder(site, "rename"))})
    site.until_parked(run, 1)
    node = engine.Node("later", "Trước", "PENDING", "Blocked", "chờ", ("issue",))
    known = engine.project(run, [node], {})
    assert engine.project(run, [node], known) == known
    renamed = engine.Node("later", "Sau", "PAUSED", "Overdue", "quá hạn", ("issue",))
    assert engine.project(run, [renamed], known)["later"].label == "Sau"

    identity = engine.node_id(run, "later")

    def shown() -> bool:
        there = engine.drawn(run).get(identity)
        return there is not None and there.label == "Sau" and there.message == "quá hạn"

    assert wait_until(shown, seconds=15)
    read_back = engine.known_among(run, ["later", "unknown"], engine.drawn(run))
    assert read_back.keys() == {"later"}
    states = engine.api().read_task_run_states(identity)
    # The second, equal projection was not sent.
    assert [each.name for each in states] == ["Blocked", "Overdue"]
    engine.project(run, [renamed], read_back)
    assert len(engine.api().read_task_run_states(identity)) == 2


def test_a_child_is_nested_once_and_parks_too(site: Site) -> None:
    run = engine.start("parked/parked", {"folder": str(folder(site, "child")), "child": True})
    site.until_parked(run, 1)
    children = engine.children(run)
    assert children.keys() == {engine.node_id(run, "below")}
    (child,) = children.values()
    site.until_parked(child, 1)
    engine.wake(run)
    site.until_parked(run, 2)

    assert engine.children(run) == children
    assert graph(run, 7)["parked / con"] == ("flow-run", "PAUSED", {"Ban hành 256"})
    # What follows the child starts at its bar.
    after = engine.Node("after", "Sau con", "PENDING", "Blocked", "", ("below",))
    engine.project(run, [after], {}, children={"below": child})
    assert graph(run, 8)["Sau con"][2] == {"parked / con"}


def test_starting_twice_with_one_key_is_starting_once(site: Site) -> None:
    here = str(folder(site, "twice"))
    runs = {
        engine.start("parked/parked", {"folder": here}, idempotency_key="once") for _ in range(2)
    }
    assert len(runs) == 1
    (run,) = runs
    site.until_parked(run, 1)
    engine.retag(run, ["b", "a", "b"], name="tên mới")
    there = engine.find(run)
    assert (sorted(there.tags), there.name) == (["a", "b"], "tên mới")


def test_only_what_failed_is_revived(site: Site) -> None:
    run = engine.start("broken/broken", {"how": "error"})
    assert site.until_done(run).state_type == StateType.FAILED
    assert engine.revive(run) is True
    assert wait_until(lambda: engine.find(run).run_count == 2, seconds=30)
    site.until_done(run)

    parked = engine.start("parked/parked", {"folder": str(folder(site, "revive"))})
    site.until_parked(parked, 1)
    assert engine.revive(parked) is False
    engine.api().set_flow_run_state(parked, Cancelled())
    assert engine.revive(parked) is False
    assert engine.wake(parked) is False


def test_a_run_that_prefect_has_forgotten_is_unknown_and_fails_nobody(site: Site) -> None:
    run = engine.start("parked/parked", {"folder": str(folder(site, "forgotten"))})
    site.until_parked(run, 1)
    engine.api().delete_flow_run(run)
    with pytest.raises(ObjectNotFound):
        engine.wake(run)
    done = Tended()
    _wake(Run("carry-out:x", "x", str(run), 0, False), done)
    assert (done.woken, done.revived, done.unknown) == ([], [], ["carry-out:x"])


def test_a_schedule_makes_runs(site: Site) -> None:
    """SQLAlchemy 2.1 breaks the scheduler of Prefect 3.8; this is how we would know."""
    tick = engine.api().read_deployment_by_name("tick/tick").id

    def laid_out() -> bool:
        answer = engine.api().request(
            "POST",
            "/flow_runs/count",
            json={
                "flow_runs": {"deployment_id": {"any_": [str(tick)]}},
            },
        )
        return int(answer.json()) >= 3

    assert wait_until(laid_out, seconds=40), site.server.log.read_text()[-2000:]


def test_deploying_again_leaves_alone_what_an_operator_set(site: Site) -> None:
    client = engine.api()
    before = client.read_deployment_by_name("tick/tick")
    client.update_deployment_schedule(before.id, before.schedules[0].id, active=False)
    deploy("cascade", DEPLOYMENTS)
    after = client.read_deployment_by_name("tick/tick")
    assert [each.active for each in after.schedules] == [False]
    client.update_deployment_schedule(before.id, before.schedules[0].id, active=True)


def test_the_hourly_run_signs_what_grew_and_mails_once_a_day(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CASCADE_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("CASCADE_AUDITORS", "kiem-toan@audit.example")
    hall.cache_clear()
    parts = hall()
    # Logs are sent in the background, and the server goes away before this process.
    try:
        with temporary_settings({PREFECT_LOGGING_TO_API_ENABLED: False}):
            _hourly(parts)
    finally:
        parts.store.close()
        hall.cache_clear()


def test_the_nightly_run_verifies_and_fails_where_something_was_altered(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CASCADE_VAR", str(tmp_path / "var"))
    hall.cache_clear()
    parts = hall()
    try:
        with temporary_settings({PREFECT_LOGGING_TO_API_ENABLED: False}):
            _nightly(parts)
    finally:
        parts.store.close()
        hall.cache_clear()


def _nightly(parts: Hall) -> None:
    parts.recorder.register([document(2)], [], "test")
    checkpoint(return_state=True)
    # A run that this Prefect never had, one that it has, and one under another flow's name.
    books.keep(parts.store, "escalate:x", "256-KH/TU", "00000000-0000-4000-8000-000000000000")
    whole = verify_ledger(return_state=True)
    assert (whole.type, whole.message) == (
        StateType.COMPLETED,
        "Sổ cái nguyên vẹn: 1 sự kiện, 1 văn bản, 1 sự kiện được suy lại;"
        " điểm kiểm tra bên ngoài bảo đảm 1 sự kiện.",
    )
    page = _artifact()
    assert "`run-forgotten`: 1" in page
    with parts.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE stream SET number = 'Nguyễn Văn A'")
    altered = verify_ledger(return_state=True)
    assert (altered.type, altered.message) == (
        StateType.FAILED,
        "Sổ cái không còn nguyên vẹn, 1 phát hiện: văn bản 256-KH/TU, stream:256-KH/TU: stream-row",
    )
    page = _artifact()
    assert "| `stream-row` | văn bản 256-KH/TU, stream:256-KH/TU |" in page
    assert "Nguyễn" not in page
    with parts.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    refused = verify_ledger(return_state=True)
    assert refused.type == StateType.FAILED
    assert refused.message is not None
    assert refused.message.startswith("Không kiểm tra được sổ cái: Cấu trúc của sổ cái là phiên")


def _artifact() -> str:
    """Return the newest page of verification."""
    artifact = engine.api().read_artifacts(
        artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=["verify"])),
        sort=ArtifactSort.CREATED_DESC,
        limit=1,
    )
    return str(artifact[0].data)


def test_prefect_is_asked_of_the_runs_that_it_may_have_forgotten(site: Site) -> None:
    run = engine.start("quick/quick", {"folder": str(folder(site, "known"))})
    found = known_runs([str(run), "00000000-0000-4000-8000-000000000000", "none"])
    assert set(found) == {str(run)}
    assert found[str(run)].flow == "quick"
    with pytest.raises(Unreachable):
        asking("http://127.0.0.1:9/api")([str(run)])


def _hourly(parts: Hall) -> None:
    assert checkpoint(return_state=True).message == "Sổ cái chưa có sự kiện nào."
    parts.recorder.register([document(2)], [], "test")
    first = checkpoint(return_state=True)
    assert (first.type, first.message) == (
        StateType.COMPLETED,
        "Đã ký 1 sự kiện; 1 thư gửi kiểm toán.",
    )
    assert checkpoint(return_state=True).message == "Vẫn là 1 sự kiện đã ký."
    assert counts(parts.store) == {"pending": 1}
    # What an unknown key has signed is not continued, and the run says so.
    keys = parts.settings.keys_folder / "ledger.vkey"
    keys.write_text(vkey_of("cascade/another", bytes(32)) + "\n")
    (parts.settings.keys_folder / "ledger.last").unlink()
    for each in parts.settings.checkpoints_folder.iterdir():
        each.unlink()
    refused = checkpoint(return_state=True)
    assert refused.type == StateType.FAILED
    assert refused.message is not None
    assert "không" in refused.message
