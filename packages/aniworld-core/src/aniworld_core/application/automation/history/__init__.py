"""The history: record what happens, keep it small, and list it."""
