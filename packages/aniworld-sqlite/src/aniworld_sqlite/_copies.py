"""Backup copies of the database: create, check, and restore after damage."""

import json
import logging
import os
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import anyio.to_thread
import attrs

from aniworld_core.errors import StorageCorruptError
from aniworld_core.messages import Message, message_from_wire
from aniworld_core.ports.storage import Recovery
from aniworld_sqlite._database import Location, mapped_errors, parse_url
from aniworld_sqlite._revisions import SHIPPED

_LOG = logging.getLogger(__name__)

#: Folder of the copies, beside the database.
FOLDER: Final = "backups"
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"[^/]{1,200}-(\d{8}T\d{6}Z)\.db", re.ASCII)
_TIMEOUT: Final = 5.0


@attrs.frozen
class Copy:
    """A backup copy of the database."""

    path: Path
    made_at: datetime


def copies_of(path: Path) -> Sequence[Copy]:
    """Return the backup copies of the database at *path*, newest first."""
    found = []
    for file in (path.parent / FOLDER).glob(f"{path.stem}-*.db"):
        match = _NAME.fullmatch(file.name)
        if match and file.is_file() and not file.is_symlink():
            try:
                made_at = datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC)
            except ValueError:
                continue
            found.append(Copy(file, made_at))
    return sorted(found, key=lambda copy: copy.made_at, reverse=True)


def make_copy(path: Path, at: datetime, keep: int) -> Path:
    """Copy the database at *path*, check the copy, and delete older ones beyond *keep*; blocks.

    A copy gets its final name only after it has passed the check.
    """
    folder = path.parent / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"{path.stem}-{at.astimezone(UTC).strftime(_STAMP)}.db"
    draft = target.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        with closing(sqlite3.connect(path, timeout=_TIMEOUT, isolation_level=None)) as source:
            source.execute("VACUUM INTO ?", (str(draft),))
        reason = damage_of(draft)
        if reason:
            raise StorageCorruptError(str(path), Message("copy_damaged", detail=reason))
        _sync(draft)
        draft.replace(target)
        _sync(folder)
    finally:
        draft.unlink(missing_ok=True)
    for old in copies_of(path)[keep:]:
        old.path.unlink(missing_ok=True)
    return target


def damage_of(path: Path) -> str:
    """Return what is damaged in a database of this program; empty if it is intact.

    An intact database of another program, or of a newer version, is not damaged.

    Raises:
        sqlite3.OperationalError: If the file cannot be read or is locked.
    """
    try:
        with closing(sqlite3.connect(path, timeout=_TIMEOUT, isolation_level=None)) as connection:
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if verdict != "ok":
                return str(verdict)
            tables = {n for (n,) in connection.execute("SELECT name FROM sqlite_master")}
            if not tables or "alembic_version" not in tables:
                return ""
            versions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
            if len(versions) != 1 or not re.fullmatch(r"\d{4}", str(versions[0][0])):
                return Message("schema_version_damaged")
            return _schema_damage(connection) if versions[0][0] == SHIPPED.newest else ""
    except sqlite3.OperationalError as error:
        code = error.sqlite_errorcode & 0xFF
        if code != sqlite3.SQLITE_ERROR:
            raise
        return str(error)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        return str(error)


def _schema_damage(connection: sqlite3.Connection) -> str:
    """Return the table or column of the newest schema that is missing."""
    from aniworld_sqlite import _schema

    for table in _schema.metadata.sorted_tables:
        query = "SELECT name FROM pragma_table_info(?)"
        columns = {name for (name,) in connection.execute(query, (table.name,))}
        if missing := {column.name for column in table.columns} - columns:
            return Message("schema_lacks", table=table.name, columns=sorted(missing))
    return ""


async def recover(url: str, *, at: datetime, on_request: bool = False) -> Recovery | None:
    """Restore a damaged database; entry point `aniworld.recovery`.

    The damaged file and its write-ahead log are renamed, never deleted. The newest intact copy
    replaces them.
    Without a copy the new database is empty, and read-only until the user requests recovery.

    Args:
        url: URL of the database.
        at: Current time.
        on_request: Whether the user requested the recovery; then an empty database is writable.

    Returns:
        What was restored, or `None` if there is nothing to recover.

    Raises:
        StorageUnavailableError: If the files cannot be read, moved or written.
    """
    location = parse_url(url)
    if location.path is None:
        return None
    path = location.path

    def work() -> Recovery | None:
        with mapped_errors(location):
            return _recover(path, location, at, on_request=on_request)

    return await anyio.to_thread.run_sync(work)


def _recover(path: Path, location: Location, at: datetime, *, on_request: bool) -> Recovery | None:
    reason = damage_of(path) if path.is_file() and path.stat().st_size else ""
    mark = read_only_mark(path)
    if not reason and not (on_request and mark.exists()):
        return None
    aside = _moved_aside(path, at)
    restored = _restored(path)
    if restored is not None or on_request:
        mark.unlink(missing_ok=True)
    else:
        refusal = Message(
            "database_moved_aside", path=str(location), reason=reason, name=aside.name
        )
        mark.write_text(json.dumps(refusal.to_wire()), encoding="utf-8")
        mark.chmod(0o600)
    return Recovery(
        reason=reason or Message("was_read_only"),
        moved_to=str(aside),
        restored_from=str(restored.path) if restored else None,
        restored_at=restored.made_at if restored else None,
        is_read_only=mark.exists(),
    )


def read_only_mark(path: Path) -> Path:
    """Return the path of the file that makes a database read-only and contains the reason."""
    return path.parent / f"{path.name}.read-only"


def refusal_of(path: Path | None) -> str:
    """Return why a database is read-only; empty if it is writable."""
    try:
        written = read_only_mark(path).read_text("utf-8") if path is not None else ""
    except (FileNotFoundError, NotADirectoryError):
        return ""
    try:
        document = json.loads(written)
    except ValueError:
        return written[:1000]  # empty, or the plain text of an earlier version
    return message_from_wire(document) if isinstance(document, dict) else written[:1000]


def _moved_aside(path: Path, at: datetime) -> Path:
    number, stamp = 1, at.astimezone(UTC).strftime(_STAMP)
    while (aside := path.with_name(f"{path.name}.damaged-{stamp}-{number}")).exists():
        number += 1
    for suffix in ("-wal", "-shm", ""):
        file = path.with_name(path.name + suffix)
        if file.exists():
            file.rename(aside.with_name(aside.name + suffix))
    _sync(path.parent)
    return aside


def _restored(path: Path) -> Copy | None:
    """Replace the database with the newest intact copy and request a library scan."""
    for copy in copies_of(path):
        draft = path.with_name(f".{path.name}.restoring")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as target, copy.path.open("rb") as source:
                while block := source.read(1 << 20):
                    target.write(block)
            reason = damage_of(draft)
            if reason:
                _LOG.warning("the copy %s is damaged as well: %s", copy.path, reason)
                continue
            with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
                # The scan finds files that were added after the copy was made.
                connection.execute("UPDATE schedule_state SET last_run = NULL")
            _sync(draft)
            draft.replace(path)
            _sync(path.parent)
        except sqlite3.Error as error:
            _LOG.warning("the copy %s cannot be restored: %s", copy.path, error)
            continue
        finally:
            draft.unlink(missing_ok=True)
        return copy
    return None


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
