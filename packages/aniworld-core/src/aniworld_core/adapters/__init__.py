"""Adapters on the standard library and anyio; private to core."""
