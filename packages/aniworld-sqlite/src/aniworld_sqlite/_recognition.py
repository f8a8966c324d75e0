"""Recognise a database of the former program, without the modules that read it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

#: The table of series in both programs.
SERIES: Final = "anime_series"
#: A column that only this program's table of the same name has.
OUR_COLUMN: Final = "name_folded"


def is_former(path: Path) -> bool:
    """Return whether a file is a database of the former program; the file is not changed.

    An unreadable file returns false: the error appears when it is opened.
    """
    if not path.is_file():
        return False
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            columns = columns_of_series(connection)
    except sqlite3.Error:
        return False
    return "key" in columns and OUR_COLUMN not in columns


def columns_of_series(connection: sqlite3.Connection) -> frozenset[str]:
    """Return the names of the columns of the table of series; empty without that table."""
    return frozenset(row[1] for row in connection.execute(f"PRAGMA table_info({SERIES})"))
