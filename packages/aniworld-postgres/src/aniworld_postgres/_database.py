"""Transactions of PostgreSQL, in threads off the event loop."""

import secrets
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final, TypeVar

import anyio
import anyio.to_thread
import attrs
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from aniworld_core.errors import SettingsError, StorageUnavailableError
from aniworld_core.messages import Message
from aniworld_postgres._clock import ServerTime
from aniworld_postgres._errors import mapped_errors
from aniworld_sqlite.sql import Transactions

T = TypeVar("T")

#: Connections of one process: one for writing, and some for reads.
_CONNECTIONS: Final = 4
#: Seconds until an attempt to connect fails.
_CONNECT_TIMEOUT: Final = 10
#: Milliseconds that a call waits while another process writes.
_LOCK_TIMEOUT_MS: Final = 5_000
#: Milliseconds until the server ends a statement.
_STATEMENT_TIMEOUT_MS: Final = 60_000
#: Milliseconds until the server ends a transaction whose program hangs.
_IDLE_TIMEOUT_MS: Final = 60_000
#: Key of the lock that writers hold; any number that other programs do not use.
WRITER_LOCK: Final = 0x616E_6977  # "aniw"
#: Waits for the other writers, then reads the clock of the server.
_BEGIN_WRITING: Final = sa.select(
    sa.func.pg_advisory_xact_lock(WRITER_LOCK), sa.func.clock_timestamp()
)
_NOTIFY: Final = "SELECT pg_notify(%s, text) FROM unnest(CAST(%s AS text[])) AS texts (text)"
_REVISION: Final = "SELECT CAST(pg_current_snapshot() AS text), clock_timestamp()"
#: Settings of each session.
_SESSION: Final = (
    f"-c lock_timeout={_LOCK_TIMEOUT_MS} -c statement_timeout={_STATEMENT_TIMEOUT_MS}"
    f" -c idle_in_transaction_session_timeout={_IDLE_TIMEOUT_MS}"
    " -c timezone=UTC -c client_min_messages=warning"
)


@attrs.frozen
class Location:
    """Location of a database.

    Attributes:
        url: The URL for the driver, with the password.
    """

    url: sa.URL = attrs.field(repr=False)

    def __str__(self) -> str:
        host = self.url.host or "local"
        port = f":{self.url.port}" if self.url.port else ""
        return f"{host}{port}/{self.url.database or ''}"


def parse_url(url: str) -> Location:
    """Parse `postgresql://user:password@host:port/database?option=value`.

    Raises:
        SettingsError: If the URL has another form; without the URL, which has a password.
    """
    try:
        parsed = sa.make_url(url)
    except (ArgumentError, ValueError) as exc:
        raise SettingsError(["DATABASE_URL is no database URL"]) from exc
    if parsed.drivername not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise SettingsError([f"DATABASE_URL: {parsed.drivername!r} is not postgresql"])
    if not parsed.database:
        raise SettingsError(
            ["DATABASE_URL: postgresql needs the name of a database, postgresql://host/name"]
        )
    return Location(parsed.set(drivername="postgresql+psycopg"))


def _new_name() -> str:
    return secrets.token_hex(4)


@attrs.define(eq=False)
class Database(Transactions):
    """Run closures in transactions; one writer at a time in all processes.

    Writers wait for each other through a lock of the server, as in SQLite. So no change falls
    between what a closure reads and what it writes, and the log of changes has the order of the
    commits. A closure that raises changes nothing. Cancelling the caller does not interrupt a
    running closure: it is committed as a whole.

    Attributes:
        location: The database.
        time: The time of the server.
        name: Name of this process in notices of its changes.
    """

    is_remote: ClassVar = True
    location: Location
    time: ServerTime = attrs.field(factory=ServerTime, init=False)
    name: str = attrs.field(factory=_new_name, init=False)
    _engine: sa.Engine | None = attrs.field(default=None, init=False)
    _readers: anyio.CapacityLimiter = attrs.field(
        factory=lambda: anyio.CapacityLimiter(_CONNECTIONS - 1), init=False
    )
    _writer: anyio.CapacityLimiter = attrs.field(
        factory=lambda: anyio.CapacityLimiter(1), init=False
    )

    def open(self) -> None:
        """Make the pool; the first call connects."""
        self._engine = sa.create_engine(
            self.location.url,
            connect_args=self.options(),
            poolclass=QueuePool,
            pool_size=_CONNECTIONS,
            # Notices are sent while all others may be in use.
            max_overflow=1,
            pool_timeout=_CONNECT_TIMEOUT,
            # A connection that the server or a router closed is replaced before it is used.
            pool_pre_ping=True,
            isolation_level="READ COMMITTED",
        )

    def options(self) -> dict[str, Any]:
        """Return the options of a connection."""
        session = f"{_SESSION} -c aniworld.process={self.name}"
        given = self.location.url.query.get("options")
        return {
            "connect_timeout": _CONNECT_TIMEOUT,
            "options": f"{session} {given}" if given else session,
            "application_name": "aniworld",
        }

    async def close(self) -> None:
        """Close all connections, also if the caller is cancelled."""
        with anyio.CancelScope(shield=True):
            engine, self._engine = self._engine, None
            if engine is not None:
                await anyio.to_thread.run_sync(engine.dispose)

    async def read(self, work: Callable[[sa.Connection], T]) -> T:
        """Run *work* on one snapshot of the database."""

        def transact() -> T:
            with mapped_errors(str(self.location)), self._connected() as connection:
                connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
                with connection.begin():
                    return work(connection)

        return await anyio.to_thread.run_sync(transact, limiter=self._readers)

    async def write(
        self, work: Callable[[sa.Connection], T], *, durable: bool = True, always: bool = False
    ) -> T:
        """Run *work* as the only writer of all processes, and commit.

        Args:
            work: Executes statements on the connection.
            durable: Whether the commit waits for the disk of the server.
            always: Without effect; there is no read-only recovery.
        """
        return await self.in_writer(work, durable=durable)

    async def in_writer(self, work: Callable[[sa.Connection], T], *, durable: bool = True) -> T:
        """Run *work* in the thread of the writer."""

        def transact() -> T:
            place = str(self.location)
            with mapped_errors(place), self._connected() as connection, connection.begin():
                # Read committed: each statement after it sees what earlier writers stored.
                _, now = connection.execute(_BEGIN_WRITING).one()
                self.time.heard(now)
                if not durable:
                    connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
                return work(connection)

        return await anyio.to_thread.run_sync(transact, limiter=self._writer)

    async def revision(self) -> str:
        """Return a value that changes with every commit of any process.

        The snapshot names the transactions that are visible: it changes when one is committed, not
        before, and never returns to a former value.
        """

        def ask(connection: sa.Connection) -> str:
            revision, now = connection.exec_driver_sql(_REVISION).one()
            self.time.heard(now)
            return str(revision)

        return await self.read(ask)

    def notify(self, channel: str, texts: Sequence[str]) -> None:
        """Send texts on a channel; blocks.

        Raises:
            StorageUnavailableError: If they cannot be sent.
        """
        with mapped_errors(str(self.location)), self._connected() as connection:
            with connection.begin():
                connection.exec_driver_sql(_NOTIFY, (channel, list(texts)))
            if self._engine is None:
                # The pool was closed meanwhile, and would keep what is returned to it open.
                connection.invalidate()

    def _connected(self) -> sa.Connection:
        if self._engine is None:
            reason = Message(
                "part_reason", part=str(self.location), reason=Message("database_closed")
            )
            raise StorageUnavailableError(reason)
        return self._engine.connect()
