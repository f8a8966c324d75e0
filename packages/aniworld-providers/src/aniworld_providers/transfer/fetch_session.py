"""One fetch: its request and the network state that all of its requests share."""

from typing import TYPE_CHECKING, Self

import attrs

from aniworld_core.domain.media import Stream
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.fetcher import FetchRequest

# Importing the HTTP client takes long; a segmented fetch loads it in a worker thread.
if TYPE_CHECKING:
    from aniworld_providers.network.bytes import ByteClient, Timeouts, TransferState


@attrs.frozen(kw_only=True)
class FetchSession:
    """The request of one fetch with everything needed to open clients for it.

    Attributes:
        context: Settings, clock and throttle of the application.
        request: The requested stream and destination.
        state: Cookies, connection limits and stall clock; dropped with the fetch.
        timeouts: Timeouts of requests; `None` for the client's own.
    """

    context: AdapterContext
    request: FetchRequest
    state: "TransferState"
    timeouts: "Timeouts | None" = None

    @classmethod
    def start(
        cls, context: AdapterContext, request: FetchRequest, timeouts: "Timeouts | None" = None
    ) -> Self:
        """Return the session of a new fetch; blocks while the HTTP client is imported."""
        from aniworld_providers.network.bytes import TransferState

        state = TransferState.fresh(context.clock, request.stall_timeout)
        state.add_credential_server(request.stream.url)
        return cls(context=context, request=request, state=state, timeouts=timeouts)

    def for_side_requests(self) -> Self:
        """Return a session for requests beside the media, with a stall clock of its own."""
        return attrs.evolve(self, state=self.state.for_side_requests())

    def client(self, stream: Stream, connections: int | None = None) -> "ByteClient":
        """Open a client that may reach the addresses of *stream*.

        Args:
            stream: The stream whose link is used at present.
            connections: Most connections at once; those of the request by default.
        """
        from aniworld_providers.network.bytes import open_byte_client

        return open_byte_client(
            self.context,
            reach=stream.reach,
            connections=self.request.connections if connections is None else connections,
            timeouts=self.timeouts,
            state=self.state,
        )
