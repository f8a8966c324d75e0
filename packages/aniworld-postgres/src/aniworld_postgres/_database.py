"""Transactions of PostgreSQL, in threads off the event loop."""

import secrets
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final, TypeVar

import anyio
import anyio.to_thread
import attrs
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import QueuePool

from aniworld_core.errors import SettingsError, StorageUnavailableError
from aniworld_core.messages import Message
from aniworld_postgres._clock import ServerTime
from aniworld_postgres._errors import mapped_errors, wrong_database
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
    sa.func.pg_advisory_xact_lock(WRITER_LOCK), sa.func.clock_timestamp().label("now")
)
#: The same for a commit that does not wait for the disk: one round trip less than `SET LOCAL`.
_BEGIN_WRITING_SOON: Final = _BEGIN_WRITING.add_columns(
    sa.func.set_config("synchronous_commit", "off", sa.true())
)
_PROCESS: Final = "SELECT current_setting('aniworld.process', true)"
_NOTIFY: Final = "SELECT pg_notify(%s, text) FROM unnest(CAST(%s AS text[])) AS texts (text)"
_REVISION: Final = "SELECT CAST(pg_current_snapshot() AS text), clock_timestamp()"
#: How the kernel finds out that the server is gone, in seconds and number of tests.
_KEEPALIVE: Final = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 10_000,
}
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
        raise SettingsError([Message("database_url_invalid")]) from exc
    if parsed.drivername not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise SettingsError([Message("database_url_scheme", scheme=parsed.drivername)])
    if not parsed.database:
        raise SettingsError([Message("database_url_nameless")])
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
            **_KEEPALIVE,
        }

    def require_session(self, connection: sa.Connection) -> None:
        """Check that the server got the settings of this session.

        A pooler such as PgBouncer may drop them, and would not deliver notices either.

        Raises:
            SettingsError: If it did not.
        """
        name = connection.exec_driver_sql(_PROCESS).scalar_one()
        if name != self.name:
            raise wrong_database(str(self.location), Message("database_server_pooler"))

    def driver_options(self) -> dict[str, Any]:
        """Return the same for a connection of the driver, which no pool holds."""
        url = self.location.url
        parameters = url.translate_connect_args(database="dbname", username="user")
        return {**parameters, **url.query, **self.options()}

    async def close(self) -> None:
        """Close all connections, also if the caller is cancelled."""
        with anyio.CancelScope(shield=True):
            engine, self._engine = self._engine, None
            if engine is not None:
                await anyio.to_thread.run_sync(engine.dispose)

    async def read(self, work: Callable[[sa.Connection], T]) -> T:
        """Run *work* on one snapshot of the database."""

        def transact() -> T:
            with self._connected() as connection:
                connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
                with connection.begin():
                    return work(connection)

        return await self._in_reader(transact)

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
            with mapped_errors(str(self.location)):
                connection = _again_if_broken(lambda: self._begun_writing(durable=durable))
                with connection:
                    result = work(connection)
                    connection.commit()
                    return result

        return await anyio.to_thread.run_sync(transact, limiter=self._writer)

    async def revision(self) -> str:
        """Return a value that changes with every commit of any process.

        The snapshot names the transactions that are visible: it changes when one is committed, not
        before, and never returns to a former value.
        """

        def ask() -> str:
            with self._connected() as connection:
                # One statement needs no transaction around it, which costs two round trips.
                connection.execution_options(isolation_level="AUTOCOMMIT")
                revision, now = connection.exec_driver_sql(_REVISION).one()
            self.time.heard(now)
            return str(revision)

        return await self._in_reader(ask)

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

    async def _in_reader(self, transact: Callable[[], T]) -> T:
        """Run a transaction that changes nothing in a thread of the readers."""

        def mapped() -> T:
            with mapped_errors(str(self.location)):
                return _again_if_broken(transact)

        return await anyio.to_thread.run_sync(mapped, limiter=self._readers)

    def _begun_writing(self, *, durable: bool) -> sa.Connection:
        """Return a connection on which a transaction is the only writer of all processes."""
        connection = self._connected()
        try:
            begin = _BEGIN_WRITING if durable else _BEGIN_WRITING_SOON
            # Read committed: each statement after it sees what earlier writers stored.
            self.time.heard(connection.execute(begin).one().now)
        except BaseException:
            connection.close()
            raise
        return connection

    def _connected(self) -> sa.Connection:
        if self._engine is None:
            reason = Message(
                "part_reason", part=str(self.location), reason=Message("database_closed")
            )
            raise StorageUnavailableError(reason)
        return self._engine.connect()


def _again_if_broken(call: Callable[[], T]) -> T:
    """Return the result of *call*, which has no effect if it fails.

    It is repeated once if its connection was closed by the server or a router: then the pool
    replaces all connections. To test each one before its use would be one more round trip.
    """
    try:
        return call()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
    return call()
