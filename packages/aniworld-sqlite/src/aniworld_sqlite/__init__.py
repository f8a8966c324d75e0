"""SQLite storage of Aniworld, selected by `DATABASE_URL`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
    from aniworld_sqlite._copies import recover
    from aniworld_sqlite._former import read_former_database
    from aniworld_sqlite._last_scan import open_last_scan
    from aniworld_sqlite._move import open_reader, open_writer
    from aniworld_sqlite._storage import SqliteStorage, open_storage

__all__ = [
    "SqliteStorage",
    "open_last_scan",
    "open_reader",
    "open_storage",
    "open_writer",
    "read_former_database",
    "recover",
]

__getattr__: Callable[[str], Any]
__dir__: Callable[[], list[str]]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "_copies": ("recover",),
        "_former": ("read_former_database",),
        "_last_scan": ("open_last_scan",),
        "_move": ("open_reader", "open_writer"),
        "_storage": ("SqliteStorage", "open_storage"),
    },
)
