"""`aniworld migrate-storage`."""

import os
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from aniworld_core.bootstrap.server_lock import only_server
from aniworld_sqlite.sql import metadata
from support.console import Console
from support.installed import find_command
from support.thorough import only_thorough


def _source(console: Console, folder: Path) -> str:
    """Return the URL of a database with 20,000 rows."""
    path = folder / "data" / "aniworld.db"
    subprocess.run(
        [find_command(), "--data-dir", str(path.parent), "--library", str(folder), "list", "-q"],
        check=True,
    )
    with closing(sqlite3.connect(path)) as connection:
        stamp = "2026-01-01 12:00:00.000000"
        rows = [(f"series-{number}", 1, 1, "file", stamp) for number in range(20_000)]
        connection.executemany("INSERT INTO library_deletion VALUES (?, ?, ?, ?, ?)", rows)
        connection.commit()
    return f"sqlite:///{path}"


def test_it_copies_and_says_so(console: Console, tmp_path: Path) -> None:
    """Tables are rows on stdout; one sentence at the end says what to do next."""
    source = _source(console, tmp_path)

    answer = console("migrate-storage", source, f"sqlite:///{tmp_path}/new.db")

    assert answer.code == 0
    assert {row[0] for row in answer.rows} == set(metadata.tables)
    assert answer.err.splitlines()[-1] == (
        f"20,000 rows of {len(metadata.tables)} tables are copied from"
        f" {tmp_path}/data/aniworld.db to {tmp_path}/new.db and compared;"
        " set DATABASE_URL to use it"
    )


def test_the_result_is_a_document(console: Console, tmp_path: Path) -> None:
    """With --json, the report has the number of rows and the digest of each table."""
    source = _source(console, tmp_path)

    found = console("migrate-storage", source, f"sqlite:///{tmp_path}/new.db", "--json").json

    assert (found["rows"], found["is_resumed"]) == (20_000, False)
    assert {table["name"]: table["rows"] for table in found["tables"]}["library_deletion"] == 20_000
    assert all(len(table["digest"]) == 64 for table in found["tables"])


def test_the_database_of_a_running_server_is_refused(console: Console, tmp_path: Path) -> None:
    """The exit code is that of a conflict, and nothing is written."""
    source = _source(console, tmp_path)

    with only_server(tmp_path / "data"):
        answer = console("migrate-storage", source, f"sqlite:///{tmp_path}/new.db", "--json")

    assert answer.code == 4
    assert answer.error["kind"] == "storage_not_moved"
    assert "another program uses it" in answer.error["error"]
    assert not list(tmp_path.glob("new.db*"))


@only_thorough
def test_a_killed_copy_is_continued(console: Console, tmp_path: Path) -> None:
    """After `kill -9` in the middle the same command continues, and no file has the final name."""
    source, target = _source(console, tmp_path), f"sqlite:///{tmp_path}/new.db"
    process = subprocess.Popen(
        [find_command(), "migrate-storage", source, target],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "ANIWORLD_LANGUAGE": "en"},
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("copying"):
            process.send_signal(signal.SIGKILL)
            break
    process.wait()
    process.stderr.close()
    assert not (tmp_path / "new.db").exists()
    assert (tmp_path / "new.db.copying").exists()

    found = console("migrate-storage", source, target, "--json").json

    assert (found["rows"], found["is_resumed"]) == (20_000, True)
