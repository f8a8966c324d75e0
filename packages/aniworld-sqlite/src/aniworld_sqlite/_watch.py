"""Detect changes of a database without a query."""

import sqlite3
from pathlib import Path

import attrs


@attrs.frozen(eq=False)
class Watch:
    """A separate connection that never reads or writes a row.

    SQLite counts the changes of other connections. To this one, every change is another
    connection's, so the counter includes the changes of this process. Reading it takes
    microseconds and needs no thread. It never waits for a lock: it fails instead.
    """

    _connection: sqlite3.Connection

    @classmethod
    def over(cls, path: Path) -> "Watch":
        """Watch the database in a file that is open already.

        Raises:
            sqlite3.Error: If it cannot be opened.
        """
        # https://sqlite.org/pragma.html#pragma_data_version: a value differs from an earlier one
        # of the same connection when another connection has committed a change since.
        watch = cls(sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False))
        watch.revision()
        return watch

    def revision(self) -> str:
        """Return a mark that differs after every change.

        Raises:
            sqlite3.Error: If the counter cannot be read at once.
        """
        return str(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
