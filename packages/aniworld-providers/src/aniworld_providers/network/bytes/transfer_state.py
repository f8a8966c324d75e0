"""What all requests of one transfer share: cookies, connection limits, time without progress."""

import contextlib
from typing import Final, Self

import attrs

from aniworld_core.errors import InvalidLinkError
from aniworld_core.ports.clock import Clock
from aniworld_providers.network.bytes.connection_limit import ServerLimit
from aniworld_providers.network.bytes.stall import StallClock
from aniworld_providers.network.cookies import CookieJar
from aniworld_providers.network.guard import Target, target_of

#: Seconds without progress after which a transfer is given up, where nobody set another time.
STALL_SECONDS: Final = 80.0


@attrs.define(eq=False)
class TransferState:
    """Belongs to one transfer, and is dropped with it.

    Attributes:
        cookies: Set by the servers of this transfer.
        stall: The time without progress.
        homes: The servers that the links of the transfer name, which may see its credentials.
    """

    _clock: Clock
    cookies: CookieJar
    stall: StallClock
    homes: set[Target] = attrs.Factory(set)
    _limits: dict[tuple[str, int], ServerLimit] = attrs.Factory(dict)

    @classmethod
    def fresh(cls, clock: Clock, stall_seconds: float = STALL_SECONDS) -> Self:
        """Make the state of a new transfer."""
        return cls(clock, CookieJar(clock), StallClock(stall_seconds))

    def beside(self) -> Self:
        """Return the state of requests that go on beside the transfer, such as for subtitles.

        They share everything but the time without progress: neither may give up the other.
        """
        return attrs.evolve(self, stall=StallClock(self.stall.limit))

    def add_home(self, url: str) -> None:
        """Let a server see the credentials that come with the links of the transfer."""
        with contextlib.suppress(InvalidLinkError):
            self.homes.add(target_of(url))

    def limit_of(self, target: Target) -> ServerLimit:
        """Return the connection limit of a server."""
        place = (target.host, target.port)
        if place not in self._limits:
            self._limits[place] = ServerLimit(self._clock)
        return self._limits[place]
