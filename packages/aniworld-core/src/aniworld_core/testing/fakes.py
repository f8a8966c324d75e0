"""Ports without the world behind them: instant, in memory, and told what to do."""

import hashlib
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import anyio.lowlevel
import attrs

from aniworld_core.adapters.local_bus import LocalProgressBus
from aniworld_core.domain.identity import WorkerId
from aniworld_core.events import Event
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.security import PasswordHasher
from aniworld_core.ports.workers import WorkerRoster
from aniworld_core.testing.fake_sources import FakeFetcher, FakeInspector, FakeLoader, FakeResolver
from aniworld_core.testing.memory_config import MemoryConfigStore
from aniworld_core.testing.memory_library import FakeLibrary

__all__ = [
    "FakeClock",
    "FakeFetcher",
    "FakeHasher",
    "FakeInspector",
    "FakeLibrary",
    "FakeLoader",
    "FakeResolver",
    "MemoryConfigStore",
    "MemoryWorkerRoster",
    "RecordingBus",
]


@attrs.define(eq=False)
class FakeClock(Clock):
    """Stands still until somebody sleeps or it is set.

    Attributes:
        time: What `now` answers; assign to it to let time pass.
        slept: Every delay that was asked for.
    """

    time: datetime = datetime(2026, 1, 1, 12, tzinfo=UTC)
    slept: list[timedelta] = attrs.field(factory=list)

    def now(self) -> datetime:
        return self.time

    async def sleep(self, delay: timedelta) -> None:
        self.slept.append(delay)
        self.time += max(delay, timedelta(0))
        await anyio.lowlevel.checkpoint()

    def advance(self, delay: timedelta) -> None:
        """Let time pass."""
        self.time += delay


@attrs.define(eq=False)
class FakeHasher(PasswordHasher):
    """Hashes for nothing; never use it outside tests.

    Attributes:
        cost: Raise it, and former hashes need a rehash.
    """

    cost: int = 1
    _count: int = attrs.field(default=0, init=False)

    async def hash(self, password: str) -> str:
        self._count += 1
        return f"fake${self.cost}${self._count}${_digest(self._count, password)}"

    async def verify(self, password: str, hashed: str) -> bool:
        match hashed.split("$"):
            case ["fake", _, salt, digest] if salt.isdecimal():
                return digest == _digest(int(salt), password)
        return False

    def needs_rehash(self, hashed: str) -> bool:
        parts = hashed.split("$")
        return len(parts) == 4 and parts[1].isdecimal() and int(parts[1]) < self.cost


@attrs.define(eq=False)
class RecordingBus(ProgressBus):
    """A real bus that also keeps everything it carried.

    Attributes:
        events: What was published, in order.
    """

    events: list[Event] = attrs.field(factory=list)
    _bus: LocalProgressBus = attrs.field(factory=LocalProgressBus, init=False)

    async def publish(self, event: Event) -> None:
        self.events.append(event)
        await self._bus.publish(event)

    @asynccontextmanager
    async def subscribe(
        self, *event_types: type[Any], buffer: int = 256
    ) -> AsyncIterator[AsyncIterator[Any]]:
        async with self._bus.subscribe(*event_types, buffer=buffer) as stream:
            yield stream

    def of(self, *event_types: type[Event]) -> list[Event]:
        """Return the events of these classes."""
        return [event for event in self.events if isinstance(event, event_types)]


@attrs.define(eq=False)
class MemoryWorkerRoster(WorkerRoster):
    """Workers live and die as the test says.

    Attributes:
        alive: Who is enlisted now.
        dead: Who departed and is not forgotten.
    """

    alive: set[WorkerId] = attrs.field(factory=set)
    dead: set[WorkerId] = attrs.field(factory=set)

    @asynccontextmanager
    async def enlist(self, worker: WorkerId) -> AsyncIterator[None]:
        self.alive.add(worker)
        try:
            yield
        finally:
            self.alive.discard(worker)

    async def departed(self) -> Sequence[WorkerId]:
        return tuple(sorted(self.dead - self.alive))

    async def living(self) -> Collection[WorkerId]:
        return frozenset(self.alive)

    async def forget(self, worker: WorkerId) -> None:
        self.dead.discard(worker)


def _digest(salt: int, password: str) -> str:
    text = f"{salt}:{password}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
