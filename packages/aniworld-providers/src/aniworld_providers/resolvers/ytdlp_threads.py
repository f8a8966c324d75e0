"""Blocking work in threads that nobody has to wait for."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

import attrs
from anyio import CapacityLimiter, Event, from_thread, lowlevel

T = TypeVar("T")


@attrs.define(eq=False)
class AbandonableThreads:
    """Runs blocking calls, a limited number of them at a time, in daemon threads.

    anyio's own worker threads are joined when the program ends, so a call that hangs would keep
    it from ending. An abandoned call keeps its place until it is really over: however many calls
    hang, there are never more threads than places.
    """

    places: CapacityLimiter

    async def run(self, work: Callable[[], T], *, abandon: Callable[[], None]) -> T:
        """Return what *work* returns or raise what it raises.

        Args:
            work: Called in a thread.
            abandon: Called once if nobody waits for *work* any longer; should make it end soon.
        """
        call = _Call(work)
        token = lowlevel.current_token()
        await self.places.acquire_on_behalf_of(call)

        def finish() -> None:
            self.places.release_on_behalf_of(call)
            call.is_over.set()

        def body() -> None:
            call.carry_out()
            with suppress(RuntimeError):  # the loop is gone, nobody is left to be told
                from_thread.run_sync(finish, token=token)

        try:
            threading.Thread(target=body, name="aniworld extraction", daemon=True).start()
        except RuntimeError:
            self.places.release_on_behalf_of(call)
            raise
        try:
            await call.is_over.wait()
        finally:
            if not call.is_over.is_set():
                abandon()
        return call.outcome()


@attrs.define(eq=False)
class _Call(Generic[T]):
    work: Callable[[], T]
    is_over: Event = attrs.field(factory=Event)
    results: list[T] = attrs.field(factory=list)
    failure: BaseException | None = None

    def carry_out(self) -> None:
        try:
            self.results.append(self.work())
        except BaseException as exc:
            self.failure = exc

    def outcome(self) -> T:
        if self.failure is not None:
            raise self.failure
        return self.results[0]
