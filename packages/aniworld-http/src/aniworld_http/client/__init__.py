"""A typed client of the server: for programs, for tests, and for the command beside a server."""

from aniworld_http.client.feed import Message
from aniworld_http.client.refusals import (
    RemoteConflictError,
    RemoteDeniedError,
    RemoteError,
    RemoteInvalidInputError,
    RemoteNotFoundError,
    RemoteSetupError,
    RemoteUnavailableError,
    RemoteUnusableError,
)
from aniworld_http.client.server import ServerClient, open_client

__all__ = [
    "Message",
    "RemoteConflictError",
    "RemoteDeniedError",
    "RemoteError",
    "RemoteInvalidInputError",
    "RemoteNotFoundError",
    "RemoteSetupError",
    "RemoteUnavailableError",
    "RemoteUnusableError",
    "ServerClient",
    "open_client",
]
