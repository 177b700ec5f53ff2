"""The version of this software: in the ledger's facts, and of the package (``pyproject.toml``)."""

VERSION = "0.1.0"
