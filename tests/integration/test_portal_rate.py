"""Buckets and clients: how much one may ask for, and who one is behind proxies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Scope

from portal.rate import Buckets, client_of, networks

STEPS = st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 90)), max_size=120)


@given(STEPS)
def test_never_more_than_the_bucket_and_what_has_flowed_in(steps: list[tuple[str, float]]) -> None:
    buckets, now = Buckets(5, 60), 0.0
    granted: dict[str, list[float]] = {}
    for key, pause in steps:
        now += pause
        if not buckets.wait(key, now):
            buckets.take(key, now)
            granted.setdefault(key, []).append(now)
    for times in granted.values():
        for at, begin in enumerate(times):
            within = [each for each in times[at:] if each < begin + 60]
            assert len(within) <= 10, "a bucket of five, and five that flowed in"


@given(STEPS)
def test_after_the_wait_that_was_told_one_may_ask(steps: list[tuple[str, float]]) -> None:
    buckets, now = Buckets(3, 60), 0.0
    for key, pause in steps:
        now += pause
        wait = buckets.wait(key, now)
        if wait:
            assert buckets.wait(key, now + wait * 0.99) > 0
            now += wait + 1e-6
            assert buckets.wait(key, now) == 0
        buckets.take(key, now)


def test_one_key_empties_no_other() -> None:
    buckets = Buckets(2, 60)
    for _ in range(9):
        buckets.take("a", 0)
    assert buckets.wait("a", 0) > 0
    assert buckets.wait("b", 0) == 0


def test_memory_is_bounded_and_full_buckets_are_forgotten() -> None:
    buckets = Buckets(60, 600, most=100)
    for number in range(1_000):
        buckets.take(str(number), 0)
    assert len(buckets) == 100
    buckets.take("new", 1_000)
    assert len(buckets) == 1


def scope(peer: str | None, *forwarded: str) -> Scope:
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    client = None if peer is None else (peer, 1)
    return {"type": "http", "client": client, "headers": headers}


OURS = networks("10.0.0.0/24, 2001:db8::1")


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", (), "203.0.113.9"),
        # A stranger's word is worth nothing.
        ("203.0.113.9", ("198.51.100.1",), "203.0.113.9"),
        # A proxy's is, and only the newest of what it was told by strangers.
        ("10.0.0.7", ("198.51.100.1",), "198.51.100.1"),
        ("10.0.0.7", ("1.1.1.1, 198.51.100.1",), "198.51.100.1"),
        ("10.0.0.7", ("1.1.1.1, 198.51.100.1, 10.0.0.8",), "198.51.100.1"),
        ("10.0.0.7", ("1.1.1.1", "198.51.100.1"), "198.51.100.1"),
        ("2001:db8::1", ("198.51.100.1",), "198.51.100.1"),
        # Nonsense ends the walk.
        ("10.0.0.7", ("198.51.100.1, unknown",), "10.0.0.7"),
        ("10.0.0.7", ("",), "10.0.0.7"),
        ("10.0.0.7", ("198.51.100.1\xb2",), "10.0.0.7"),
        ("10.0.0.7", (",".join(["10.0.0.8"] * 90),), "10.0.0.8"),
        # A household of IPv6 is one client, and a mapped address is its IPv4 one.
        ("2001:db8:1:2:3:4:5:6", (), "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", (), "203.0.113.9"),
        ("::ffff:10.0.0.7", ("198.51.100.1",), "198.51.100.1"),
        (None, ("198.51.100.1",), "-"),
        ("testclient", (), "-"),
    ],
)
def test_who_asks(peer: str | None, forwarded: tuple[str, ...], client: str) -> None:
    assert client_of(scope(peer, *forwarded), OURS) == client
    if not forwarded:
        assert client_of(scope(peer), ()) == client
