"""Alembic's scripts; run by `aniworld_sqlite._migrate`, never from a command line."""
