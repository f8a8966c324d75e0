"""Use cases, based on ports only."""
