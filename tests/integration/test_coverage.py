"""What the auditors' page says of checkpoints is what the database holds of them."""

from pathlib import Path

from audit import coverage
from audit.anchor import hand_out, settle
from audit.checkpoint import make
from audit.keyring import Keyring
from audit.ledger import histories
from audit.page import Ledger, page
from config.clock import FixedClock
from tests.builders import ISSUE_AT, city
from tests.ledgers import office


def test_checkpoints_and_their_copies_are_read(database_url: str, tmp_path: Path) -> None:
    with office(database_url) as place:
        assert coverage.read(place.store) == ()
        place.issue(city())
        size, clock = place.store.size(), FixedClock(ISSUE_AT)
        made = make(place.store, Keyring(tmp_path / "keys"), tmp_path / "notes", clock)
        assert made is not None
        (point,) = coverage.read(place.store)
        assert (point.size, bytes.fromhex(point.root)) == (size, made.checkpoint.root)
        assert (point.anchors, point.outside) == ((), ())
        hand_out(place.store, made, ["kiem-toan@audit.example"], place.clock, clock)
        (point,) = coverage.read(place.store)
        (anchor,) = point.anchors
        assert (anchor.state, point.outside) == ("pending", ())
        with place.store.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE outbox SET state = 'sent' WHERE kind = 'checkpoint'")
        settle(place.store)
        (point,) = coverage.read(place.store)
        assert [each.channel for each in point.outside] == [anchor.channel]
        ledger = Ledger(place.store.log_id(), place.store.size(), (point,))
        html = page(histories(place.store), ledger, ISSUE_AT).html
        assert f"nằm trong điểm kiểm tra ký lúc 08:00 thứ Ba, {ISSUE_AT:%d/%m/%Y}" in html
        assert anchor.channel in html
        assert "kiem-toan@" not in html
