"""Tracks of a remux: their codec and container, their format, and the form of their packets."""
