"""Progress often enough for eyes, and no oftener."""

from collections.abc import Collection, Hashable
from typing import Final, Generic, TypeVar

import attrs

T = TypeVar("T")

#: Things that are remembered; the oldest is forgotten first.
_MOST: Final = 4096


@attrs.define(eq=False)
class Pacing(Generic[T]):
    """Lets one event of each thing through per interval; in between the newest is kept.

    Args:
        interval: In seconds.
    """

    _interval: float
    _given: dict[Hashable, float] = attrs.field(factory=dict, init=False)
    _held: dict[Hashable, T] = attrs.field(factory=dict, init=False)

    @property
    def is_holding(self) -> bool:
        """Whether something is kept for later."""
        return bool(self._held)

    def put(self, thing: Hashable, event: T) -> None:
        """Take the newest event of a thing."""
        self._held[thing] = event

    def due(self, now: float) -> Collection[T]:
        """Give out what may be told now, a monotonic time in seconds."""
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
        """Tell no more of it for now: it has come to its end."""
        self._held.pop(thing, None)
