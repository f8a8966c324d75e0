"""Notices between processes by LISTEN and NOTIFY."""

import logging
import threading
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import anyio
import anyio.to_thread
import attrs
import psycopg

from aniworld_core.errors import AniworldError
from aniworld_core.ports.process_link import Notice, ProcessLink, Topic
from aniworld_postgres._database import Database
from aniworld_postgres._errors import RETRY_AFTER
from aniworld_postgres._shared import CHANNEL

logger: logging.Logger = logging.getLogger(__name__)

#: Seconds between two notices with progress of one process.
_SEND_EVERY: Final = 0.1
#: Bytes of a posted text; the server accepts notices below 8,000 bytes.
_LONGEST: Final = 7_000
#: Seconds without a notice, after which the connection is tested.
_TEST_AFTER: Final = 5.0


@attrs.define(eq=False)
class PostgresLink(ProcessLink):
    """Sends and receives notices on one channel of the database."""

    _database: Database
    _outbox: dict[str, str] = attrs.field(factory=dict, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)
    _timer: threading.Timer | None = attrs.field(default=None, init=False)
    _sent_at: float = attrs.field(default=0.0, init=False)

    def post(self, key: str, text: str) -> None:
        with self._lock:
            if len(text.encode()) > _LONGEST:
                return
            self._outbox[key] = text
            if self._timer is None:
                self._start_timer()

    @asynccontextmanager
    async def receive(self) -> AsyncIterator[AsyncIterator[Notice]]:
        listener = _Listener(self._database)
        try:
            yield listener.notices()
        finally:
            listener.end()

    def _send(self) -> None:
        with self._lock:
            texts, self._outbox = list(self._outbox.values()), {}
        try:
            name = self._database.name
            self._database.notify(CHANNEL, [f"{name} {Topic.PROGRESS} {each}" for each in texts])
        except AniworldError as error:
            # Newer progress follows, and the progress is also stored.
            logger.debug("cannot send progress to other machines: %s", error)
        with self._lock:
            self._timer, self._sent_at = None, time.monotonic()
            if self._outbox:
                self._start_timer()

    def _start_timer(self) -> None:
        wait = max(0.0, self._sent_at + _SEND_EVERY - time.monotonic())
        self._timer = threading.Timer(wait, self._send)
        self._timer.daemon = True
        self._timer.start()


@attrs.define(eq=False)
class _Listener:
    """One connection that listens, and is replaced when it is lost."""

    _database: Database
    _connection: "psycopg.Connection[Any] | None" = attrs.field(default=None, init=False)
    _received: deque[psycopg.Notify] = attrs.field(factory=deque, init=False)
    _is_ended: bool = attrs.field(default=False, init=False)

    async def notices(self) -> AsyncIterator[Notice]:
        while True:
            try:
                connection = await anyio.to_thread.run_sync(self._connect)
                yield Notice(topic=Topic.GAP)
                while True:
                    await self._wait(connection)
                    while self._received:
                        notice = self._read(self._received.popleft())
                        if notice is not None:
                            yield notice
            except psycopg.Error as error:
                logger.debug("the connection for notices is lost: %s", error)
            self._close()
            await anyio.sleep(RETRY_AFTER.total_seconds() / 5)

    def end(self) -> None:
        """Close the connection, also one that a thread is still making."""
        self._is_ended = True
        self._close()

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        self._received.clear()
        if connection is not None:
            connection.close()

    def _connect(self) -> "psycopg.Connection[Any]":
        connection = psycopg.connect(**self._database.driver_options(), autocommit=True)
        try:
            connection.add_notify_handler(self._received.append)
            connection.execute(f"LISTEN {CHANNEL}")
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        if self._is_ended:
            self._close()
        return connection

    async def _wait(self, connection: "psycopg.Connection[Any]") -> None:
        """Wait for notices; test the connection when none arrives."""
        with anyio.move_on_after(_TEST_AFTER) as limit:
            await anyio.wait_readable(connection.fileno())
        if limit.cancelled_caught:
            await anyio.to_thread.run_sync(connection.execute, "SELECT 1")
            return
        connection.pgconn.consume_input()
        while (notify := connection.pgconn.notifies()) is not None:
            text = notify.extra.decode(errors="replace")
            self._received.append(psycopg.Notify(CHANNEL, text, notify.be_pid))

    def _read(self, received: psycopg.Notify) -> Notice | None:
        """Return a notice of another process; `None` for others."""
        process, _, rest = received.payload.partition(" ")
        topic, _, text = rest.partition(" ")
        if process == self._database.name:
            return None
        try:
            return Notice(topic=Topic(topic), text=text)
        except ValueError:
            return None  # of another version
