"""Client for media bytes.

`open_byte_client` returns the client of one stream. It connects through the address guard, follows
redirects, limits waiting times and the number of connections, and reads large bodies without
extra copies. `TransferState` holds what all requests of one transfer share. All names are imported
on first use, because aiohttp takes a while to load.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from aniworld_providers.network.bytes.client import ByteClient, open_byte_client
    from aniworld_providers.network.bytes.response import ByteResponse, Chunk, WrongRangeError
    from aniworld_providers.network.bytes.timeouts import Timeouts
    from aniworld_providers.network.bytes.transfer_state import TransferState

__all__ = [
    "ByteClient",
    "ByteResponse",
    "Chunk",
    "Timeouts",
    "TransferState",
    "WrongRangeError",
    "open_byte_client",
]

#: Modules of the exported names.
_HOMES: Final = {
    "ByteClient": "client",
    "ByteResponse": "response",
    "Chunk": "response",
    "Timeouts": "timeouts",
    "TransferState": "transfer_state",
    "WrongRangeError": "response",
    "open_byte_client": "client",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
