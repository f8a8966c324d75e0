"""Sees that a database changed without reading it."""

import sqlite3
from pathlib import Path

import attrs


@attrs.frozen(eq=False)
class Watch:
    """A connection of its own that never reads or writes a row.

    To it every change is somebody else's, ours as well, so that SQLite's own counter tells of
    all of them. Asking looks at memory that is shared with the writers and takes microseconds:
    unlike any other call it needs no thread. It never waits either: where it would have to, it
    fails.
    """

    _connection: sqlite3.Connection

    @classmethod
    def over(cls, path: Path) -> "Watch":
        """Watch the database in a file; it must have been opened before.

        Raises:
            sqlite3.Error: If it cannot be opened.
        """
        # https://sqlite.org/pragma.html#pragma_data_version: a value differs from an earlier one
        # of the same connection when somebody else has committed a change in between.
        watch = cls(sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False))
        watch.revision()
        return watch

    def revision(self) -> str:
        """Return a mark that differs after every change.

        Raises:
            sqlite3.Error: If it cannot be told at once.
        """
        return str(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
