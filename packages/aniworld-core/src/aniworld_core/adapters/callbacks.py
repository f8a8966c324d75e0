"""Callbacks of the former program, called for events of the bus."""

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, TypeAlias

import anyio
import anyio.to_thread
import attrs

from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.errors import SubscriberLaggedError
from aniworld_core.events import (
    DownloadCompleted,
    DownloadFailed,
    DownloadProgressed,
    Event,
    ScanCompleted,
    ScanFailed,
    ScanProgressed,
)
from aniworld_core.ports.bus import ProgressBus

logger: logging.Logger = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class ProgressContext:
    """Progress of an operation.

    Attributes:
        operation: `download` or `scan`.
        operation_id: The download item's or the scan's id.
        percent: 0 to 100.
        key: Key of the series, if there is one.
        folder: Folder of the series, if there is one.
    """

    operation: str
    operation_id: str
    percent: float
    key: SeriesKey | None = None
    folder: FolderName | None = None


@attrs.frozen(kw_only=True)
class ErrorContext:
    """Failure of an operation; the other fields are those of `ProgressContext`.

    Attributes:
        kind: Kind of the error.
        message: Text of the error in one line.
        is_recoverable: Whether the failure is temporary.
    """

    operation: str
    operation_id: str
    kind: str
    message: str
    is_recoverable: bool
    key: SeriesKey | None = None
    folder: FolderName | None = None


@attrs.frozen(kw_only=True)
class CompletionContext:
    """End of an operation, successful or not; the other fields are those of `ProgressContext`."""

    operation: str
    operation_id: str
    is_success: bool
    key: SeriesKey | None = None
    folder: FolderName | None = None


Context: TypeAlias = ProgressContext | ErrorContext | CompletionContext


class ProgressCallback(ABC):
    """Called for progress."""

    @abstractmethod
    def on_progress(self, context: ProgressContext) -> None:
        """Handle the context; called in a worker thread."""


class ErrorCallback(ABC):
    """Called for failures."""

    @abstractmethod
    def on_error(self, context: ErrorContext) -> None:
        """Handle the context; called in a worker thread."""


class CompletionCallback(ABC):
    """Called at the end of each operation."""

    @abstractmethod
    def on_completion(self, context: CompletionContext) -> None:
        """Handle the context; called in a worker thread, after `on_error` on failure."""


Callback: TypeAlias = ProgressCallback | ErrorCallback | CompletionCallback


#: Events that may be buffered while callbacks are slow. One process produces few: ended downloads
#: and steps of scans; progress of one item is conflated.
_BUFFER: Final = 2**20
#: Seconds for the remaining events after a cancellation.
_CANCELLED_SECONDS: Final = 5.0


@attrs.define(eq=False)
class CallbackManager:
    """Register callbacks and call them; thread-safe.

    An exception of a callback is logged and affects neither other callbacks nor the work.
    """

    _registered: list[Callback] = attrs.field(factory=list, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    def register(self, callback: Callback) -> None:
        """Register a callback; registering it twice changes nothing."""
        with self._lock:
            if callback not in self._registered:
                self._registered.append(callback)

    def unregister(self, callback: Callback) -> None:
        """Remove a callback; unknown ones are ignored."""
        with self._lock:
            if callback in self._registered:
                self._registered.remove(callback)

    @asynccontextmanager
    async def attached(self, bus: ProgressBus) -> AsyncIterator[None]:
        """Call the callbacks for events of the bus inside the context.

        The context exits after the last callback: every event published inside is delivered, in
        the order of the bus. A cancelled context waits at most 5 s for them.
        """
        events = (DownloadProgressed, DownloadCompleted, DownloadFailed)
        scans = (ScanProgressed, ScanCompleted, ScanFailed)
        limit = anyio.CancelScope(shield=True)
        failure: Exception | None = None
        async with (
            anyio.create_task_group() as tasks,
            bus.subscribe(*events, *scans, buffer=_BUFFER) as stream,
        ):
            tasks.start_soon(self._forward, stream, limit)
            try:
                yield
            except Exception as error:
                # Raised below, because the task group would wrap it and drop the events.
                failure = error
            except BaseException:
                limit.deadline = anyio.current_time() + _CANCELLED_SECONDS
                raise
        if failure is not None:
            raise failure

    async def _forward(self, stream: AsyncIterator[Event], limit: anyio.CancelScope) -> None:
        with limit:
            await self._deliver(stream)
        if limit.cancelled_caught:
            logger.warning("callbacks: stopped before the last events were delivered")

    async def _deliver(self, stream: AsyncIterator[Event]) -> None:
        while True:
            try:
                event = await anext(stream)
            except SubscriberLaggedError as error:
                logger.warning("callbacks: %s", error)
            except StopAsyncIteration:
                return
            else:
                for context in contexts_of(event):
                    await anyio.to_thread.run_sync(self.notify, context, abandon_on_cancel=True)

    def notify(self, context: Context) -> None:
        """Call every callback for contexts of this kind, in the order of registration."""
        with self._lock:
            callbacks = tuple(self._registered)
        for callback in callbacks:
            call = _wanted(callback, context)
            if call is not None:
                try:
                    call()
                except Exception:  # foreign code may raise anything
                    logger.exception("the callback %r failed", callback)


#: Shorter name.
Callbacks = CallbackManager


def contexts_of(event: Event) -> tuple[Context, ...]:
    """Return the contexts of an event, in the order of the calls."""
    match event:
        case DownloadProgressed():
            return (
                ProgressContext(
                    operation="download",
                    operation_id=event.item_id,
                    percent=event.progress.percent,
                    key=event.key,
                    folder=event.folder,
                ),
            )
        case DownloadCompleted() | DownloadFailed():
            return _download_ended(event)
        case ScanProgressed():
            percent = 100.0 * event.done / event.total if event.total else 0.0
            return (
                ProgressContext(
                    operation="scan",
                    operation_id=event.scan_id,
                    percent=percent,
                    key=event.key,
                    folder=event.folder,
                ),
            )
        case ScanCompleted():
            return (
                CompletionContext(operation="scan", operation_id=event.scan_id, is_success=True),
            )
        case ScanFailed():
            error = ErrorContext(
                operation="scan",
                operation_id=event.scan_id,
                kind=event.failure.kind,
                message=event.failure.message,
                is_recoverable=event.failure.retryable,
            )
            ended = CompletionContext(
                operation="scan", operation_id=event.scan_id, is_success=False
            )
            return (error, ended)
        case _:
            return ()


def _download_ended(event: DownloadCompleted | DownloadFailed) -> tuple[Context, ...]:
    item = event.item
    key = item.episode.series_key
    ended = CompletionContext(
        operation="download",
        operation_id=item.id,
        is_success=isinstance(event, DownloadCompleted),
        key=key,
        folder=event.folder,
    )
    if ended.is_success or item.failure is None:
        return (ended,)
    error = ErrorContext(
        operation="download",
        operation_id=item.id,
        kind=item.failure.kind,
        message=item.failure.message,
        is_recoverable=item.failure.retryable,
        key=key,
        folder=event.folder,
    )
    return (error, ended)


def _wanted(callback: Callback, context: Context) -> Callable[[], None] | None:
    if isinstance(context, ProgressContext):
        if isinstance(callback, ProgressCallback):
            return lambda: callback.on_progress(context)
    elif isinstance(context, ErrorContext):
        if isinstance(callback, ErrorCallback):
            return lambda: callback.on_error(context)
    elif isinstance(callback, CompletionCallback):
        return lambda: callback.on_completion(context)
    return None
