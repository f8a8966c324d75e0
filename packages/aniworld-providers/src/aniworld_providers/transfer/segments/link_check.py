"""Check with a small request whether a link leads to the same film as the stored segments."""

from contextlib import suppress
from typing import Final

import attrs

from aniworld_core.errors import (
    BadMediaError,
    FetchInterruptedError,
    LinkRefusedError,
    SourceGoneError,
)
from aniworld_core.ports.clock import Clock
from aniworld_providers.media.probe.sniff import segment_kind, stored_start
from aniworld_providers.network import Backoff
from aniworld_providers.transfer.keys import KeyCache, SegmentDecryptor
from aniworld_providers.transfer.links import is_inline
from aniworld_providers.transfer.manifests.job import Item
from aniworld_providers.transfer.manifests.playlists import inline_part
from aniworld_providers.transfer.retry_policy import TRANSFER_RETRIES
from aniworld_providers.transfer.segments.current_link import CurrentLink
from aniworld_providers.transfer.segments.store import SegmentStore

_COMPARED_BYTES: Final = 16 * 1024


@attrs.define(eq=False)
class LinkCheck:
    """Compares the start of one stored segment with the bytes behind the current link."""

    _link: CurrentLink
    _store: SegmentStore
    _keys: KeyCache
    _clock: Clock

    async def matches(self) -> bool:
        """Whether the bytes are equal; also True if no segment is stored yet.

        Raises:
            FetchInterruptedError: If the server does not answer.
            What `CurrentLink.renew` raises.
        """
        items = self._link.job.items
        done = self._store.done
        media = [i for i, stored in done.items() if stored.length and not items[i].is_init]
        if not media:
            return True
        index = max(media)
        backoff = Backoff(self._clock, TRANSFER_RETRIES)
        while True:
            generation = self._link.generation
            try:
                return await self._is_equal_at_any_address(index)
            except LinkRefusedError as error:
                await self._link.renew(generation, error)
            except FetchInterruptedError as error:
                await backoff.wait_after(error)
            except (SourceGoneError, BadMediaError):
                return False

    async def _is_equal_at_any_address(self, index: int) -> bool:
        item = self._link.job.items[index]
        try:
            return await self._is_equal(index, item)
        except (LinkRefusedError, FetchInterruptedError, SourceGoneError, BadMediaError):
            for piece in await self._link.mirror_pieces(index):
                with suppress(
                    LinkRefusedError, FetchInterruptedError, SourceGoneError, BadMediaError
                ):
                    return await self._is_equal(index, attrs.evolve(item, piece=piece))
            raise

    async def _is_equal(self, index: int, item: Item) -> bool:
        piece = item.piece
        key = await self._keys.key_at(piece.key_url)
        first = piece.part.offset if piece.part else 0
        length = min(_COMPARED_BYTES, piece.part.length if piece.part else _COMPARED_BYTES)
        raw = await self._first_bytes(item, first, length)
        if key is not None and piece.key is not None:
            raw = raw[: len(raw) // 16 * 16]
            raw = b"".join(SegmentDecryptor(key, piece.key.iv, held=16).update(raw))
        kind = segment_kind(raw)
        if kind is None:
            return False
        fresh = raw[stored_start(kind) :]
        kept = self._store.read(self._store.done[index], 0, len(fresh))
        return bool(kept) and fresh.startswith(kept)

    async def _first_bytes(self, item: Item, first: int, length: int) -> bytes:
        if is_inline(item.piece.url):
            return inline_part(item.piece)[:length]
        byte_range = (first, first + length - 1)
        data = bytearray()
        headers = self._link.stream.headers
        async with self._link.client.open(
            item.piece.url, headers=headers, span=byte_range
        ) as response:
            if response.status == 416:
                return b""
            skip = first if response.status == 200 else 0
            async for chunk in response.chunks():
                data += chunk[skip:]
                skip = max(0, skip - len(chunk))
                if len(data) >= length:
                    break
        return bytes(data[:length])
