"""Read a database of the former program from a copy; the original file is never opened.

Its tables are `anime_series`, `episodes` and `download_queue_item`. The columns are those of the
reference documents, which give some columns two names.
"""

import hashlib
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import attrs

from aniworld_core.domain.downloads import Priority
from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.library import legacy_series, safe_component
from aniworld_core.errors import LegacyDataError
from aniworld_core.messages import Message, os_reason
from aniworld_core.ports.legacy import FormerDatabase, FormerItem, LegacyFile
from aniworld_sqlite._recognition import OUR_COLUMN, SERIES, columns_of_series

_EPISODES: Final = "episodes"
_QUEUES: Final = ("download_queue_item", "download_queue_items", "download_queue")
_PRIORITIES: Final = {
    **{priority.name.lower(): priority for priority in Priority},
    **{str(priority.value): priority for priority in Priority},
}
_UNFINISHED: Final = frozenset({"pending", "downloading", "paused", "failed"})

Row = Mapping[str, Any]


def read_former_database(path: Path) -> FormerDatabase:
    """Return the contents of a former database; entry point `aniworld.former`."""
    with _copied(path) as copy, closing(sqlite3.connect(copy)) as connection:
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        try:
            return _read(path, connection)
        except sqlite3.Error as error:
            reason = Message("legacy_no_database", path=str(path), detail=str(error))
            raise LegacyDataError(reason) from error


@contextmanager
def _copied(path: Path) -> Iterator[Path]:
    """Copy the database and its log files, because opening a database can change it."""
    if not path.is_file():
        raise LegacyDataError(Message("legacy_no_file", path=str(path)))
    with tempfile.TemporaryDirectory(prefix="aniworld-import-") as folder:
        copy = Path(folder, "former.db")
        try:
            shutil.copyfile(path, copy)
            for suffix in ("-wal", "-journal"):
                beside = path.with_name(path.name + suffix)
                if beside.is_file():
                    shutil.copyfile(beside, copy.with_name(copy.name + suffix))
        except OSError as error:
            reason = Message("legacy_no_copy", path=str(path), reason=os_reason(error))
            raise LegacyDataError(reason) from error
        yield copy


def _read(path: Path, connection: sqlite3.Connection) -> FormerDatabase:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    columns = columns_of_series(connection)
    if "key" not in columns:
        raise LegacyDataError(Message("legacy_other_database", path=str(path)))
    if OUR_COLUMN in columns:
        raise LegacyDataError(Message("legacy_own_database", path=str(path)))
    series = {row["id"]: row for row in _rows(connection, SERIES) if not _is_deleted(row)}
    episodes = list(_rows(connection, _EPISODES)) if _EPISODES in tables else []
    queue = next((name for name in _QUEUES if name in tables), None)
    queued = list(_rows(connection, queue)) if queue else []
    numbers: dict[Any, dict[str, list[Any]]] = {}
    by_id: dict[Any, tuple[Any, Any]] = {}
    for row in episodes:
        season, number = row.get("season"), row.get("episode_number", row.get("episode"))
        by_id[row.get("id")] = (season, number)
        numbers.setdefault(row.get("series_id"), {}).setdefault(str(season), []).append(number)
    items = [item for row in queued if (item := _item(row, series, by_id)) is not None]
    return FormerDatabase(
        series=tuple(
            _series(path, row, _with_queued(numbers.get(number, {}), row, items))
            for number, row in series.items()
        ),
        items=tuple(items),
    )


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[dict[str, Any]]:
    cursor = connection.execute(f"SELECT * FROM {table} ORDER BY rowid")  # noqa: S608 - a constant
    names = [column[0] for column in cursor.description]
    for values in cursor:
        yield dict(zip(names, values, strict=True))


def _is_deleted(row: Row) -> bool:
    return bool(row.get("deleted_at")) or bool(row.get("is_deleted"))


def _series(path: Path, row: Row, episodes: Mapping[str, list[Any]]) -> LegacyFile:
    name = f"{path.name}: {str(row['key'])[:80]}"
    document = {
        "key": row["key"],
        "name": row.get("name"),
        "site": row.get("site"),
        "episodeDict": episodes,
    }
    content = json.dumps([document, row.get("folder")], default=str, sort_keys=True)
    mark = hashlib.sha256(content.encode()).hexdigest()
    folder = str(row.get("folder") or row.get("name") or row["key"])
    try:
        found = legacy_series(document, FolderName(safe_component(folder)))
    except LegacyDataError as error:
        return LegacyFile(file=name, mark=mark, reason=error.reason)
    return LegacyFile(file=name, mark=mark, series=found)


def _with_queued(
    episodes: Mapping[str, list[Any]], row: Row, items: Collection[FormerItem]
) -> dict[str, list[Any]]:
    """Add the queued episodes of a series to those of its episode table."""
    known = {season: list(numbers) for season, numbers in episodes.items()}
    for item in items:
        if item.key == row["key"]:
            known.setdefault(str(item.season), []).append(item.number)
    return known


def _item(
    row: Row, series: Mapping[Any, Row], episodes: Mapping[Any, tuple[Any, Any]]
) -> FormerItem | None:
    """Convert a queue row; `None` if it is finished or names no episode."""
    status = str(row.get("status") or "").lower()
    if status not in _UNFINISHED:
        return None
    owner = series.get(row.get("series_id"))
    key = row.get("serie_id") or (owner["key"] if owner else row.get("series_id"))
    season, number = row.get("season"), row.get("episode", row.get("episode_number"))
    if season is None or number is None:
        season, number = episodes.get(row.get("episode_id"), (None, None))
    try:
        item = FormerItem(
            id=str(row.get("id")),
            key=str(key),
            season=int(season),
            number=int(number),
            priority=_PRIORITIES.get(str(row.get("priority")).lower(), Priority.NORMAL),
            has_failed=status == "failed",
        )
        return attrs.evolve(item, retries=int(row.get("retry_count") or 0))
    except (TypeError, ValueError):
        return None
