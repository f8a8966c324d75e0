"""Files of a transfer on disk: part, ledger, lock, checks and publishing."""
