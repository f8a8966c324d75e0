"""Where new bytes are joined to old ones, and what is done so that they are of one version."""

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
from aniworld_providers.transfer.disk.byte_ranges import Span
from aniworld_providers.transfer.disk.file_version import FileShape
from aniworld_providers.transfer.disk.part_file import PartFile
from aniworld_providers.transfer.links import OtherKindError

_PAGES = frozenset({"text/html", "application/xhtml+xml"})


async def sniffed(
    part: PartFile, chunks: AsyncIterator[Chunk], response: ByteResponse, stream: Stream
) -> AsyncIterator[Chunk]:
    """Refuse what is certainly no video before anything is given up for it.

    Raises:
        NeedsPersonError: If it is a bot check.
        LinkRefusedError: If something else comes where a video came before.
        FetchInterruptedError: If nothing comes where a video came before.
        OtherKindError: If it is a manifest or a web page.
        BadMediaError: If it is no video for another reason.
    """
    head = b""
    async for chunk in chunks:
        head += chunk
        if len(head) >= SNIFF_BYTES:
            break
    if container_of(head) is None:
        if is_bot_check(head):
            raise NeedsPersonError(stream.hoster or "the server", response.url)
        if part.done_bytes and not head:
            raise FetchInterruptedError(Message("sent_nothing"))
        if part.done_bytes:
            found = impostor_of(head) or "something else"
            raise LinkRefusedError("the file", f"the server sends {found} in its place")
        raise mistaken(head, response)
    return _prepended(head, chunks)


def mistaken(head: bytes, response: ByteResponse) -> BadMediaError:
    """Return the error for a link to a file that leads to bytes which begin no video."""
    found = manifest_of(head)
    if found is not None:
        return OtherKindError(OtherKind(what="a playlist", kind=StreamKind(found)))
    what = impostor_of(head)
    if what == WEB_PAGE or (what is not None and response.content_type in _PAGES):
        return OtherKindError(OtherKind(what=WEB_PAGE, kind=None))
    return BadMediaError(Message("other_content", what=what or "no known kind of video"))


async def continued(
    part: PartFile, chunks: AsyncIterator[Chunk], first: int, overlap: int
) -> AsyncIterator[Chunk]:
    """Give the bytes behind an overlap once that was seen to equal what is here.

    Args:
        part: What is here.
        chunks: Bytes from *first* on.
        first: Where they begin.
        overlap: How many of them are here already.

    Raises:
        WrongRangeError: If they differ.
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
        raise WrongRangeError("the range does not continue what is here")
    return _prepended(head[overlap:], chunks)


async def past_prefix(
    part: PartFile, chunks: AsyncIterator[Chunk], span: Span, offered: FileShape
) -> AsyncIterator[Chunk]:
    """Compare a whole body with what is here, and give only what follows that.

    What differs is given up from there on: the bytes before were seen to be the same.

    Args:
        part: What is here.
        chunks: The body, from its first byte.
        span: Begins behind what is here; moved back to where a difference is found.
        offered: The version that is being sent.

    Raises:
        FetchInterruptedError: If it ends before what is here does.
    """
    position, prefix = 0, span.pos
    async for chunk in chunks:
        fresh = chunk
        if position < prefix:
            size = min(len(chunk), prefix - position)
            known = await asyncio.to_thread(part.read, position, size)
            if chunk[: len(known)] == known:
                fresh = chunk[len(known) :]
            else:
                await asyncio.to_thread(part.begin, offered, keep=position)
                prefix = span.first = span.pos = span.written = position
        position += len(chunk)
        if fresh:
            yield fresh
    if position < prefix:
        raise FetchInterruptedError("it broke off earlier than before")


async def _prepended(head: bytes, rest: AsyncIterator[Chunk]) -> AsyncIterator[Chunk]:
    if head:
        yield head
    async for chunk in rest:
        yield chunk
