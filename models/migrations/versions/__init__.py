"""One module a revision; the ledger's own tables are created once and never rebuilt."""
