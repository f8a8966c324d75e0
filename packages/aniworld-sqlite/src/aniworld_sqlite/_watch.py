"""Detect changes of a database without running a query."""

import sqlite3
from pathlib import Path

import attrs


@attrs.frozen(eq=False)
class Watch:
    """A separate connection that never reads or writes a row.

    SQLite counts the commits of other connections. For this connection every commit is from another
    one, so the counter includes this process. Reading it takes microseconds and needs no thread. It
    never waits for a lock: it fails instead.
    """

    _connection: sqlite3.Connection

    @classmethod
    def over(cls, path: Path) -> "Watch":
        """Watch the database of a file that is already open.

        Raises:
            sqlite3.Error: If the file cannot be opened.
        """
        # https://sqlite.org/pragma.html#pragma_data_version: a value differs from an earlier one
        # of the same connection when another connection has committed a change since.
        watch = cls(sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False))
        try:
            watch.revision()
        except sqlite3.Error:
            watch.close()
            raise
        return watch

    def revision(self) -> str:
        """Return a value that differs after every commit.

        Raises:
            sqlite3.Error: If the counter cannot be read at once.
        """
        return str(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
