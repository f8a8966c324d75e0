"""Callbacks of the former program are still supported."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from aniworld_core.adapters.callbacks import (
    CallbackManager,
    CompletionCallback,
    CompletionContext,
    Context,
    ErrorCallback,
    ErrorContext,
    ProgressCallback,
    ProgressContext,
    contexts_of,
)
from aniworld_core.adapters.local_bus import LocalProgressBus
from aniworld_core.domain.downloads import Failure
from aniworld_core.domain.identity import FolderName
from aniworld_core.errors import DiskFullError
from aniworld_core.events import (
    DownloadCompleted,
    DownloadFailed,
    QueueDrained,
    ScanFailed,
    ScanProgressed,
)
from aniworld_core.testing.contracts.bus import progressed
from aniworld_core.testing.factories import KEY, START, make_item
from aniworld_core.testing.fakes import RecordingBus
from aniworld_core.testing.waiting import PATIENCE

FAILURE = Failure(kind="disk_full", message="the disk is full", retryable=True)
FOLDER = FolderName("Attack on Titan")


class _Everything(ProgressCallback, ErrorCallback, CompletionCallback):
    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.contexts: list[Context] = []
        self.threads: set[int] = set()
        self.enough = threading.Event()

    def _note(self, context: Context) -> None:
        threading.Event().wait(self.seconds)
        self.contexts.append(context)
        self.threads.add(threading.get_ident())
        if isinstance(context, CompletionContext):
            self.enough.set()

    def on_progress(self, context: ProgressContext) -> None:
        self._note(context)

    def on_error(self, context: ErrorContext) -> None:
        self._note(context)

    def on_completion(self, context: CompletionContext) -> None:
        self._note(context)


class _Broken(ProgressCallback):
    def on_progress(self, context: ProgressContext) -> None:
        raise RuntimeError("not my day")


@pytest.mark.anyio
async def test_callbacks_hear_what_the_bus_carries() -> None:
    """Callbacks get progress, then the error, then the end; in a thread, with key and folder."""
    bus, callbacks, everything = LocalProgressBus(), CallbackManager(), _Everything()
    callbacks.register(everything)
    callbacks.register(everything)
    item = make_item(1, failure=FAILURE)
    async with callbacks.attached(bus):
        await bus.publish(progressed("a", 50))
        await bus.publish(QueueDrained(at=START))
        await bus.publish(DownloadFailed(item=item, folder=FOLDER, at=START))
        with anyio.fail_after(PATIENCE):
            await anyio.to_thread.run_sync(everything.enough.wait, PATIENCE)
    progress, error, completion = everything.contexts
    assert isinstance(progress, ProgressContext)
    assert (progress.percent, progress.key, progress.folder) == (50.0, KEY, FOLDER)
    assert isinstance(error, ErrorContext)
    assert (error.kind, error.is_recoverable, error.key) == ("disk_full", True, KEY)
    assert isinstance(completion, CompletionContext)
    assert not completion.is_success
    assert threading.get_ident() not in everything.threads


@pytest.mark.anyio
async def test_no_callback_is_lost_at_the_end() -> None:
    """Leaving the context waits for the slowest callback, and all calls are in order."""
    bus, callbacks, everything = LocalProgressBus(), CallbackManager(), _Everything(seconds=0.002)
    callbacks.register(everything)
    items = [make_item(number, failure=FAILURE) for number in range(1, 25)]
    async with callbacks.attached(bus):
        for item in items:
            await bus.publish(DownloadFailed(item=item, folder=FOLDER, at=START))

    ids = [context.operation_id for context in everything.contexts]
    kinds = [type(context) for context in everything.contexts]
    assert ids == [item.id for item in items for _ in range(2)]
    assert kinds == [ErrorContext, CompletionContext] * 24


@pytest.mark.anyio
async def test_slow_callbacks_lose_nothing() -> None:
    """Slow callbacks get more events than a usual subscription buffers."""
    bus, callbacks, everything = LocalProgressBus(), CallbackManager(), _Everything()
    callbacks.register(everything)
    async with callbacks.attached(bus):
        for number in range(600):
            await bus.publish(ScanProgressed(scan_id=str(number), done=1, total=2, at=START))

    assert [context.operation_id for context in everything.contexts] == list(map(str, range(600)))


@pytest.mark.anyio
async def test_an_error_inside_keeps_its_class_and_the_callbacks() -> None:
    """An error inside the context is raised unchanged, after the callbacks."""
    bus, callbacks, everything = LocalProgressBus(), CallbackManager(), _Everything()
    callbacks.register(everything)

    async def work() -> None:
        async with callbacks.attached(bus):
            await bus.publish(DownloadCompleted(item=make_item(1), folder=FOLDER, at=START))
            raise DiskFullError("/srv", 1)

    with pytest.raises(DiskFullError):
        await work()

    assert [type(context) for context in everything.contexts] == [CompletionContext]


@pytest.mark.anyio
async def test_a_cancelled_context_still_delivers() -> None:
    """A cancelled context still calls the callbacks for completed downloads."""
    bus, callbacks, everything = LocalProgressBus(), CallbackManager(), _Everything()
    callbacks.register(everything)
    with anyio.CancelScope() as scope:
        async with callbacks.attached(bus):
            await bus.publish(DownloadCompleted(item=make_item(1), folder=FOLDER, at=START))
            scope.cancel()
            await anyio.sleep_forever()

    assert len(everything.contexts) == 1


@pytest.mark.anyio
async def test_lag_of_a_smaller_bus_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """If the bus drops events, this is logged, and newer events are delivered."""

    class _Small(RecordingBus):
        @asynccontextmanager
        async def subscribe(
            self, *event_types: type[Any], buffer: int = 256
        ) -> AsyncIterator[AsyncIterator[Any]]:
            async with super().subscribe(*event_types, buffer=2) as stream:
                yield stream

    bus, callbacks, everything = _Small(), CallbackManager(), _Everything()
    callbacks.register(everything)
    async with callbacks.attached(bus):
        for number in range(4):
            await bus.publish(ScanProgressed(scan_id=str(number), done=1, total=2, at=START))

    assert "fell behind" in caplog.text
    assert everything.contexts[-1].operation_id == "3"


def test_a_failing_callback_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """An error in one callback is logged, and the next one is called."""
    callbacks, everything = CallbackManager(), _Everything()
    callbacks.register(_Broken())
    callbacks.register(everything)
    context = ProgressContext(operation="scan", operation_id="s", percent=1.0)
    callbacks.notify(context)
    assert everything.contexts == [context]
    assert "not my day" in caplog.text
    callbacks.unregister(everything)
    callbacks.unregister(everything)
    callbacks.notify(context)
    assert everything.contexts == [context]


def test_only_the_wanted_kind_is_called() -> None:
    """A progress callback is not called for errors."""

    class Progress(ProgressCallback):
        heard = 0

        def on_progress(self, context: ProgressContext) -> None:
            self.heard += 1

    callbacks, progress = CallbackManager(), Progress()
    callbacks.register(progress)
    for context in contexts_of(ScanFailed(scan_id="s", failure=FAILURE, at=START)):
        callbacks.notify(context)
    assert progress.heard == 0


def test_registering_from_many_threads() -> None:
    """Callbacks can be registered and removed while others are called."""
    callbacks = CallbackManager()
    all_of_them = [_Everything() for _ in range(8)]
    context = ProgressContext(operation="scan", operation_id="s", percent=1.0)

    def busy(callback: _Everything) -> None:
        for _ in range(200):
            callbacks.register(callback)
            callbacks.notify(context)
            callbacks.unregister(callback)

    threads = [threading.Thread(target=busy, args=(c,)) for c in all_of_them]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=PATIENCE)
    assert all(len(c.contexts) >= 200 for c in all_of_them)
    before = [len(c.contexts) for c in all_of_them]
    callbacks.notify(context)
    assert before == [len(c.contexts) for c in all_of_them]


def test_what_events_mean() -> None:
    """Each event has its contexts; a success is a completion without an error."""
    done = DownloadCompleted(item=make_item(1), folder=FOLDER, at=START)
    (ended,) = contexts_of(done)
    assert isinstance(ended, CompletionContext)
    assert ended.is_success
    error, failed = contexts_of(ScanFailed(scan_id="s", failure=FAILURE, at=START))
    assert isinstance(error, ErrorContext)
    assert isinstance(failed, CompletionContext)
    (unknown,) = contexts_of(ScanProgressed(scan_id="s", done=0, total=0, at=START))
    assert isinstance(unknown, ProgressContext)
    assert unknown.percent == 0.0
    assert contexts_of(QueueDrained(at=START)) == ()
