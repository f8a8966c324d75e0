"""PostgreSQL storage of Aniworld, selected by `DATABASE_URL`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
    from aniworld_postgres._move import open_reader, open_writer
    from aniworld_postgres._storage import PostgresStorage, open_storage

__all__ = ["PostgresStorage", "open_reader", "open_storage", "open_writer"]

__getattr__: Callable[[str], Any]
__dir__: Callable[[], list[str]]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "_move": ("open_reader", "open_writer"),
        "_storage": ("PostgresStorage", "open_storage"),
    },
)
