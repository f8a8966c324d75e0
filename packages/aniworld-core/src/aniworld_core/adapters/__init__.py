"""Adapters that need nothing but the standard library and anyio; private to core."""
