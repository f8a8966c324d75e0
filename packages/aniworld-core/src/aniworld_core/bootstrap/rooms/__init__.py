"""Builders of the use cases of one room each."""
