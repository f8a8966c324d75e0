"""`aniworld import-legacy --database`: tables documented for the former program."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from aniworld_core.errors import FormerDatabaseError, LegacyDataError
from aniworld_sqlite import open_storage, read_former_database
from support.console import Console

_SERIES = """
CREATE TABLE anime_series (
  id INTEGER PRIMARY KEY, key TEXT UNIQUE, name TEXT, site TEXT, folder TEXT,
  created_at TEXT, updated_at TEXT, deleted_at TEXT
);
CREATE TABLE episodes (
  id INTEGER PRIMARY KEY, series_id INTEGER REFERENCES anime_series (id), season INTEGER,
  episode_number INTEGER, title TEXT, is_downloaded BOOLEAN, file_path TEXT
);
INSERT INTO anime_series (id, key, name, site, folder, deleted_at) VALUES
  (1, 'attack-on-titan', 'Attack on Titan', 'aniworld.to', 'Attack on Titan (2013)', NULL),
  (2, 'dark', 'Dark', 'https://s.to', '../Dark', NULL),
  (3, 'Not A Key', 'Bad', 'aniworld.to', 'Bad', NULL),
  (4, 'gone', 'Gone', 'aniworld.to', 'Gone', '2025-01-01');
INSERT INTO episodes VALUES
  (10, 1, 1, 1, 'To You', 1, '/former/S01E01.mp4'), (11, 1, 1, 2, NULL, 0, NULL),
  (12, 2, 1, 1, NULL, 0, NULL);
"""
#: Columns documented in `infrastructure.md`.
_BY_KEY = """
CREATE TABLE download_queue_item (
  id TEXT PRIMARY KEY, serie_id TEXT, serie_folder TEXT, serie_name TEXT, season INTEGER,
  episode INTEGER, status TEXT, priority TEXT, progress REAL, error TEXT, retry_count INTEGER,
  added_at TEXT, started_at TEXT, completed_at TEXT
);
INSERT INTO download_queue_item (id, serie_id, season, episode, status, priority, retry_count)
VALUES
  ('a', 'attack-on-titan', 1, 2, 'pending', 'high', 0),
  ('b', 'attack-on-titan', 1, 1, 'completed', 'normal', 0),
  ('c', 'attack-on-titan', 1, 3, 'downloading', 'normal', 0),
  ('d', 'dark', 1, 1, 'failed', 'low', 9),
  ('e', 'nobody', 1, 1, 'pending', 'low', 0);
"""
#: Columns documented in `architecture.md`, with the names of the enumerations.
_BY_NUMBER = """
CREATE TABLE download_queue (
  id INTEGER PRIMARY KEY, series_id INTEGER, episode_id INTEGER, status TEXT, priority TEXT,
  progress_percent REAL, added_at TEXT, started_at TEXT
);
INSERT INTO download_queue VALUES
  (1, 1, 11, 'PENDING', 'HIGH', 0, NULL, NULL), (2, 1, 10, 'COMPLETED', 'LOW', 100, NULL, NULL),
  (3, NULL, NULL, 'PENDING', NULL, 0, NULL, NULL);
"""


def _former(path: Path, *scripts: str) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("".join(scripts))
        connection.commit()
    return path


def test_series_episodes_and_queue_are_taken_over(console: Console, tmp_path: Path) -> None:
    """Series and queue are imported, nothing counts as downloaded, and invalid rows are listed."""
    old = _former(tmp_path / "old.db", _SERIES, _BY_KEY)
    before = (hashlib.sha256(old.read_bytes()).digest(), sorted(tmp_path.glob("old*")))

    answer = console("import-legacy", "--database", str(old), "--json")

    assert answer.code == 1
    assert answer.json["imported"] == 2
    assert answer.json["queued"] == ["attack-on-titan S01E02", "attack-on-titan S01E03"]
    assert [each["file"] for each in answer.json["failed"]] == [
        "old.db: Not A Key",
        "queue item nobody S01E01",
    ]
    shown = console("show", "attack-on-titan", "--json").json
    assert [(e["code"], e["downloaded"]) for e in shown["episodes"]] == [
        ("S01E01", False),
        ("S01E02", False),
        ("S01E03", False),
    ]
    folders = {each["key"]: each["folder"] for each in console("list", "--json").json}
    assert folders["attack-on-titan"] == "Attack on Titan (2013)"
    assert "/" not in folders["dark"]
    assert before == (hashlib.sha256(old.read_bytes()).digest(), sorted(tmp_path.glob("old*")))


def test_a_second_run_changes_nothing(console: Console, tmp_path: Path) -> None:
    """A second run changes nothing, also if an item was removed from the queue meanwhile."""
    old = _former(tmp_path / "old.db", _SERIES, _BY_KEY)
    console("import-legacy", "--database", str(old))
    listed = console("list", "--json").json
    items = console("queue", "list", "--json").json
    pending = items["pending_queue"] if isinstance(items, dict) else items
    console("queue", "remove", pending[0]["id"])

    again = console("import-legacy", "--database", str(old), "--json")

    assert (again.json["imported"], again.json["updated"], again.json["queued"]) == (0, 0, [])
    assert again.json["skipped"] == 2
    assert console("list", "--json").json == listed


def test_rows_in_the_log_of_the_database_count(tmp_path: Path) -> None:
    """Rows in the write-ahead log are imported, and the file is not changed."""
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(_SERIES + _BY_NUMBER)
        connection.commit()
        found = read_former_database(path)

    assert [each.series.key for each in found.series if each.series] == ["attack-on-titan", "dark"]
    assert [(i.key, i.season, i.number) for i in found.items] == [("attack-on-titan", 1, 2)]
    assert found.items[0].priority.name == "HIGH"


@pytest.mark.parametrize("content", [None, b"", b"no database at all" * 100, b"SQLite format 3\0"])
def test_other_files_are_refused(console: Console, tmp_path: Path, content: bytes | None) -> None:
    """Another file is refused with one line and exit code 2."""
    path = tmp_path / "old.db"
    if content is not None:
        path.write_bytes(content)

    answer = console("import-legacy", "--database", str(path))

    assert answer.code == 2
    assert str(path) in answer.err


@pytest.mark.anyio
async def test_our_own_database_is_not_a_former_one(tmp_path: Path) -> None:
    """A database of this program is refused."""
    path = tmp_path / "aniworld.db"
    async with open_storage(f"sqlite:///{path}"):
        pass
    with pytest.raises(LegacyDataError, match="this program"):
        read_former_database(path)


@pytest.mark.anyio
@pytest.mark.parametrize("is_versioned", [True, False])
async def test_a_former_database_is_not_opened_as_ours(tmp_path: Path, is_versioned: bool) -> None:
    """A former database as `DATABASE_URL` is refused with the command to import it."""
    versions = "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES"
    extra = f"{versions} ('9f3c');" if is_versioned else ""
    path = _former(tmp_path / "aniworld.db", _SERIES, extra)
    before = path.read_bytes()
    with pytest.raises(FormerDatabaseError) as refused:
        async with open_storage(f"sqlite:///{path}"):
            pass

    assert "import-legacy --database" in str(refused.value.hint)
    assert path.read_bytes() == before
