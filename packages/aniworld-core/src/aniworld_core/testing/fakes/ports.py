"""Fakes of ports: immediate, in memory, and controlled by the test."""

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
from aniworld_core.testing.fakes.sources import FakeFetcher, FakeInspector, FakeLoader, FakeResolver
from aniworld_core.testing.memory import FakeLibrary, MemoryConfigStore

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
    """Clock that advances only when code sleeps or the test sets it.

    Attributes:
        time: Result of `now`; assign to it to change the time.
        slept: Every delay of `sleep`.
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
        """Advance the time."""
        self.time += delay


@attrs.define(eq=False)
class FakeHasher(PasswordHasher):
    """Hasher without any protection, for tests only.

    Attributes:
        cost: A higher value makes older hashes need a rehash.
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
    """Local bus that also records every event.

    Attributes:
        events: Published events in order.
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
    """Roster whose workers the test controls.

    Attributes:
        alive: Registered workers.
        dead: Workers that ended without leaving.
    """

    alive: set[WorkerId] = attrs.field(factory=set)
    dead: set[WorkerId] = attrs.field(factory=set)

    @asynccontextmanager
    async def enlist(self, worker: WorkerId) -> AsyncIterator[None]:
        self.alive.add(worker)
        self.dead.discard(worker)
        try:
            yield
        except BaseException:
            self.dead.add(worker)
            raise
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
