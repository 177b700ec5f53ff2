"""What the ledger says and proves, for those who trust nothing above it."""
