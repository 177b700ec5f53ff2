"""The agenda behaves like the plain set of pairs that it stands for."""

from hypothesis import given, settings
from hypothesis import strategies as st
from pendulum import DateTime

from models.domain.agenda import Agenda
from tests.builders import ISSUE_AT

_INSTANTS = [ISSUE_AT.add(hours=n) for n in range(5)]
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(("add", "remove")), st.sampled_from(_INSTANTS), st.sampled_from("abcd")
    ),
    max_size=40,
)


@settings(max_examples=150)
@given(_STEPS)
def test_it_is_a_set_of_pairs(steps: list[tuple[str, DateTime, str]]) -> None:
    agenda, pairs = Agenda(), set[tuple[DateTime, str]]()
    for verb, instant, key in steps:
        old, old_first = agenda, agenda.first()
        if verb == "add":
            agenda = agenda.add(instant, key)
            pairs.add((instant, key))
        else:
            agenda = agenda.remove(instant, key)
            pairs.discard((instant, key))
        assert old.first() == old_first, "an agenda is a value"
        assert list(agenda.instants) == sorted({at for at, _ in pairs})
        assert agenda.first() == min((at for at, _ in pairs), default=None)
        for each in _INSTANTS:
            assert agenda.at(each) == tuple(sorted(k for at, k in pairs if at == each))
            assert all(agenda.has(each, k) == ((each, k) in pairs) for k in "abcd")


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(_INSTANTS), st.sampled_from("abcd")), unique=True))
def test_equal_contents_are_equal_agendas(pairs: list[tuple[DateTime, str]]) -> None:
    one, other = Agenda(), Agenda()
    for instant, key in pairs:
        one = one.add(instant, key)
    for instant, key in reversed(pairs):
        other = other.add(instant, key)
    assert one == other
    for instant, key in pairs:
        one = one.remove(instant, key)
    assert one == Agenda()
