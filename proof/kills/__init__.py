"""Processes that are killed at random instants, and what must be left of their work."""
