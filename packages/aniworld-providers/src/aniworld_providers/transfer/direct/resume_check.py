"""Check that new bytes continue the bytes of a part: container, overlap and version."""

import asyncio
from collections.abc import AsyncIterator

from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.errors import (
    BadMediaError,
    FetchInterruptedError,
    LinkRefusedError,
    NeedsPersonError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.fetcher import OtherKind
from aniworld_providers.media.probe.sniff import (
    SNIFF_BYTES,
    WEB_PAGE,
    container_of,
    impostor_of,
    manifest_of,
)
from aniworld_providers.network import is_bot_check
from aniworld_providers.network.bytes import ByteResponse, Chunk, WrongRangeError
from aniworld_providers.transfer.disk.byte_ranges import FetchRange
from aniworld_providers.transfer.disk.file_version import FileVersion
from aniworld_providers.transfer.disk.part_file import PartFile
from aniworld_providers.transfer.links import OtherKindError

_PAGES = frozenset({"text/html", "application/xhtml+xml"})


async def checked_start(
    part: PartFile, chunks: AsyncIterator[Chunk], response: ByteResponse, stream: Stream
) -> AsyncIterator[Chunk]:
    """Return the chunks after checking that they begin a video.

    Raises:
        NeedsPersonError: If they are a bot check.
        LinkRefusedError: If they are not media, where the part already has media.
        FetchInterruptedError: If there are none, where the part already has bytes.
        OtherKindError: If they are a manifest or a web page.
        BadMediaError: If they are not a video for another reason.
    """
    head = b""
    async for chunk in chunks:
        head += chunk
        if len(head) >= SNIFF_BYTES:
            break
    if container_of(head) is None:
        if is_bot_check(head):
            raise NeedsPersonError(stream.hoster or Message("the_server"), response.url)
        if part.done_bytes and not head:
            raise FetchInterruptedError(Message("sent_nothing"))
        if part.done_bytes:
            found = impostor_of(head) or Message("content_other")
            raise LinkRefusedError(Message("the_file"), Message("other_content", what=found))
        raise wrong_kind_error(head, response)
    return _prepended(head, chunks)


def wrong_kind_error(head: bytes, response: ByteResponse) -> BadMediaError:
    """Return the error for a file link that leads to bytes which are not a video."""
    found = manifest_of(head)
    if found is not None:
        return OtherKindError(OtherKind(what=Message("content_playlist"), kind=StreamKind(found)))
    what = impostor_of(head)
    if what == WEB_PAGE or (what is not None and response.content_type in _PAGES):
        return OtherKindError(OtherKind(what=WEB_PAGE, kind=None))
    return BadMediaError(Message("other_content", what=what or Message("content_no_video")))


async def checked_overlap(
    part: PartFile, chunks: AsyncIterator[Chunk], first: int, overlap: int
) -> AsyncIterator[Chunk]:
    """Return the chunks behind an overlap after comparing the overlap with the part.

    Args:
        part: The part.
        chunks: Bytes from *first* on.
        first: Offset of the first chunk.
        overlap: Number of bytes that the part already has.

    Raises:
        WrongRangeError: If the bytes differ.
    """
    if not overlap:
        return chunks
    head = b""
    async for chunk in chunks:
        head += chunk
        if len(head) >= overlap:
            break
    known = await asyncio.to_thread(part.read, first, overlap)
    if head[:overlap] != known:
        raise WrongRangeError(Message("range_differs"))
    return _prepended(head[overlap:], chunks)


async def skip_known_prefix(
    part: PartFile, chunks: AsyncIterator[Chunk], missing: FetchRange, offered: FileVersion
) -> AsyncIterator[Chunk]:
    """Compare a whole body with the bytes of a part and yield only the bytes behind them.

    At the first difference, the part is cut and the rest is fetched again.

    Args:
        part: The part.
        chunks: The body from its first byte on.
        missing: The range behind the bytes of the part; moved back to a difference.
        offered: The version of the body.

    Raises:
        FetchInterruptedError: If the body ends before the bytes of the part do.
    """
    position, prefix = 0, missing.pos
    async for chunk in chunks:
        fresh = chunk
        if position < prefix:
            size = min(len(chunk), prefix - position)
            known = await asyncio.to_thread(part.read, position, size)
            if chunk[: len(known)] == known:
                fresh = chunk[len(known) :]
            else:
                await asyncio.to_thread(part.begin, offered, keep=position)
                prefix = missing.first = missing.pos = missing.written = position
        position += len(chunk)
        if fresh:
            yield fresh
    if position < prefix:
        raise FetchInterruptedError(Message("body_ends_before"))


async def _prepended(head: bytes, rest: AsyncIterator[Chunk]) -> AsyncIterator[Chunk]:
    if head:
        yield head
    async for chunk in rest:
        yield chunk
