"""The unfinished file on disk: its ledger and lock, checks of the whole file, and publishing it."""
