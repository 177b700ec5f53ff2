"""The auditor's verification of a ledger that a test has left behind."""

from audit.codes import Code, Weight
from audit.verify import Wanted, verify
from models.store import Store

FORGIVEN = (Code.TEXT_MISSING, Code.PERSON_ROW)
"""Tests name texts that they never kept, and people who never typed a name."""


def assert_whole(store: Store) -> None:
    """Assert that verification finds nothing altered, whatever was done through the recorder."""
    url = store.engine.url.render_as_string(hide_password=False)
    report = verify(url, Wanted())
    altered = [
        f"{each.code.value} | {each.place('en')} | {each.text('en')}"
        for each in report.findings.of(Weight.ALTERED)
        if each.code not in FORGIVEN
    ]
    assert not altered, "\n".join(altered)
