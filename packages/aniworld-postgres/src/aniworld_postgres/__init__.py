"""PostgreSQL storage of Aniworld, selected by `DATABASE_URL`."""

from aniworld_postgres._storage import PostgresStorage, open_storage

__all__ = ["PostgresStorage", "open_storage"]
