"""Bulk jobs: choose series, change each of them in the background, and undo it."""
