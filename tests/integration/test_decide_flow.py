"""Decisions from the Prefect UI: the flow's own body on a real store."""

from collections.abc import Iterator

import pytest
from prefect.client.schemas.objects import StateType
from prefect.utilities.callables import parameter_schema

from config.settings import load
from flows import decide as module
from flows.hall import Hall
from models.domain.facts import BoundMoved, NoticeRecorded, Superseded, Waived
from models.domain.terms import AssignmentId, Phase
from notifications.wiring import open_store, postman_of, recorder_of
from tests.desk import CITY, Desk
from tests.factories import vn

UNIT = AssignmentId("256/III.1-c@pr.bao-an")
WHERE = (str(CITY), "256/III.1-c", "pr.bao-an")
WHO = ("Thường trực Thành ủy", "15-CV/TU")


class Quiet:
    def info(self, *_: object) -> None:
        pass


@pytest.fixture
def hall(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hall]:
    desk.issue_all()
    desk.at(vn(2023, 9, 25, 9))
    settings = load()
    store = open_store(settings)
    parts = Hall(settings, store, recorder_of(settings, store), postman_of(settings, store))
    monkeypatch.setattr(module, "hall", lambda: parts)
    monkeypatch.setattr(module, "get_run_logger", Quiet)
    yield parts
    store.close()


def decided(*given: str) -> tuple[StateType, str]:
    state = module.decide.fn(*given)  # type: ignore[arg-type]
    return state.type, state.message or ""


def last(hall: Hall, kind: type) -> object:
    return [each.fact for each in hall.store.events(CITY) if isinstance(each.fact, kind)][-1]


def test_more_time_for_one_unit(hall: Hall) -> None:
    until = "đến hết ngày 25/10/2023"
    kind, said = decided(*WHERE, "gia-han", *WHO, "Mưa lũ", until)
    assert kind is StateType.COMPLETED
    assert "15-CV/TU" in said
    fact = last(hall, BoundMoved)
    assert isinstance(fact, BoundMoved)
    assert (fact.due, fact.bodies) == (vn(2023, 10, 26), ("pr.bao-an",))


def test_moved_waived_and_told(hall: Hall) -> None:
    assert decided(*WHERE, "da-bao", *WHO, "Gọi điện")[0] is StateType.COMPLETED
    assert isinstance(last(hall, NoticeRecorded), NoticeRecorded)
    moved = decided(*WHERE, "chuyen-don-vi", *WHO, "Sáp nhập", "pr.vp")
    assert moved[0] is StateType.COMPLETED
    assert isinstance(last(hall, Superseded), Superseded)
    other = (WHERE[0], WHERE[1], "pr.dai-son")
    assert decided(*other, "mien", *WHO)[0] is StateType.COMPLETED
    assert isinstance(last(hall, Waived), Waived)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("999-KH/TU", "a", "b", "mien", *WHO), "Không có văn bản"),
        ((WHERE[0], "256/IX", "pr.bao-an", "mien", *WHO), "không có nhiệm vụ"),
        ((*WHERE, "mien", " ", "15-CV/TU"), "Cơ quan quyết định: chưa ghi"),
        ((*WHERE, "gia-han", *WHO, "Mưa lũ", "sớm"), "không cho ra một ngày cụ thể"),
        ((*WHERE, "gia-han", *WHO, "Mưa lũ", "đến hết ngày 1/9/2023"), "đã qua"),
        ((*WHERE, "khong-gia-han", *WHO, "Không đủ lý do"), "Không có đề nghị"),
        ((*WHERE, "giu-nguyen", *WHO, ""), "Lý do"),
        ((*WHERE, "chuyen-don-vi", *WHO, "Sáp nhập", "pr.nobody"), "không có trong danh sách"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_recorded(
    hall: Hall, given: tuple[str, ...], words: str
) -> None:
    kind, said = decided(*given)
    assert kind is StateType.FAILED
    assert words in said
    assert hall.store.state(CITY).progress[UNIT].phase is Phase.OPEN


def test_the_form_says_what_each_field_is() -> None:
    schema = parameter_schema(module.decide).model_dump_for_openapi()
    assert all(field.get("description") for field in schema["properties"].values())
