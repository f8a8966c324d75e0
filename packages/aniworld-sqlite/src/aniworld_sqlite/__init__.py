"""SQLite storage of Aniworld, selected by `DATABASE_URL`."""

from aniworld_sqlite._copies import recover
from aniworld_sqlite._former import read_former_database
from aniworld_sqlite._storage import SqliteStorage, open_storage

__all__ = ["SqliteStorage", "open_storage", "read_former_database", "recover"]
