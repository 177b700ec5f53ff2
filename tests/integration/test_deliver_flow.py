"""What a run of ``deliver`` says of itself: an operator hears of an outage once."""

from collections import Counter

import pytest
from prefect.client.schemas.objects import StateType

from flows import deliver as module
from notifications.post import Round


@pytest.mark.parametrize(
    ("done", "kind", "name", "words"),
    [
        (Round(Counter(sent=3, parked=1)), StateType.COMPLETED, "Completed", "parked 1, sent 3"),
        (Round(), StateType.COMPLETED, "Completed", "Không có thư nào"),
        (
            Round(Counter(pending=2), infra=True, alert=True, reason="535 no"),
            StateType.FAILED,
            "Failed",
            "Máy chủ thư không nhận (535 no): pending 2",
        ),
        (Round(infra=True, reason="busy"), StateType.COMPLETED, "RelayDown", "vẫn chưa nhận: busy"),
        (Round(Counter(sent=2), limited=True), StateType.COMPLETED, "Limited", "sent 2; đã hết"),
    ],
)
def test_a_run_ends_as_the_round_went(
    monkeypatch: pytest.MonkeyPatch, done: Round, kind: StateType, name: str, words: str
) -> None:
    monkeypatch.setattr(module, "send", lambda: done)
    state = module.deliver.fn()
    assert (state.type, state.name) == (kind, name)
    assert words in str(state.message)
