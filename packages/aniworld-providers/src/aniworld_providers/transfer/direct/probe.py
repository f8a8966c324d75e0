"""Requests that find out the size and kind of a file without fetching it."""

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
from aniworld_providers.transfer.direct.resume_check import wrong_kind_error


async def probe_size(client: ByteClient, stream: Stream, *, is_certain: bool = True) -> int | None:
    """Return the size of a file from a HEAD request or, if that fails, from its first bytes.

    Args:
        client: Sends the requests.
        stream: The stream of the file.
        is_certain: Whether the link itself names a media file; then a video media type is trusted.

    Returns:
        `None` if the server does not announce it.

    Raises:
        OtherKindError: If the link leads to a manifest or a web page.
        BadMediaError: If the file is empty or certainly not a video.
        What `ByteClient.open` raises.
    """
    try:
        async with client.open(
            stream.url, headers=stream.headers, method="HEAD", metered=False
        ) as response:
            _require_content(response)
            is_video = response.content_type.startswith("video/")
            if response.total is not None and is_certain and is_video:
                return response.total
    except (AddressRefusedError, NeedsPersonError, BadMediaError):
        raise
    except (LinkRefusedError, SourceGoneError, UnsupportedSourceError, UnavailableError):
        # Many servers answer HEAD wrongly, and some links are signed for GET only.
        pass
    async with client.open(
        stream.url, headers=stream.headers, span=(0, SNIFF_BYTES - 1), metered=False
    ) as response:
        if response.status == 416:
            if response.total == 0:
                raise BadMediaError(Message("nothing_there"))
            return response.total
        _require_content(response)
        await _refuse_other_kinds(response)
        return response.total


async def _refuse_other_kinds(response: ByteResponse) -> None:
    head = b""
    async for chunk in response.chunks():
        head += chunk
        if len(head) >= SNIFF_BYTES:
            break
    if container_of(head) is None:
        raise wrong_kind_error(head, response)


async def size_after(client: ByteClient, stream: Stream, size: int) -> int | None:
    """Return the total size that the server announces for a range behind byte *size*.

    Returns:
        `None` if the server does not announce it.
    """
    try:
        async with client.open(
            stream.url, headers=stream.headers, span=(size, None), metered=False
        ) as response:
            return response.total
    except AniworldError:
        return None


def _require_content(response: ByteResponse) -> None:
    if response.total == 0:
        raise BadMediaError(Message("nothing_there"))
