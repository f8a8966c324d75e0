"""Tables of a database, to copy them into a database of another kind."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TypeAlias

#: The values of a row in the order of the columns: `None`, bool, int, float, str, bytes, a date, or
#: a time in UTC without a zone. Both kinds of databases give equal values for an equal row.
Row: TypeAlias = tuple[object, ...]


class TableReader(ABC):
    """The tables of one database of the newest schema, as they are when it is opened.

    Any method may raise `StorageUnavailableError` or `StorageCorruptError`.
    """

    @property
    @abstractmethod
    def place(self) -> str:
        """Where the database is, for people; without user and password."""

    @property
    @abstractmethod
    def folder(self) -> Path | None:
        """The folder of a database that is a file; `None` for a database on a server."""

    @property
    @abstractmethod
    def tables(self) -> Sequence[str]:
        """The names of all tables; rows refer only to rows of the same or an earlier table."""

    @abstractmethod
    async def count(self, table: str) -> int:
        """Return the number of rows."""

    @abstractmethod
    async def rows(self, table: str, *, after: Row | None, limit: int) -> Sequence[Row]:
        """Return rows in the order of the primary key, which is the same in all databases.

        Args:
            table: Name of the table.
            after: The last row of the former call; `None` begins with the first row.
            limit: Number of rows to return.
        """

    @abstractmethod
    async def last(self, table: str) -> Row | None:
        """Return the last row in the order of `rows`; `None` if the table is empty."""

    @abstractmethod
    async def counters(self) -> Mapping[str, int]:
        """Return the last number that each table gave to a row, also if the row was deleted."""

    @abstractmethod
    async def is_changed(self) -> bool:
        """Return whether another program changed the database since it was opened."""


class TableWriter(TableReader):
    """The tables of a database that is being filled; no other program can open it until the end.

    Every call is one transaction. The database survives a kill between two calls: the next writer
    of the same database continues.
    """

    @abstractmethod
    async def begin(self, mark: str) -> bool:
        """Make empty tables, or keep those of an unfinished copy with the same mark.

        Args:
            mark: Identifies the rows to copy. An unfinished copy with another mark is emptied.

        Returns:
            Whether an unfinished copy is continued.
        """

    @abstractmethod
    async def add(self, table: str, rows: Sequence[Row]) -> None:
        """Add rows, all or none.

        Raises:
            UsageError: If this kind of database cannot store a value.
        """

    @abstractmethod
    async def finish(self, counters: Mapping[str, int]) -> None:
        """Set the numbers of `counters`, and make the database usable."""


#: Open the database of a URL to read its tables, without changing it. The entry point
#: `aniworld.table_reader`. Raise `StorageNotMovedError` if programs use it, or its schema is not
#: the newest one.
ReaderFactory: TypeAlias = Callable[[str], AbstractAsyncContextManager[TableReader]]
#: Open the database of a URL to fill it. The entry point `aniworld.table_writer`. Raise
#: `StorageNotMovedError` if it has data or is in use.
WriterFactory: TypeAlias = Callable[[str], AbstractAsyncContextManager[TableWriter]]
