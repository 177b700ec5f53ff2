"""Read-only: what the ledger says, for those who trust nothing above it."""
