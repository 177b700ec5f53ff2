"""Clocks: one that can be moved by all processes of a rehearsal, and waiting without sleeping."""

import threading
from pathlib import Path

import pytest

from config.clock import FileClock, FixedClock, SystemClock, clock_from, parse, wait_until
from tests.factories import vn


def test_virtual_time_is_what_was_set(tmp_path: Path) -> None:
    clock = FileClock(tmp_path / "clock")
    clock.set(vn(2023, 6, 15, 8).in_timezone("UTC"))
    assert clock.now() == vn(2023, 6, 15, 8)
    assert clock.now().timezone_name == "Asia/Ho_Chi_Minh"
    assert FileClock(clock.path).now() == clock.now()


def test_a_clock_that_nobody_set_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FileClock(tmp_path / "clock").now()


@pytest.mark.parametrize("name", ["clock", "clock.new", "clock.txt"])
def test_readers_see_the_old_or_the_new_instant_only(tmp_path: Path, name: str) -> None:
    clock = FileClock(tmp_path / name)
    instants = [vn(2023, 6, 15), vn(2024, 12, 31, 23, 59).add(microseconds=123_456)]
    clock.set(instants[0])
    done = threading.Event()
    seen = []
    wrong: list[Exception] = []

    def read() -> None:
        while not done.is_set():
            try:
                seen.append(clock.now())
            except Exception as error:
                wrong.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(300):
        clock.set(instants[turn % 2])
    done.set()
    reader.join()
    assert not wrong
    assert set(seen) <= set(instants)


def test_moving_time_never_leaves_half_an_instant(tmp_path: Path) -> None:
    clock = FileClock(tmp_path / "clock.new")
    clock.set(vn(2023, 6, 15))
    before = clock.path.stat().st_ino
    clock.set(vn(2023, 6, 16))
    assert clock.path.stat().st_ino != before, "a new file takes the place of the old one"
    assert [each.name for each in tmp_path.iterdir()] == ["clock.new"]


@pytest.mark.parametrize(
    "text", ["", "now", "2023-06-15", "2023-06-15T08:00:00", "tomorrow", "P1D", "2023-06-15T25:00Z"]
)
def test_what_is_no_instant_with_its_offset_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse(text)


@pytest.mark.parametrize(
    "text", ["2023-06-15T01:00:00Z", "2023-06-15T08:00:00+07:00", "2023-06-15T08:00+0700"]
)
def test_an_instant_is_read_as_viet_nams_time(text: str) -> None:
    assert parse(text) == vn(2023, 6, 15, 8)


def test_the_setting_names_the_clock(tmp_path: Path) -> None:
    assert isinstance(clock_from("real"), SystemClock)
    found = clock_from(f"file:{tmp_path}/a:b")
    assert isinstance(found, FileClock)
    assert found.path == Path(f"{tmp_path}/a:b")
    for wrong in ("", "virtual", "file:"):
        with pytest.raises(ValueError, match="clock must be"):
            clock_from(wrong)


def test_the_machines_clock_is_viet_nams() -> None:
    assert SystemClock().now().offset_hours == 7
    assert FixedClock(vn(2023, 1, 1)).now() == vn(2023, 1, 1)


def test_waiting_ends_when_the_condition_holds() -> None:
    turns = iter([False, False, True])
    assert wait_until(lambda: next(turns), seconds=10, every=0.001)


def test_waiting_ends_with_its_time() -> None:
    assert not wait_until(lambda: False, seconds=0.01, every=0.001)


def test_waiting_ends_when_told_to_stop() -> None:
    stop = threading.Event()
    stop.set()
    assert not wait_until(lambda: False, seconds=60, stop=stop)
    assert wait_until(lambda: True, seconds=60, stop=stop), "what holds already is not missed"
