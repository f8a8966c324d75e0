"""Questions about a file that fetch nothing of it."""

from aniworld_core.domain.media import Stream
from aniworld_core.errors import (
    AddressRefusedError,
    AniworldError,
    BadMediaError,
    LinkRefusedError,
    NeedsPersonError,
    SourceGoneError,
    UnavailableError,
    UnsupportedSourceError,
)
from aniworld_core.messages import Message
from aniworld_providers.media.probe.sniff import SNIFF_BYTES, container_of
from aniworld_providers.network.bytes import ByteClient, ByteResponse
from aniworld_providers.transfer.direct.resume_check import mistaken


async def find_out(client: ByteClient, stream: Stream, *, is_certain: bool = True) -> int | None:
    """Return a file's size, asking for its headers or, where they do not do, for its first bytes.

    Args:
        client: Asks.
        stream: The file.
        is_certain: Whether the link itself leaves no doubt that it leads to a file; then a media
            type that says so, too, is believed.

    Returns:
        `None` if the server does not tell.

    Raises:
        OtherKindError: If it is a manifest or a web page.
        BadMediaError: If it is empty, or certainly no video for another reason.
        What `ByteClient.open` raises.
    """
    try:
        async with client.open(
            stream.url, headers=stream.headers, method="HEAD", metered=False
        ) as response:
            _refuse_nothing(response)
            is_video = response.content_type.startswith("video/")
            if response.total is not None and is_certain and is_video:
                return response.total
    except (AddressRefusedError, NeedsPersonError, BadMediaError):
        raise
    except (LinkRefusedError, SourceGoneError, UnsupportedSourceError, UnavailableError):
        # Plenty of servers answer HEAD wrongly, and links are signed for GET alone.
        pass
    async with client.open(
        stream.url, headers=stream.headers, span=(0, SNIFF_BYTES - 1), metered=False
    ) as response:
        if response.status == 416:
            if response.total == 0:
                raise BadMediaError(Message("nothing_there"))
            return response.total
        _refuse_nothing(response)
        await _refuse_other_kinds(response)
        return response.total


async def _refuse_other_kinds(response: ByteResponse) -> None:
    head = b""
    async for chunk in response.chunks():
        head += chunk
        if len(head) >= SNIFF_BYTES:
            break
    if container_of(head) is None:
        raise mistaken(head, response)


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


def _refuse_nothing(response: ByteResponse) -> None:
    if response.total == 0:
        raise BadMediaError(Message("nothing_there"))
