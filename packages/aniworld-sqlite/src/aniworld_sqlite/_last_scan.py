"""What the last scan stored, in plain statements.

SQLAlchemy takes longer to import than a scan without changes takes to look at 10,000 folders, so
nothing here uses it. Tests compare the results with those of the repositories.
"""

import json
import os
import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import attrs

from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.library import FileState, LibraryFile, LibraryFolder
from aniworld_core.domain.shared_state import ScanNote
from aniworld_core.errors import StorageUnavailableError
from aniworld_core.messages import Message, message_from_wire
from aniworld_core.ports.last_scan import LastScan, StoredScan
from aniworld_sqlite._revisions import SHIPPED

#: URLs of files without options; others are left to the storage.
_FILE_URL: Final = "sqlite:///"
#: Milliseconds that a note waits for a writer; then the storage waits and says why.
_BUSY_MS: Final = 500
_REVISION: Final = "SELECT version_num FROM alembic_version"
_OPEN: Final = """
    SELECT EXISTS (SELECT 1 FROM library_loss) OR EXISTS (SELECT 1 FROM library_deletion)
        OR EXISTS (SELECT 1 FROM library_change WHERE status IN ('running', 'stuck'))
"""
_SERIES: Final = "SELECT key, folder FROM anime_series WHERE deleted_at IS NULL"
_TOTAL: Final = "SELECT count(*) FROM library_file"
# The condition is that of the index of these files.
_OTHERS: Final = """
    SELECT state, count(*) FROM library_file WHERE state != 'present' GROUP BY state
"""
_MISSING: Final = """
    SELECT count(*) FROM episodes JOIN anime_series ON anime_series.id = episodes.series_id
    WHERE anime_series.deleted_at IS NULL AND available AND wanted AND NOT is_downloaded
"""
_NOTED: Final = """
    SELECT path, state, reason FROM library_file INDEXED BY ix_library_file_state
    WHERE state != 'present'
        AND (state IN ('extra', 'unsure', 'damaged') OR instr(reason, '"link_outside"') > 0)
    ORDER BY path
"""
_LOOSE: Final = """
    SELECT path, reason FROM library_file WHERE path IN (
        SELECT path FROM library_file
        WHERE state != 'present' AND state = 'ignored' AND (path < '0' OR instr(path, '/') = 0)
    )
"""
_FOLDERS: Final = "SELECT path, series_key, stamp FROM library_folder ORDER BY path"
_BELOW: Final = """
    SELECT file.path, file.size, file.modified_ns FROM json_each(?) AS folder
        JOIN library_file AS file
        ON file.path > folder.value || '/' AND file.path < folder.value || '0'
"""
_IN_ROOT: Final = "SELECT path, size, modified_ns FROM library_file WHERE instr(path, '/') = 0"
_FILES_OF: Final = """
    SELECT series.key, episode.file_path FROM json_each(?) AS wanted
        JOIN anime_series AS series ON series.key = wanted.value
        JOIN episodes AS episode ON episode.series_id = series.id
    WHERE series.deleted_at IS NULL AND episode.is_downloaded AND episode.file_path IS NOT NULL
"""
_NOTE: Final = """
    INSERT OR REPLACE INTO scan_note (id, process, scan_id, status, started_at, noted_at, done,
        total, key, folder, series, files, missing) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


@asynccontextmanager
async def open_last_scan(url: str) -> AsyncIterator[LastScan | None]:
    """Open what the last scan stored; entry point `aniworld.last_scan`.

    The database is not migrated, repaired or created: `None` is yielded if that may be needed.
    """
    path = _path_of(url)
    if path is None:
        yield None
        return
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, isolation_level=None)
    except sqlite3.Error:
        yield None
        return
    with closing(connection):
        yield SqliteLastScan(connection) if _is_ready(connection) else None


@attrs.frozen(eq=False)
class SqliteLastScan(LastScan):
    """Reads in the event loop: each statement takes milliseconds, and a command waits for it."""

    _connection: sqlite3.Connection

    async def result(self) -> StoredScan | None:
        with _mapped_errors():
            if self._rows(_OPEN) != [(0,)]:
                return None
            others = {FileState(state): number for state, number in self._rows(_OTHERS)}
            present = self._number(_TOTAL) - sum(others.values())
            return StoredScan(
                series=dict(self._rows(_SERIES)),
                counts=dict.fromkeys(FileState, 0) | others | {FileState.PRESENT: present},
                missing=self._number(_MISSING),
                noted=[file for row in self._rows(_NOTED) for file in _noted(*row)],
                ignored={path: _text(reason) for path, reason in self._rows(_LOOSE)},
            )

    async def folders(self) -> Sequence[LibraryFolder]:
        with _mapped_errors():
            return list(map(LibraryFolder._make, self._rows(_FOLDERS)))

    async def stamps_below(self, folders: Collection[str]) -> Mapping[str, tuple[int, int]]:
        with _mapped_errors():
            rows = self._rows(_BELOW, _as_json(filter(None, folders)))
            if "" in folders:
                rows += self._rows(_IN_ROOT)
        return {path: (size, modified_ns) for path, size, modified_ns in rows}

    async def files_of(self, keys: Collection[SeriesKey]) -> Mapping[SeriesKey, Collection[str]]:
        with _mapped_errors():
            rows = self._rows(_FILES_OF, _as_json(keys))
        found: defaultdict[SeriesKey, set[str]] = defaultdict(set)
        for key, path in rows:
            found[key].add(path)
        return found

    async def note(self, note: ScanNote) -> None:
        times = (_stored_time(note.started_at), _stored_time(note.noted_at))
        scan = (note.process, note.scan_id, note.status, *times, note.done, note.total)
        with _mapped_errors():
            self._rows(_NOTE, *scan, note.key, note.folder, note.series, note.files, note.missing)

    def _rows(self, statement: str, *values: object) -> list[Any]:
        return self._connection.execute(statement, values).fetchall()

    def _number(self, statement: str) -> int:
        return int(self._rows(statement)[0][0])


def _path_of(url: str) -> Path | None:
    """Return the existing, writable database of a URL; `None` if the storage has to look at it."""
    name = url.removeprefix(_FILE_URL)
    if name == url or not name or "?" in name or "#" in name or name == ":memory:":
        return None
    path = Path(name).expanduser().absolute()
    is_read_only = path.with_name(f"{path.name}.read-only").exists()
    return None if is_read_only or not path.is_file() or not os.access(path, os.W_OK) else path


def _is_ready(connection: sqlite3.Connection) -> bool:
    """Return whether the database has the schema of this program.

    It is not checked as a whole: what is read here proves itself, and the next command that opens
    the storage checks the rest.
    """
    try:
        connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection.execute(_REVISION).fetchall() == [(SHIPPED.newest,)]
    except (sqlite3.Error, ValueError):
        return False


@contextmanager
def _mapped_errors() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise StorageUnavailableError(Message("database_says", detail=str(error))) from error


def _noted(path: str, state: str, reason: str | None) -> Iterator[LibraryFile]:
    file = LibraryFile(
        path=path, size=0, modified_ns=0, state=FileState(state), reason=_message(reason)
    )
    is_outside = file.reason is not None and file.reason.kind == "link_outside"
    if file.state is not FileState.IGNORED or is_outside:
        yield file


def _message(stored: str | None) -> Message | None:
    message: Message | None = None if stored is None else message_from_wire(json.loads(stored))
    return message


def _text(stored: str | None) -> str:
    return _message(stored) or ""


def _as_json(values: Collection[str] | Iterator[str]) -> str:
    return json.dumps(list(values), ensure_ascii=False)


def _stored_time(time: datetime) -> str:
    """Return a time as SQLAlchemy writes it."""
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
