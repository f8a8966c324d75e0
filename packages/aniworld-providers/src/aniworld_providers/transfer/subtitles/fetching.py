"""Fetch the bytes of subtitles: whole files or the segments of a playlist, decrypted."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

import anyio
import attrs

from aniworld_core.domain.media import Stream
from aniworld_core.errors import (
    AniworldError,
    BadMediaError,
    BadPlaylistError,
    FetchInterruptedError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_providers.network import Backoff
from aniworld_providers.transfer.keys import MAX_KEY_ANSWER, KeyCache, SegmentDecryptor, read_key
from aniworld_providers.transfer.links import absolute, is_inline
from aniworld_providers.transfer.manifests.hls.playlist import parse_playlist
from aniworld_providers.transfer.manifests.playlists import MediaPlaylist, Piece, inline_part
from aniworld_providers.transfer.manifests.reading import load_text, read_off_loop
from aniworld_providers.transfer.manifests.subtitle_offers import TextOffer, TextPart, parts_of
from aniworld_providers.transfer.retry_policy import TRANSFER_RETRIES
from aniworld_providers.transfer.subtitles.files import FetchedText

if TYPE_CHECKING:
    from aniworld_providers.network.bytes import ByteClient

#: Largest subtitle in bytes; that of a long film with styled signs is smaller.
MAX_TEXT_BYTES: Final = 8 * 1024 * 1024
#: Most bytes of all subtitles of a film; they stay in memory until the film is complete.
_MAX_ALL_BYTES: Final = 16 * 1024 * 1024
#: Connections for subtitles, besides those of the film.
CONNECTIONS: Final = 4
#: Retries of one subtitle request.
_RETRIES: Final = attrs.evolve(TRANSFER_RETRIES, limit=2)


@attrs.define(eq=False)
class SubtitleFetcher:
    """Fetches the subtitles of one film, one after another, within one size limit."""

    _client: "ByteClient"
    _stream: Stream
    _clock: Clock
    _left: int = _MAX_ALL_BYTES

    async def fetch(self, offer: TextOffer) -> FetchedText:
        """Return a subtitle with all its bytes.

        Raises:
            BadMediaError: If it is refused, protected, incomplete or too large.
            BadPlaylistError: If its playlist is invalid.
            What `ByteClient.read_all` raises, after the retries.
        """
        if offer.refusal is not None:
            raise BadMediaError(offer.refusal)
        parts = offer.parts
        if offer.playlist is not None:
            parts = parts_of(await self._listed(offer))
        left = min(MAX_TEXT_BYTES, self._left)
        bodies: list[tuple[TextPart, bytes]] = []
        keys = KeyCache(partial(self._key, offer))
        for start in range(0, len(parts), CONNECTIONS):
            batch = parts[start : start + CONNECTIONS]
            found = await self._bodies(offer, batch, keys, left)
            left -= sum(len(body) for body in found)
            if left < 0:
                raise BadMediaError(Message("too_large", limit_bytes=MAX_TEXT_BYTES))
            bodies += zip(batch, found, strict=True)
        self._left -= sum(len(body) for _, body in bodies)
        return FetchedText(offer, tuple(bodies))

    async def _listed(self, offer: TextOffer) -> MediaPlaylist:
        url = absolute(offer.base, offer.playlist or "")
        text, final = await load_text(self._client, self._stream, url, self._clock)
        playlist = await read_off_loop(parse_playlist, text, final, offer.variables)
        if not isinstance(playlist, MediaPlaylist):
            raise BadPlaylistError(Message("link_to_variants"))
        if playlist.protection is not None:
            raise BadMediaError(Message("is_protected", scheme=playlist.protection))
        if any(segment.init is not None for segment in playlist.segments):
            raise BadMediaError(Message("subtitle_in_mp4"))
        if not playlist.is_complete or playlist.gaps:
            raise BadMediaError(Message("playlist_has_gaps"))
        return playlist

    async def _bodies(
        self,
        offer: TextOffer,
        batch: Sequence[TextPart],
        keys: KeyCache,
        limit: int,
    ) -> list[bytes]:
        for part in batch:
            await keys.key_at(part.piece.key_url)
        bodies = [b""] * len(batch)
        errors: list[AniworldError] = []

        async def fetch(place: int, piece: Piece) -> None:
            try:
                body = await self._body(offer, piece, limit)
                bodies[place] = _decrypted(body, piece, await keys.key_at(piece.key_url))
            except AniworldError as error:
                errors.append(error)
                group.cancel_scope.cancel()

        async with anyio.create_task_group() as group:
            for place, part in enumerate(batch):
                group.start_soon(fetch, place, part.piece)
        if errors:
            raise errors[0]
        return bodies

    async def _key(self, offer: TextOffer, url: str) -> bytes:
        return read_key(await self._body(offer, Piece(url=url), MAX_KEY_ANSWER))

    async def _body(self, offer: TextOffer, piece: Piece, limit: int) -> bytes:
        if is_inline(piece.url):
            return inline_part(piece)
        backoff = Backoff(self._clock, _RETRIES)
        part = piece.part
        byte_range = (part.offset, part.offset + part.length - 1) if part else None
        while True:
            try:
                body = await self._client.read_all(
                    piece.url, headers=offer.headers, max_bytes=limit, span=byte_range
                )
                return bytes(body.data)
            except FetchInterruptedError as error:
                await backoff.wait_after(error)


def _decrypted(body: bytes, piece: Piece, key: bytes | None) -> bytes:
    if piece.key is None or key is None:
        return body
    decryptor = SegmentDecryptor(key, piece.key.iv)
    plain = b"".join(decryptor.update(body))
    return plain + decryptor.finish()
