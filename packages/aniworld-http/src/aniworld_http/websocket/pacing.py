"""Limit the rate of progress messages."""

from collections.abc import Collection, Hashable
from typing import Final, Generic, TypeVar

import attrs

T = TypeVar("T")

#: Keys whose last time is stored; the oldest one is dropped first.
_MOST: Final = 4096


@attrs.define(eq=False)
class Pacing(Generic[T]):
    """Pass one event of each key per interval; the newest one replaces earlier ones.

    Args:
        interval: Seconds between two events of a key.
    """

    _interval: float
    _given: dict[Hashable, float] = attrs.field(factory=dict, init=False)
    _held: dict[Hashable, T] = attrs.field(factory=dict, init=False)

    @property
    def is_holding(self) -> bool:
        """Whether an event is held for later."""
        return bool(self._held)

    def put(self, thing: Hashable, event: T) -> None:
        """Hold the newest event of a key."""
        self._held[thing] = event

    def due(self, now: float) -> Collection[T]:
        """Return the events that are due at *now*, a monotonic time in seconds."""
        ready = {
            thing: event
            for thing, event in self._held.items()
            if thing not in self._given or now - self._given[thing] >= self._interval
        }
        for thing in ready:
            del self._held[thing]
            self._given.pop(thing, None)
            self._given[thing] = now
        while len(self._given) > _MOST:
            del self._given[next(iter(self._given))]
        return ready.values()

    def drop(self, thing: Hashable) -> None:
        """Drop the held event of a key, because it has ended."""
        self._held.pop(thing, None)
