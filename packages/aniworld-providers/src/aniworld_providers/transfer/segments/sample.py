"""Fetches a little of what is done again, to see whether a link leads to the same film."""

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
from aniworld_providers.transfer.keys import SegmentDecryptor
from aniworld_providers.transfer.links import is_inline
from aniworld_providers.transfer.manifests.job import Item
from aniworld_providers.transfer.manifests.playlists import inline_part
from aniworld_providers.transfer.retry_policy import TRANSFER_RETRIES
from aniworld_providers.transfer.segments.key_cache import KeyRing
from aniworld_providers.transfer.segments.live_link import LiveLink
from aniworld_providers.transfer.segments.store import SegmentStore

_SAMPLE_BYTES: Final = 16 * 1024


@attrs.define(eq=False)
class Sample:
    """Compares the beginning of one finished piece with what the present link gives."""

    _link: LiveLink
    _store: SegmentStore
    _keys: KeyRing
    _clock: Clock

    async def matches(self) -> bool:
        """Whether they are alike; also if nothing is finished yet.

        Raises:
            FetchInterruptedError: If the server does not answer.
            What `LiveLink.renew` raises.
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
                return await self._begins_alike_anywhere(index)
            except LinkRefusedError as error:
                await self._link.renew(generation, error)
            except FetchInterruptedError as error:
                await backoff.wait_after(error)
            except (SourceGoneError, BadMediaError):
                return False

    async def _begins_alike_anywhere(self, index: int) -> bool:
        item = self._link.job.items[index]
        try:
            return await self._begins_alike(index, item)
        except (LinkRefusedError, FetchInterruptedError, SourceGoneError, BadMediaError):
            for piece in await self._link.elsewhere(index):
                with suppress(
                    LinkRefusedError, FetchInterruptedError, SourceGoneError, BadMediaError
                ):
                    return await self._begins_alike(index, attrs.evolve(item, piece=piece))
            raise

    async def _begins_alike(self, index: int, item: Item) -> bool:
        piece = item.piece
        key = await self._keys.key_of(piece)
        first = piece.part.offset if piece.part else 0
        length = min(_SAMPLE_BYTES, piece.part.length if piece.part else _SAMPLE_BYTES)
        raw = await self._beginning(item, first, length)
        if key is not None and piece.key is not None:
            raw = raw[: len(raw) // 16 * 16]
            raw = b"".join(SegmentDecryptor(key, piece.key.iv, held=16).update(raw))
        kind = segment_kind(raw)
        if kind is None:
            return False
        fresh = raw[stored_start(kind) :]
        kept = self._store.read(self._store.done[index], 0, len(fresh))
        return bool(kept) and fresh.startswith(kept)

    async def _beginning(self, item: Item, first: int, length: int) -> bytes:
        if is_inline(item.piece.url):
            return inline_part(item.piece)[:length]
        span = (first, first + length - 1)
        data = bytearray()
        headers = self._link.stream.headers
        async with self._link.client.open(item.piece.url, headers=headers, span=span) as response:
            if response.status == 416:
                return b""
            skip = first if response.status == 200 else 0
            async for chunk in response.chunks():
                data += chunk[skip:]
                skip = max(0, skip - len(chunk))
                if len(data) >= length:
                    break
        return bytes(data[:length])
