"""Measurements on the real parts; never part of the tests."""
