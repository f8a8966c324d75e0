"""State of one transfer: cookies, connection limits, time without progress."""

import contextlib
from typing import Final, Self

import attrs

from aniworld_core.errors import InvalidLinkError
from aniworld_core.ports.clock import Clock
from aniworld_providers.network.bytes.connection_limit import ServerLimit
from aniworld_providers.network.bytes.stall import StallClock
from aniworld_providers.network.cookies import CookieJar
from aniworld_providers.network.guard import Target, target_of

#: Default time without progress after which a transfer is given up, in seconds.
STALL_SECONDS: Final = 80.0


@attrs.define(eq=False)
class TransferState:
    """State that all requests of one transfer share.

    Attributes:
        cookies: Cookies set by the servers of this transfer.
        stall: Time without progress.
        credential_servers: Servers that the links of the transfer name; only
            they get its credentials.
    """

    _clock: Clock
    cookies: CookieJar
    stall: StallClock
    credential_servers: set[Target] = attrs.Factory(set)
    _limits: dict[tuple[str, int], ServerLimit] = attrs.Factory(dict)

    @classmethod
    def fresh(cls, clock: Clock, stall_seconds: float = STALL_SECONDS) -> Self:
        """Return the state of a new transfer."""
        return cls(clock, CookieJar(clock), StallClock(stall_seconds))

    def for_side_requests(self) -> Self:
        """Return the state for requests beside the transfer, such as for subtitles.

        They share everything but the time without progress, so neither gives up the other.
        """
        return attrs.evolve(self, stall=StallClock(self.stall.limit))

    def add_credential_server(self, url: str) -> None:
        """Allow the server of a link to get the credentials of the transfer."""
        with contextlib.suppress(InvalidLinkError):
            self.credential_servers.add(target_of(url))

    def limit_of(self, target: Target) -> ServerLimit:
        """Return the connection limit of a server."""
        place = (target.host, target.port)
        if place not in self._limits:
            self._limits[place] = ServerLimit(self._clock)
        return self._limits[place]
