"""Failure capsules: record, scrub and replay the requests of a provider's failure."""
