"""Searching for garbage stops while much is built, and goes on afterwards whatever happens."""

import gc

import pytest

from audit.uncollected import uncollected


def test_it_goes_on_afterwards() -> None:
    assert gc.isenabled()
    with uncollected(), uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(KeyError), uncollected():
        raise KeyError
    assert gc.isenabled()
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
