"""Refresh media servers after downloads and other changes of the library."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path, PurePosixPath
from random import SystemRandom
from typing import Any, Final, TypeAlias

import anyio
import attrs
from anyio.abc import TaskGroup

from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.domain.configuration import Config, MediaServerConfig
from aniworld_core.domain.retry_policy import RetryPolicy
from aniworld_core.errors import (
    AniworldError,
    LibraryNotSetError,
    MediaServerFailedError,
    SubscriberLaggedError,
    UnsafePathError,
)
from aniworld_core.events import DownloadCompleted, LibraryChangeFinished
from aniworld_core.messages import Message
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.library import MediaLibrary
from aniworld_core.ports.media_server import (
    ChangedFolder,
    MediaServer,
    MediaServerFacts,
    is_below,
)

logger: logging.Logger = logging.getLogger(__name__)

#: Maximum seconds that a server may take for one refresh or test.
DEADLINE: Final = timedelta(seconds=30)
#: Maximum seconds that a command waits for the servers at its end.
COMMAND_DEADLINE: Final = timedelta(seconds=10)
#: Largest number of folders in one attempt, so that it ends within the deadline.
_AT_ONCE: Final = 20
#: Maximum seconds for the last refresh when the process ends.
_LAST_SECONDS: Final = 1.5
#: A server that is switched off keeps its changed folders until it answers again.
_RETRIES: Final = RetryPolicy(
    limit=None, base=timedelta(seconds=15), ceiling=timedelta(hours=1), jitter=0.2
)
_RANDOM: Final = SystemRandom()

#: Opens the adapter of a server with the context of a configuration.
OpenMediaServer: TypeAlias = Callable[
    [MediaServerConfig, Config], AbstractAsyncContextManager[MediaServer]
]


@attrs.frozen(kw_only=True)
class MediaServerState:
    """State of one configured server.

    Attributes:
        server: Its settings.
        pending: Number of changed folders that it has not refreshed yet.
        refreshed_at: Time of the last successful refresh of this process.
        failed_at: Time of the last failure since then.
        problem: Reason of that failure.
        next_try_at: Time of the next attempt; `None` if none is planned.
    """

    server: MediaServerConfig
    pending: int = 0
    refreshed_at: datetime | None = None
    failed_at: datetime | None = None
    problem: str | None = None
    next_try_at: datetime | None = None


@attrs.define(eq=False)
class _Delivery:
    """Changed folders of one server.

    Attributes:
        state: Its settings, and how its refreshes went.
        pending: Absolute path of a changed folder → whether files left it.
        is_running: Whether a task sends them.
        woken: Set when an attempt may succeed: after new changes and changed settings.
    """

    state: MediaServerState
    pending: dict[str, bool] = attrs.field(factory=dict)
    is_running: bool = False
    woken: anyio.Event = attrs.field(factory=anyio.Event)

    @property
    def server(self) -> MediaServerConfig:
        """Settings of the server."""
        return self.state.server

    def note(self, **changes: Any) -> None:
        """Change the state."""
        self.state = attrs.evolve(self.state, **changes)


@attrs.define(eq=False, kw_only=True)
class MediaServerRefresh:
    """Have the configured media servers refresh the series folders that changed.

    Changes are collected for `media_servers.delay_seconds`, so that a season is one refresh. A
    server that fails gets the collected folders later, with growing delays; what it has not been
    told is lost with the end of the process. Refreshes never delay or fail a download.
    """

    _bus: ProgressBus
    _config: CurrentConfig
    _library: MediaLibrary
    _clock: Clock
    _open: OpenMediaServer
    _collected: dict[str, bool] = attrs.field(factory=dict, init=False)
    #: By kind and address.
    _deliveries: dict[tuple[str, str], _Delivery] = attrs.field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self._config.listen(lambda _config: self._settings_changed())
        self._settings_changed()

    async def run(self) -> None:
        """Follow the events of the bus until cancelled or the bus ends."""
        try:
            async with anyio.create_task_group() as tasks:
                await self._follow(tasks)
                tasks.cancel_scope.cancel()
        finally:
            # What is pending would be lost; servers that fail already are not asked again.
            with anyio.move_on_after(_LAST_SECONDS, shield=True):
                await self._send_once()

    async def _follow(self, tasks: TaskGroup) -> None:
        async with self._bus.subscribe(DownloadCompleted, LibraryChangeFinished) as events:
            while True:
                try:
                    event = await anext(events, None)
                except SubscriberLaggedError as error:
                    logger.warning("some changes do not reach the media servers: %s", error)
                    continue
                if event is None:
                    return
                is_first = not self._collected
                self._collect(event)
                if is_first and self._collected:
                    tasks.start_soon(self._deliver_collected)

    @asynccontextmanager
    async def after(self) -> AsyncIterator[None]:
        """Refresh the servers once after the body of a command; failures are logged."""
        subscription = self._bus.subscribe(DownloadCompleted, LibraryChangeFinished, buffer=100_000)
        async with subscription as events:
            yield
        async for event in events:
            self._collect(event)
        with anyio.move_on_after(COMMAND_DEADLINE.total_seconds()) as limit:
            await self._send_once()
        if limit.cancelled_caught:
            logger.warning("not every media server answered in time")

    async def test(self, server: MediaServerConfig, config: Config) -> MediaServerFacts:
        """Ask a server whether a refresh would work; changes nothing.

        Args:
            server: The server, stored or not.
            config: The configuration that it belongs to.

        Raises:
            MediaServerFailedError: If it cannot be reached, refuses the credentials, or has no
                library that contains our library folder.
            AniworldError: If its adapter cannot be opened.
        """
        with _within(DEADLINE, server):
            async with self._open(server, config) as opened:
                facts = await opened.check()
        theirs = [server.their_path(str(root)) for root in self._roots()]
        if theirs and not any(is_below(ours, place) for ours in theirs for place in facts.folders):
            reason = Message(
                "media_server_lacks_folder", path=theirs[0], folders=list(facts.folders[:10])
            )
            raise MediaServerFailedError(server.label, reason, is_final=True)
        return facts

    def states(self) -> Sequence[MediaServerState]:
        """Return the state of every enabled server, in configured order."""
        return [
            attrs.evolve(each.state, pending=len(each.pending))
            for each in self._deliveries.values()
        ]

    def _settings_changed(self) -> None:
        """Keep the folders of servers that are still configured, and try them again at once."""
        former, self._deliveries = self._deliveries, {}
        for server in self._config.value.media_servers.servers:
            if not server.enabled:
                continue
            key = (server.kind, server.base_url)
            delivery = former.get(key) or _Delivery(MediaServerState(server=server))
            if delivery.server != server:
                delivery.state = MediaServerState(server=server)
            self._deliveries[key] = delivery
        for delivery in former.values():
            delivery.woken.set()

    def _roots(self) -> Sequence[Path]:
        try:
            return [self._library.root, *self._library.other_roots]
        except LibraryNotSetError:
            return []

    def _collect(self, event: DownloadCompleted | LibraryChangeFinished) -> None:
        if not self._deliveries:
            return
        if isinstance(event, LibraryChangeFinished):
            for path in event.folders:
                self._note(path, has_removals=path in event.left)
        elif event.item.file:
            self._note(str(PurePosixPath(event.item.file).parent), has_removals=False)

    def _note(self, stored: str, *, has_removals: bool) -> None:
        """Note the folder of the series that a stored path belongs to."""
        try:
            path = self._library.root if stored == "." else self._library.absolute(stored)
        except (UnsafePathError, LibraryNotSetError):
            return  # the folder is no part of the library any more
        root = next((each for each in self._roots() if path.is_relative_to(each)), None)
        if root is not None:
            folder = str(Path(root, *path.relative_to(root).parts[:1]))
            self._collected[folder] = self._collected.get(folder, False) or has_removals

    async def _deliver_collected(self) -> None:
        """Wait for further changes, then send all to every server."""
        delay = self._config.value.media_servers.delay_seconds
        await self._clock.sleep(timedelta(seconds=delay))
        self._distribute()
        async with anyio.create_task_group() as tasks:
            for key, delivery in self._deliveries.items():
                if not delivery.is_running:
                    tasks.start_soon(self._deliver, key, delivery)

    def _distribute(self) -> None:
        """Move the collected folders to the servers."""
        folders, self._collected = self._collected, {}
        for delivery in self._deliveries.values():
            for folder, has_removals in folders.items():
                delivery.pending[folder] = delivery.pending.get(folder, False) or has_removals
            delivery.woken.set()

    async def _send_once(self) -> None:
        """Send everything to the servers that did not fail the last time."""
        self._distribute()
        async with anyio.create_task_group() as tasks:
            for delivery in self._deliveries.values():
                if delivery.state.problem is None:
                    tasks.start_soon(self._send_all, delivery)

    async def _send_all(self, delivery: _Delivery) -> None:
        while delivery.pending and await self._attempt(delivery) is None:
            pass

    async def _deliver(self, key: tuple[str, str], delivery: _Delivery) -> None:
        """Send the pending folders of a server until it has accepted all."""
        delivery.is_running = True
        state = _RETRIES.start()
        try:
            while delivery.pending and self._deliveries.get(key) is delivery:
                delivery.woken = anyio.Event()
                failure = await self._attempt(delivery)
                if failure is None:
                    state = _RETRIES.start()
                else:
                    state = state.failed(draw=_RANDOM.random()) or state
                    await self._back_off(delivery, failure, state.delay)
        finally:
            delivery.is_running = False

    async def _back_off(
        self, delivery: _Delivery, failure: AniworldError, delay: timedelta
    ) -> None:
        """Wait before the next attempt; without a limit if somebody must correct something."""
        is_final = isinstance(failure, MediaServerFailedError) and failure.is_final
        delivery.note(next_try_at=None if is_final else self._clock.now() + delay)
        woken = delivery.woken
        async with anyio.create_task_group() as tasks:

            async def wait() -> None:
                await self._clock.sleep(delay)
                woken.set()

            if not is_final:
                tasks.start_soon(wait)
            await woken.wait()
            tasks.cancel_scope.cancel()
        delivery.note(next_try_at=None)

    async def _attempt(self, delivery: _Delivery) -> AniworldError | None:
        """Send some pending folders once; return the failure, which is logged, or `None`."""
        server, sent = delivery.server, dict(islice(delivery.pending.items(), _AT_ONCE))
        folders = [
            ChangedFolder(path=server.their_path(path), has_removals=has_removals)
            for path, has_removals in sent.items()
        ]
        try:
            with _within(DEADLINE, server):
                async with self._open(server, self._config.value) as opened:
                    await opened.refresh(folders)
        except AniworldError as error:
            reason = error.reason if isinstance(error, MediaServerFailedError) else error.message
            if delivery.state.problem != reason:
                logger.warning("cannot refresh the media server %s: %s", server.label, reason)
            delivery.note(failed_at=self._clock.now(), problem=reason)
            return error
        delivery.note(refreshed_at=self._clock.now(), failed_at=None, problem=None)
        for folder, has_removals in sent.items():
            if delivery.pending.get(folder) == has_removals:
                del delivery.pending[folder]
        logger.info("refreshed %d folders of the media server %s", len(sent), server.label)
        return None


@contextmanager
def _within(limit: timedelta, server: MediaServerConfig) -> Iterator[None]:
    """Limit the time of a request.

    Raises:
        MediaServerFailedError: If it takes longer.
    """
    try:
        with anyio.fail_after(limit.total_seconds()):
            yield
    except TimeoutError as error:
        reason = Message("no_answer_within", waited_seconds=limit.total_seconds())
        raise MediaServerFailedError(server.label, reason) from error
