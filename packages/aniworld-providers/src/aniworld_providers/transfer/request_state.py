"""The network state of one fetch."""

from typing import TYPE_CHECKING

from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.fetcher import FetchRequest

if TYPE_CHECKING:
    from aniworld_providers.network.bytes import TransferState


def state_of(context: AdapterContext, request: FetchRequest) -> "TransferState":
    """Make what the requests of one fetch share; it is not kept beyond that fetch."""
    from aniworld_providers.network.bytes import TransferState  # slow to import

    state = TransferState.fresh(context.clock, request.stall_timeout)
    state.add_credential_server(request.stream.url)
    return state
