"""Questions about a file that fetch nothing of it."""

from aniworld_core.domain.media import Stream
from aniworld_core.errors import (
    AddressRefusedError,
    AniworldError,
    BadMediaError,
    LinkExpiredError,
    NeedsPersonError,
    SourceGoneError,
    UnavailableError,
    UnsupportedSourceError,
)
from aniworld_providers.network.bytes import ByteClient
from aniworld_providers.network.response import ByteResponse

_PAGES = frozenset({"text/html", "application/xhtml+xml"})


async def find_out(client: ByteClient, stream: Stream) -> int | None:
    """Return a file's size, asking for its headers or, where that is refused, for one byte.

    Returns:
        `None` if the server does not tell.

    Raises:
        BadMediaError: If it is a page, or empty.
        What `ByteClient.open` raises.
    """
    try:
        async with client.open(
            stream.url, headers=stream.headers, method="HEAD", metered=False
        ) as response:
            _refuse_page(response)
            if response.total is not None:
                return response.total
    except (AddressRefusedError, NeedsPersonError, BadMediaError):
        raise
    except (LinkExpiredError, SourceGoneError, UnsupportedSourceError, UnavailableError):
        # Plenty of servers answer HEAD wrongly, and links are signed for GET alone.
        pass
    async with client.open(
        stream.url, headers=stream.headers, span=(0, 0), metered=False
    ) as response:
        if response.status == 416:
            if response.total == 0:
                raise BadMediaError("the server has nothing at all")
            return response.total
        _refuse_page(response)
        return response.total


async def size_behind(client: ByteClient, stream: Stream, size: int) -> int | None:
    """Return the whole size as told by an answer about what lies behind byte *size*.

    Returns:
        `None` if the server does not tell.
    """
    try:
        async with client.open(
            stream.url, headers=stream.headers, span=(size, None), metered=False
        ) as response:
            return response.total
    except AniworldError:
        return None


def _refuse_page(response: ByteResponse) -> None:
    if response.content_type in _PAGES:
        raise BadMediaError("the server sent a web page")
    if response.total == 0:
        raise BadMediaError("the server has nothing at all")
