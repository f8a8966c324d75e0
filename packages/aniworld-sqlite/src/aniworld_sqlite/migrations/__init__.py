"""Alembic scripts, run by `aniworld_sqlite._migrate`, never from the command line."""
