"""One SQLite connection, used by one thread at a time, off the event loop."""

import contextlib
import errno
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import ClassVar, Final, TypeVar

import anyio.to_thread
import attrs
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.pool import StaticPool

from aniworld_core.errors import (
    ConflictError,
    SettingsError,
    StorageCorruptError,
    StorageFullError,
    StorageUnavailableError,
    UsageError,
)
from aniworld_core.messages import Message, os_reason
from aniworld_sqlite._watch import Watch

T = TypeVar("T")

_LOG = logging.getLogger(__name__)

#: Seconds that a call waits while another process writes.
BUSY_TIMEOUT: Final = 5.0
#: Delays before retries while the database is locked.
_RETRY_AFTER: Final = timedelta(seconds=5)
#: Milliseconds that closing waits for other connections before it skips the checkpoint.
CLOSE_TIMEOUT_MS: Final = 2_000
_CORRUPT: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_KINDS: Final = {
    sqlite3.SQLITE_BUSY: "database_locked",
    sqlite3.SQLITE_LOCKED: "database_locked",
    sqlite3.SQLITE_CANTOPEN: "database_not_opened",
    sqlite3.SQLITE_READONLY: "database_not_written",
    sqlite3.SQLITE_PERM: "database_not_permitted",
    sqlite3.SQLITE_IOERR: "database_disk",
}


@attrs.frozen
class Location:
    """Location of a database.

    Attributes:
        path: The file, or `None` for a database in memory.
    """

    path: Path | None

    def __str__(self) -> str:
        return ":memory:" if self.path is None else str(self.path)


def parse_url(url: str) -> Location:
    """Parse `sqlite:///file`, `sqlite:////absolute/file`, or `sqlite://` for memory.

    Raises:
        SettingsError: If the URL has another form.
    """
    try:
        parsed = sa.make_url(url)
    except ArgumentError as exc:
        raise SettingsError([f"DATABASE_URL: {url[:80]!r} is no database URL"]) from exc
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite"}:
        raise SettingsError([f"DATABASE_URL: {parsed.drivername!r} is not sqlite"])
    if parsed.host or parsed.username or parsed.port:
        raise SettingsError(
            ["DATABASE_URL: a file needs three slashes, sqlite:///file, or four if absolute"]
        )
    if parsed.query:
        raise SettingsError(["DATABASE_URL: sqlite takes no options after '?'"])
    if not parsed.database or parsed.database == ":memory:":
        return Location(None)
    return Location(Path(parsed.database).expanduser().absolute())


@contextmanager
def mapped_errors(location: Location) -> Iterator[None]:
    """Convert errors of SQLite, SQLAlchemy and the disk to errors of the core."""
    try:
        yield
    except IntegrityError as exc:
        raise ConflictError(Message("database_refused", detail=str(exc.orig))) from exc
    except DBAPIError as exc:
        raise _error_of(location, exc.orig) from exc
    except sqlite3.Error as exc:
        raise _error_of(location, exc) from exc
    except UnicodeEncodeError as exc:
        raise UsageError(Message("text_not_storable")) from exc
    except OverflowError as exc:
        raise UsageError(Message("number_not_storable")) from exc
    except ValueError as exc:
        # A stored value has the wrong type: file damage, or a change by another program.
        raise StorageCorruptError(
            str(location), Message("wrong_stored_value", detail=str(exc))
        ) from exc
    except OSError as exc:
        if exc.errno in _FULL:
            raise StorageFullError(str(location)) from exc
        raise StorageUnavailableError(_of(location, os_reason(exc))) from exc


def _error_of(
    location: Location, error: BaseException | None
) -> StorageCorruptError | StorageUnavailableError:
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    if primary in _CORRUPT or primary == sqlite3.SQLITE_ERROR or "decode" in str(error):
        return StorageCorruptError(str(location), Message("database_says", detail=str(error)))
    if primary == sqlite3.SQLITE_FULL:
        return StorageFullError(str(location))
    if primary in _BUSY:
        return _locked(location)
    kind = None if primary is None else _KINDS.get(primary)
    reason = Message(kind) if kind else Message("database_says", detail=str(error))
    return StorageUnavailableError(_of(location, reason))


def _locked(location: Location) -> StorageUnavailableError:
    reason = _of(location, Message("database_locked"))
    return StorageUnavailableError(reason, retry_after=_RETRY_AFTER)


def _of(location: Location, reason: str) -> Message:
    return Message("part_reason", part=str(location), reason=reason)


@attrs.define(eq=False)
class _Line:
    """One connection, used by one thread at a time."""

    limiter: anyio.CapacityLimiter = attrs.field(factory=lambda: anyio.CapacityLimiter(1))
    # A lock in addition to the limiter: a caller that asyncio cancels releases its slot while its
    # thread is still running.
    lock: threading.Lock = attrs.field(factory=threading.Lock)
    # Stays open: taking it from the pool takes longer than a small statement.
    connection: sa.Connection | None = None
    driver: sqlite3.Connection | None = None
    synchronous: str = ""
    #: Monotonic time of the last call that failed because another process held the lock.
    busy_at: float = 0.0

    def open(self, driver: sqlite3.Connection) -> None:
        """Use *connection* from now on."""
        self.driver = driver
        driver.execute("PRAGMA foreign_keys=ON")
        engine = sa.create_engine("sqlite://", creator=lambda: driver, poolclass=StaticPool)
        self.connection = engine.connect()

    def close(self) -> None:
        """Close the connection."""
        if self.connection is not None:
            self.connection.close()
        if self.driver is not None:
            self.driver.close()
        self.connection = self.driver = None


@attrs.define(eq=False)
class Database:
    """Run closures in transactions: on one connection for writing, and one for reading.

    A closure that raises changes nothing. Cancelling the caller does not interrupt a running
    closure: it is committed as a whole. While another program holds the write lock, reads
    continue, and each write fails within `BUSY_TIMEOUT`.

    Attributes:
        refusal: Why nothing is written; empty when writing is allowed.
    """

    is_remote: ClassVar = False
    location: Location
    refusal: str = ""
    _main: _Line = attrs.field(factory=_Line, init=False)
    _reader: _Line = attrs.field(factory=_Line, init=False)
    _watch: Watch | None = attrs.field(default=None, init=False)

    def open(self) -> None:
        """Create the file if needed, check it and set it up; only for the single writer thread.

        Raises:
            StorageUnavailableError: If the file cannot be opened or stays locked.
            StorageCorruptError: If the file is damaged; the file is not changed.
        """
        if self.location.path is not None:
            make_private(self.location.path)
        self._main.driver = self.connect()
        _retried_while_locked(self._check)
        self._main.open(self._main.driver)
        if self.location.path is None:
            self._reader = self._main  # A database in memory exists only within its connection.
        else:
            self._reader.open(self.connect())
            self._watch = _retried_while_locked(partial(Watch.over, self.location.path))

    async def close(self) -> None:
        """Write the log into the database file and close it, also if the caller is cancelled."""
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self._close, limiter=self._main.limiter)

    async def read(self, work: Callable[[sa.Connection], T]) -> T:
        """Run *work* in a read transaction."""
        line = self._reader

        def transact() -> T:
            with _transaction(self.location, line, begin="BEGIN", synchronous=None) as connection:
                return work(connection)

        return await self._alone(line, transact)

    async def write(
        self, work: Callable[[sa.Connection], T], *, durable: bool = True, always: bool = False
    ) -> T:
        """Run *work* as the only writer of all processes, and commit.

        Args:
            work: Executes statements on the connection.
            durable: Whether the change must survive a power failure. Other changes survive the end
                of the process and are never applied in part.
            always: Whether to write even if the database is read-only.

        Raises:
            StorageUnavailableError: If the database is read-only.
        """
        if self.refusal and not always:
            raise StorageUnavailableError(self.refusal)
        synchronous = "FULL" if durable else "NORMAL"

        def transact() -> T:
            with self.transaction(begin="BEGIN IMMEDIATE", synchronous=synchronous) as connection:
                return work(connection)

        return await self.in_thread(transact)

    async def revision(self) -> str:
        """Return a value that changes with every commit of any process."""
        if self._watch is not None:
            with contextlib.suppress(sqlite3.Error):
                return self._watch.revision()
        # A database in memory has no second connection, and a database in recovery must not be
        # opened twice.
        return await self.in_thread(self._own_revision)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run blocking work that manages its own transactions, in the single writer thread."""
        return await self._alone(self._main, work)

    async def _alone(self, line: _Line, work: Callable[[], T]) -> T:
        asked_at = time.monotonic()

        def alone() -> T:
            with line.lock:
                if asked_at < line.busy_at:
                    # The previous call in the line already waited for the lock: do not wait again.
                    raise _locked(self.location)
                try:
                    with mapped_errors(self.location):
                        return work()
                except StorageUnavailableError as error:
                    if error.retry_after is not None:
                        line.busy_at = time.monotonic()
                    raise

        return await anyio.to_thread.run_sync(alone, limiter=line.limiter)

    @contextmanager
    def transaction(
        self, *, begin: str = "BEGIN", synchronous: str | None = None
    ) -> Iterator[sa.Connection]:
        """Run a block in a transaction; only for the single writer thread."""
        with _transaction(
            self.location, self._main, begin=begin, synchronous=synchronous
        ) as connection:
            yield connection

    def connect(self) -> sqlite3.Connection:
        """Open a connection without implicit transactions."""
        target = ":memory:" if self.location.path is None else str(self.location.path)
        connection = sqlite3.connect(
            target, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
        )
        # SQLite's own functions ignore the case of ASCII letters only.
        connection.create_function("casefold", 1, _casefold, deterministic=True)
        return connection

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        """Execute one statement outside a transaction; only for the single writer thread."""
        if self._main.driver is None:
            raise StorageUnavailableError(_of(self.location, Message("database_closed")))
        return self._main.driver.execute(statement).fetchall()

    def _own_revision(self) -> str:
        driver = self._main.driver
        if driver is None:
            raise StorageUnavailableError(_of(self.location, Message("database_closed")))
        ((others,),) = self.execute("PRAGMA data_version")
        return f"{others}-{driver.total_changes}"

    def _check(self) -> None:
        verdict = self.execute("PRAGMA quick_check(1)")
        if verdict != [("ok",)]:
            raise StorageCorruptError(
                str(self.location), Message("database_damaged", detail=str(verdict[0][0]))
            )
        self.execute("PRAGMA journal_mode=WAL")

    def _close(self) -> None:
        if self._reader is not self._main:
            with self._reader.lock:
                self._reader.close()
        with self._main.lock:
            try:
                if self._watch is not None:
                    self._watch.close()
                if self._main.connection is not None:
                    self.execute(f"PRAGMA busy_timeout={CLOSE_TIMEOUT_MS}")
                    self.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.Error as error:
                # No data is lost: the next process that opens the database applies the log.
                _LOG.warning("cannot write the log into the database %s: %s", self.location, error)
            finally:
                self._main.close()
                self._watch = None


@contextmanager
def _transaction(
    location: Location, line: _Line, *, begin: str, synchronous: str | None
) -> Iterator[sa.Connection]:
    connection, driver = line.connection, line.driver
    if connection is None or driver is None:
        raise StorageUnavailableError(_of(location, Message("database_closed")))
    if synchronous not in (line.synchronous, None):
        driver.execute(f"PRAGMA synchronous={synchronous}")
        line.synchronous = synchronous or ""
    driver.execute(begin)
    try:
        yield connection
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    finally:
        # SQLAlchemy ends a transaction only after a statement was executed.
        driver.rollback()


def _casefold(text: str | None) -> str | None:
    return None if text is None else text.casefold()


def make_private(path: Path) -> None:
    """Create the file and its folder with permissions for this user only."""
    if path.is_dir():
        raise SettingsError([f"DATABASE_URL: {path} is a folder; a file is needed"])
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        # Unlike an unmounted folder, this error can only be fixed by another setting.
        raise SettingsError([f"DATABASE_URL: {path} lies below a file"]) from error
    # SQLite creates its log and shared memory with the mode of the database.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if os.fstat(descriptor).st_mode & 0o077:
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def _retried_while_locked(work: Callable[[], T]) -> T:
    """Return the result of work that SQLite refuses while another process sets up the file."""
    deadline = time.monotonic() + BUSY_TIMEOUT
    while True:
        try:
            return work()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
