"""Placeholder during the first commit."""
