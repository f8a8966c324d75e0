"""SQLite-specific behaviour: set-up, file modes, failures, closing."""

import asyncio
import os
import sqlite3
import stat
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import anyio
import anyio.from_thread
import attrs
import pytest
import sqlalchemy as sa

from aniworld_core.domain.downloads import Progress
from aniworld_core.errors import (
    ConflictError,
    InvalidInputError,
    SettingsError,
    StorageCorruptError,
    StorageFullError,
    StorageUnavailableError,
)
from aniworld_core.testing import KEY, at, make_claim, make_item, make_series, make_session
from aniworld_core.testing.waiting import PATIENCE
from aniworld_sqlite import SqliteStorage, _database, open_storage
from aniworld_sqlite._watch import Watch

pytestmark = pytest.mark.anyio


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of the database."""
    return tmp_path / "test.db"


@pytest.fixture
async def storage(path: Path) -> AsyncIterator[SqliteStorage]:
    """Return an open, empty database."""
    async with open_storage(f"sqlite:///{path}") as opened:
        yield opened


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set a short lock timeout."""
    monkeypatch.setattr(_database, "BUSY_TIMEOUT", 0.05)


@pytest.fixture
def open_umask() -> Iterator[None]:
    """Set a umask that would make new files readable by everybody."""
    former = os.umask(0)
    yield
    os.umask(former)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def _pragma(storage: SqliteStorage, name: str) -> object:
    return await storage._database.read(
        lambda connection: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
    )


class TestSetUp:
    @pytest.mark.parametrize(
        ("name", "value"), [("journal_mode", "wal"), ("foreign_keys", 1), ("busy_timeout", 5_000)]
    )
    async def test_pragmas(self, storage: SqliteStorage, name: str, value: object) -> None:
        """The connection uses a write-ahead log, foreign keys and a busy timeout."""
        assert await _pragma(storage, name) == value

    async def test_what_a_user_was_told_is_synchronous(self, storage: SqliteStorage) -> None:
        """Queue changes are synced to disk; claims and progress are not."""
        synchronous: list[str] = []

        def note() -> None:
            synchronous.append(storage._database._main.synchronous)

        await storage.queue.add([make_item(1)])
        note()
        item = await storage.queue.claim_next(make_claim())
        note()
        assert item is not None
        await storage.queue.record_progress(item.id, Progress(downloaded_bytes=1))
        note()
        await storage.queue.save(item.complete(at(1), "a.mp4", None))
        note()

        assert synchronous == ["FULL", "NORMAL", "NORMAL", "FULL"]

    @pytest.mark.parametrize(("durable", "level"), [(True, 2), (False, 1)])
    async def test_durability_reaches_sqlite(
        self, storage: SqliteStorage, *, durable: bool, level: int
    ) -> None:
        """The synchronous level applies within the transaction."""
        seen = await storage._database.write(
            lambda c: c.exec_driver_sql("PRAGMA synchronous").scalar(), durable=durable
        )

        assert seen == level

    @pytest.mark.usefixtures("open_umask")
    async def test_files_are_private(self, tmp_path: Path) -> None:
        """Database, log, shared memory and a new folder are private to their owner."""
        path = tmp_path / "new" / "test.db"
        async with open_storage(f"sqlite:///{path}") as storage:
            await storage.ping()

            modes = {file.name: _mode(file) for file in path.parent.iterdir()}

        assert modes == {"test.db": 0o600, "test.db-wal": 0o600, "test.db-shm": 0o600}
        assert _mode(path.parent) == 0o700

    async def test_a_readable_file_is_made_private(self, path: Path) -> None:
        """An existing database that others can read becomes private."""
        async with open_storage(f"sqlite:///{path}"):
            pass
        path.chmod(0o644)

        async with open_storage(f"sqlite:///{path}"):
            assert _mode(path) == 0o600

    async def test_memory_is_its_own(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Databases in memory are separate and leave no file."""
        monkeypatch.chdir(tmp_path)
        async with open_storage("sqlite://") as one, open_storage("sqlite:///:memory:") as other:
            await one.queue.add([make_item(1)])

            assert list(await other.queue.find()) == []
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
    async def test_any_event_loop(self, storage: SqliteStorage) -> None:
        """The database works on both event loops."""
        await storage.queue.add([make_item(1)])

        assert await storage.queue.find() == [make_item(1)]

    @pytest.mark.parametrize(
        ("url", "part"),
        [
            ("nonsense", "no database URL"),
            ("postgresql:///x", "is not sqlite"),
            ("sqlite://data/x.db", "three slashes"),
            ("sqlite:///x.db?mode=ro", "no options"),
        ],
    )
    async def test_a_wrong_url_is_a_wrong_setting(self, url: str, part: str) -> None:
        """An invalid URL raises an error with the reason."""
        with pytest.raises(SettingsError, match=part):
            async with open_storage(url):
                pass

    async def test_a_relative_path(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A relative path is resolved against the working directory at the start."""
        monkeypatch.chdir(tmp_path)
        async with open_storage("sqlite:///below/test.db") as storage:
            monkeypatch.chdir("/")
            await storage.ping()

        assert (tmp_path / "below/test.db").is_file()

    async def test_a_writer_is_alone_from_the_start(
        self, path: Path, storage: SqliteStorage
    ) -> None:
        """A write transaction takes the write lock before its first read."""

        def work(connection: sa.Connection) -> None:
            connection.exec_driver_sql("SELECT count(*) FROM anime_series").all()
            with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")

        with pytest.raises(StorageUnavailableError, match="locked"):
            await storage._database.write(work)


class TestFailure:
    @pytest.mark.parametrize(
        "content", [b"{}", b"x" * 8192, b"SQLite format 3\0" + b"\xff" * 5000], ids=len
    )
    async def test_a_file_that_is_no_database(self, path: Path, content: bytes) -> None:
        """A file that is not a database is refused and not changed."""
        path.write_bytes(content)

        with pytest.raises(StorageCorruptError) as refused:
            async with open_storage(f"sqlite:///{path}"):
                pass

        assert refused.value.path == str(path)
        assert path.read_bytes() == content
        assert [file.name for file in path.parent.iterdir()] == ["test.db"]

    async def test_a_damaged_database(self, path: Path) -> None:
        """A damaged database is detected at the start and not changed."""
        async with open_storage(f"sqlite:///{path}") as storage:
            await storage.queue.add([make_item(number) for number in range(200)])
        content = bytearray(path.read_bytes())
        content[8192:24576] = b"\x5a" * 16384
        path.write_bytes(content)

        with pytest.raises(StorageCorruptError):
            async with open_storage(f"sqlite:///{path}"):
                pass

        assert path.read_bytes() == content

    async def test_a_wrong_value(self, storage: SqliteStorage) -> None:
        """A stored value of a wrong type is reported as damage."""
        await storage.queue.add([make_item(1)])
        await storage._database.write(
            lambda c: c.exec_driver_sql("UPDATE download_queue_item SET added_at = 'never'")
        )

        with pytest.raises(StorageCorruptError):
            await storage.queue.find()

    async def test_a_folder(self, tmp_path: Path) -> None:
        """A folder as path is refused."""
        with pytest.raises(SettingsError, match="is a folder"):
            async with open_storage(f"sqlite:///{tmp_path}"):
                pass

    async def test_a_path_below_a_file(self, tmp_path: Path) -> None:
        """A path below a file is refused with the path in the message."""
        (tmp_path / "file").touch()

        with pytest.raises(SettingsError, match=r"file/below/test\.db"):
            async with open_storage(f"sqlite:///{tmp_path}/file/below/test.db"):
                pass

    async def test_a_lock_of_another_start_is_waited_for(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Every connection of an opening program waits, also the one that watches for changes."""
        over, refusals = Watch.over, iter([True, True, False])

        def disturbed(watched: Path) -> Watch:
            with closing(sqlite3.connect(watched.with_name("other.db"))) as other:
                other.execute("begin exclusive")
                if next(refusals):
                    return over(watched.with_name("other.db"))
            return over(watched)

        monkeypatch.setattr(Watch, "over", disturbed)
        async with open_storage(f"sqlite:///{path}") as storage:
            await storage.ping()
        assert next(refusals, None) is None

    @pytest.mark.usefixtures("impatient")
    async def test_a_locked_database(self, path: Path) -> None:
        """While another program writes, reads continue; afterwards writes work again."""
        async with open_storage(f"sqlite:///{path}") as storage:
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                with pytest.raises(StorageUnavailableError, match="locked"):
                    await storage.queue.add([make_item(1)])
                assert list(await storage.queue.find()) == []

            await storage.queue.add([make_item(1)])
            assert list(await storage.queue.find()) == [make_item(1)]

    async def test_a_full_disk(self, storage: SqliteStorage) -> None:
        """A write that does not fit on the disk is refused completely; reads continue."""
        await storage._database.write(lambda c: c.exec_driver_sql("PRAGMA max_page_count=40").all())

        with pytest.raises(StorageFullError, match="disk is full"):
            await storage.queue.add([make_item(number) for number in range(5000)])

        assert list(await storage.queue.find()) == []
        await storage.queue.add([make_item(1)])
        assert await storage.queue.get(make_item(1).id) == make_item(1)

    async def test_what_cannot_be_stored_is_wrong_input(self, storage: SqliteStorage) -> None:
        """Lone surrogates and numbers beyond 64 bits are refused as invalid input."""
        with pytest.raises(InvalidInputError):
            await storage.series.add(make_series(name="\ud800"))
        with pytest.raises(InvalidInputError):
            await storage.series.add(make_series(year=2**63))

        assert list(await storage.series.find()) == []

    async def test_a_session_id_is_given_once(self, storage: SqliteStorage) -> None:
        """A duplicate session id raises a conflict."""
        await storage.sessions.add(make_session())

        with pytest.raises(ConflictError):
            await storage.sessions.add(make_session(user="other"))

    async def test_a_failed_transaction_leaves_nothing(self, storage: SqliteStorage) -> None:
        """Changes before an error in the closure are rolled back."""

        class Oops(Exception):  # noqa: N818
            pass

        def work(connection: sa.Connection) -> None:
            connection.exec_driver_sql("DELETE FROM anime_series")
            raise Oops

        await storage.series.add(make_series())
        with pytest.raises(Oops):
            await storage._database.write(work)

        assert await storage.series.get(KEY) == make_series()

    async def test_a_transaction_may_do_nothing(self, storage: SqliteStorage) -> None:
        """A transaction without statements ends normally."""
        await storage._database.write(lambda _: None)

        await storage.series.add(make_series())
        assert await storage.series.get(KEY) == make_series()


@attrs.define
class Stuck:
    """A closure that adds a row and then waits until it is released."""

    number: int
    begun: anyio.Event = attrs.field(factory=anyio.Event)
    go: threading.Event = attrs.field(factory=threading.Event)

    def __call__(self, connection: sa.Connection) -> None:
        """Add the row."""
        connection.exec_driver_sql(
            "INSERT INTO user_session (id, user, created_at, expires_at)"
            " VALUES (?, 'u', '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000')",
            (str(self.number),),
        )
        anyio.from_thread.run_sync(self.begun.set)
        assert self.go.wait(PATIENCE)


class TestCancellation:
    async def _ids(self, storage: SqliteStorage) -> list[str]:
        return await storage._database.read(
            lambda c: list(c.exec_driver_sql("SELECT id FROM user_session ORDER BY id").scalars())
        )

    async def test_what_has_begun_is_finished(self, storage: SqliteStorage) -> None:
        """A running transaction is committed although its caller is cancelled."""
        work = Stuck(1)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(storage._database.write, work)
            with anyio.fail_after(PATIENCE):
                await work.begun.wait()
            tasks.cancel_scope.cancel()
            work.go.set()

        assert await self._ids(storage) == ["1"]

    async def test_what_waits_is_not_begun(self, storage: SqliteStorage) -> None:
        """A transaction that still waits is not started after a cancellation."""
        first, second = Stuck(1), Stuck(2)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(storage._database.write, first)
            with anyio.fail_after(PATIENCE):
                await first.begun.wait()
            with anyio.CancelScope() as waiting:
                async with anyio.create_task_group() as inner:
                    inner.start_soon(storage._database.write, second)
                    waiting.cancel()
            first.go.set()

        assert await self._ids(storage) == ["1"]

    async def test_a_task_cancelled_by_asyncio(self, storage: SqliteStorage) -> None:
        """A cancellation by asyncio does not mix transactions."""
        first, second = Stuck(1), Stuck(2)
        second.go.set()
        task = asyncio.create_task(storage._database.write(first))
        with anyio.fail_after(PATIENCE):
            await first.begun.wait()

        task.cancel()
        await asyncio.wait([task])
        assert storage._database._main.lock.locked()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(storage._database.write, second)
            await anyio.lowlevel.checkpoint()
            first.go.set()

        assert await self._ids(storage) == ["1", "2"]


class TestClose:
    async def test_the_log_is_written_back(self, path: Path) -> None:
        """Closing writes the log back, so that one file remains."""
        async with open_storage(f"sqlite:///{path}") as storage:
            await storage.queue.add([make_item(1)])
            assert path.with_name("test.db-wal").stat().st_size > 0

        assert [file.name for file in path.parent.iterdir()] == ["test.db"]
        async with open_storage(f"sqlite:///{path}") as storage:
            assert list(await storage.queue.find()) == [make_item(1)]

    async def test_also_when_cancelled(self, path: Path) -> None:
        """Closing writes the log back also if the program is cancelled."""
        with anyio.CancelScope() as scope:
            async with open_storage(f"sqlite:///{path}") as storage:
                await storage.queue.add([make_item(1)])
                scope.cancel()
                await anyio.sleep_forever()

        assert [file.name for file in path.parent.iterdir()] == ["test.db"]

    async def test_the_log_is_emptied_while_others_are_connected(self, path: Path) -> None:
        """The log is reset while another connection is idle."""
        async with open_storage(f"sqlite:///{path}") as storage:
            await storage.queue.add([make_item(1)])
            other = sqlite3.connect(path)
            other.execute("SELECT count(*) FROM user_session").fetchall()

        assert path.with_name("test.db-wal").stat().st_size == 0
        other.close()

    async def test_another_reader_does_not_hinder_it(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """While another connection reads, closing keeps the log and loses nothing."""
        monkeypatch.setattr(_database, "CLOSE_TIMEOUT_MS", 20)
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            async with open_storage(f"sqlite:///{path}") as storage:
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM user_session").fetchall()
                await storage.queue.add([make_item(1)])

        async with open_storage(f"sqlite:///{path}") as storage:
            assert list(await storage.queue.find()) == [make_item(1)]

    async def test_a_closed_storage_says_so(self, path: Path) -> None:
        """A closed storage raises an error and does not open again."""
        async with open_storage(f"sqlite:///{path}") as storage:
            pass

        with pytest.raises(StorageUnavailableError, match="closed"):
            await storage.ping()


async def test_the_engine_has_its_version(tmp_path: Path) -> None:
    """The page of the system names SQLite with the version that is linked."""
    async with open_storage(f"sqlite:///{tmp_path}/test.db") as storage:
        assert storage.engine == ("SQLite", sqlite3.sqlite_version)
