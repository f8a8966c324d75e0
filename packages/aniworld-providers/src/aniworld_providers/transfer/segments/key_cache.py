"""The keys of one transfer, each fetched once."""

import anyio
import attrs

from aniworld_core.errors import BadMediaError, FetchInterruptedError
from aniworld_core.ports.clock import Clock
from aniworld_providers.network import Backoff
from aniworld_providers.transfer.keys import MAX_KEY_ANSWER, inline_key, read_key
from aniworld_providers.transfer.links import is_inline
from aniworld_providers.transfer.manifests.part_errors import link_file, named
from aniworld_providers.transfer.manifests.playlists import Piece
from aniworld_providers.transfer.retry_policy import TRANSFER_RETRIES
from aniworld_providers.transfer.segments.live_link import LiveLink


@attrs.define(eq=False)
class KeyRing:
    """Fetches keys and remembers them by link."""

    _link: LiveLink
    _clock: Clock
    _known: dict[str, bytes] = attrs.Factory(dict)
    _lock: anyio.Lock = attrs.Factory(anyio.Lock)

    async def key_of(self, piece: Piece) -> bytes | None:
        """Return the key of a piece, `None` if it is not encrypted.

        Raises:
            BadMediaError: If what the server sends is no key.
            What `ByteClient.open` raises.
        """
        if piece.key is None:
            return None
        url = piece.key.url
        async with self._lock:
            if url not in self._known:
                self._known[url] = await self._fetched(url)
            return self._known[url]

    def forget(self, piece: Piece) -> None:
        """Fetch the key of a piece again the next time."""
        if piece.key is not None:
            self._known.pop(piece.key.url, None)

    async def _fetched(self, url: str) -> bytes:
        if is_inline(url):
            return inline_key(url)
        with named(lambda: f"the key{link_file(url)}"):
            return await self._fetched_patiently(url)

    async def _fetched_patiently(self, url: str) -> bytes:
        backoff = Backoff(self._clock, TRANSFER_RETRIES)
        while True:
            link = self._link
            try:
                body = await link.client.read_all(
                    url, headers=link.stream.headers, max_bytes=MAX_KEY_ANSWER
                )
                return read_key(bytes(body.data))
            except (FetchInterruptedError, BadMediaError) as error:
                await backoff.wait_after(error)
