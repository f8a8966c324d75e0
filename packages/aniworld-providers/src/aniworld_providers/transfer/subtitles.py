"""Fetches the subtitles of a film while the film itself arrives.

Nothing that happens here fails the film: whatever goes wrong with a subtitle becomes a notice.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import anyio
import anyio.to_thread
import attrs

from aniworld_core.domain.media import Stream
from aniworld_core.errors import (
    AniworldError,
    BadMediaError,
    BadPlaylistError,
    FetchInterruptedError,
)
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.fetcher import FetchedFile, FetchRequest
from aniworld_providers.transfer.hls_manifest import load_text
from aniworld_providers.transfer.keys import MAX_KEY_ANSWER, SegmentDecryptor, inline_key, read_key
from aniworld_providers.transfer.playlist import MediaPlaylist, Piece, absolute, parse_playlist
from aniworld_providers.transfer.publish import part_paths
from aniworld_providers.transfer.retrying import Patient
from aniworld_providers.transfer.subtitle_files import (
    FilmClock,
    Gathered,
    StagedText,
    publish_texts,
    stage,
)
from aniworld_providers.transfer.subtitle_offers import TextOffer, TextPart, offers_of, parts_of

if TYPE_CHECKING:
    from aniworld_providers.network.bytes import ByteClient, Patience

#: Largest subtitle; that of a long film with every sign set by hand stays below.
MAX_TEXT_BYTES: Final = 8 * 1024 * 1024
#: All subtitles of a film together, for they are held until the film is there.
_MAX_ALL_BYTES: Final = 16 * 1024 * 1024
#: How long a film that is there waits for its subtitles, in seconds.
LONGEST_WAIT: Final = 20.0
#: Connections of their own; the film has the others.
_CONNECTIONS: Final = 4
_ATTEMPTS: Final = 3


@attrs.define(eq=False, kw_only=True)
class SubtitleErrand:
    """The subtitles of one film, on their way.

    Attributes:
        notices: Which are missing, and why.
    """

    _context: AdapterContext
    _request: FetchRequest
    _patience: "Patience | None"
    notices: list[str] = attrs.Factory(list)
    _stream: Stream = attrs.field(init=False)
    _task: asyncio.Task[None] | None = None
    _open: list[TextOffer] = attrs.Factory(list)
    _gathered: list[Gathered] = attrs.Factory(list)
    _staged: list[StagedText] = attrs.Factory(list)
    _files: list[Path] = attrs.Factory(list)
    _left: int = _MAX_ALL_BYTES

    def begin(self, stream: Stream, listed: Iterable[TextOffer] = ()) -> None:
        """Start to fetch what lies beside a stream and what its manifest lists.

        Args:
            stream: That of the film, with the link it has at present.
            listed: What the manifest lists.
        """
        wanted = self._request.text_languages
        offers = offers_of(stream, listed)
        self._stream = stream
        self._open = [offer for offer in offers if offer.track.is_wanted(wanted)]
        if self._open:
            self._task = asyncio.create_task(self._fetch_all())

    async def settle(self, clock: FilmClock) -> None:
        """Wait a while for the rest, and make files of all that arrived.

        Args:
            clock: That of the film, which is there by now.
        """
        if self._task is None:
            return
        await asyncio.wait([self._task], timeout=LONGEST_WAIT)
        reason: object = "it did not arrive in time"
        if self._task.done() and not self._task.cancelled():
            reason = self._task.exception() or reason
        self.notices += [f"{offer.label}: {reason}" for offer in self._open]
        self.abandon()
        paths = part_paths(self._request.destination)
        for number, gathered in enumerate(self._gathered):
            try:
                made = await anyio.to_thread.run_sync(stage, gathered, clock, paths, number)
            except (AniworldError, ValueError, OSError) as error:
                self.notices.append(f"{gathered.offer.label}: {error}")
            else:
                self._staged += [made] if made is not None else []
        self._gathered.clear()

    def publish(self, film: Path) -> None:
        """Give the files the name of the film, which itself gets it right afterwards; blocks."""
        files, notices = publish_texts(self._staged, film)
        self._files += files
        self.notices += notices

    def told(self, file: FetchedFile) -> FetchedFile:
        """Add to what is told about the film."""
        return attrs.evolve(file, subtitles=tuple(self._files), notices=tuple(self.notices))

    def abandon(self) -> None:
        """Stop fetching."""
        if self._task is not None:
            self._task.cancel()

    async def _fetch_all(self) -> None:
        from aniworld_providers.network.bytes import open_byte_client  # slow to import

        async with open_byte_client(
            self._context,
            reach=self._stream.reach,
            connections=_CONNECTIONS,
            patience=self._patience,
        ) as client:
            while self._open:
                try:
                    gathered = await self._gather(client, self._open[0])
                    self._gathered.append(gathered)
                except (AniworldError, ValueError) as error:
                    self.notices.append(f"{self._open[0].label}: {error}")
                del self._open[0]

    async def _gather(self, client: "ByteClient", offer: TextOffer) -> Gathered:
        if offer.refusal is not None:
            raise BadMediaError(offer.refusal)
        parts = offer.parts
        if offer.playlist is not None:
            parts = parts_of(await self._listed(client, offer))
        left = min(MAX_TEXT_BYTES, self._left)
        bodies: list[tuple[TextPart, bytes]] = []
        keys: dict[str, bytes] = {}
        for start in range(0, len(parts), _CONNECTIONS):
            batch = parts[start : start + _CONNECTIONS]
            found = await self._bodies(client, offer, batch, keys, left)
            left -= sum(len(body) for body in found)
            if left < 0:
                raise BadMediaError(f"it is larger than {MAX_TEXT_BYTES} bytes")
            bodies += zip(batch, found, strict=True)
        self._left -= sum(len(body) for _, body in bodies)
        return Gathered(offer, tuple(bodies))

    async def _listed(self, client: "ByteClient", offer: TextOffer) -> MediaPlaylist:
        url = absolute(offer.base, offer.playlist or "")
        text, final = await load_text(client, self._stream, url, self._context.clock)
        playlist = parse_playlist(text, final, offer.variables)
        if not isinstance(playlist, MediaPlaylist):
            raise BadPlaylistError("it leads to a list of variants")
        if playlist.protection is not None:
            raise BadMediaError(f"it is protected ({playlist.protection})")
        if any(segment.init is not None for segment in playlist.segments):
            raise BadMediaError("it comes in a film container, which is not read")
        if not playlist.is_complete or playlist.gaps:
            raise BadMediaError("parts of it are missing")
        return playlist

    async def _bodies(
        self,
        client: "ByteClient",
        offer: TextOffer,
        batch: Sequence[TextPart],
        keys: dict[str, bytes],
        limit: int,
    ) -> list[bytes]:
        for part in batch:
            if part.piece.key is not None and part.piece.key.url not in keys:
                url = part.piece.key.url
                keys[url] = await self._key(client, offer, url)
        bodies = [b""] * len(batch)
        errors: list[AniworldError] = []

        async def fetch(place: int, piece: Piece) -> None:
            try:
                body = await self._body(client, offer, piece, limit)
                bodies[place] = _decrypted(body, piece, keys)
            except AniworldError as error:
                errors.append(error)
                group.cancel_scope.cancel()

        async with anyio.create_task_group() as group:
            for place, part in enumerate(batch):
                group.start_soon(fetch, place, part.piece)
        if errors:
            raise errors[0]
        return bodies

    async def _key(self, client: "ByteClient", offer: TextOffer, url: str) -> bytes:
        if url.lower().startswith("data:"):
            return inline_key(url)
        return read_key(await self._body(client, offer, Piece(url=url), MAX_KEY_ANSWER))

    async def _body(
        self, client: "ByteClient", offer: TextOffer, piece: Piece, limit: int
    ) -> bytes:
        patient = Patient(self._context.clock, attempts=_ATTEMPTS)
        part = piece.part
        span = (part.offset, part.offset + part.length - 1) if part else None
        while True:
            try:
                body = await client.read_all(
                    piece.url, headers=offer.headers, max_bytes=limit, span=span
                )
                return bytes(body.data)
            except FetchInterruptedError as error:
                await patient.wait_after(error)


def _decrypted(body: bytes, piece: Piece, keys: dict[str, bytes]) -> bytes:
    if piece.key is None:
        return body
    decryptor = SegmentDecryptor(keys[piece.key.url], piece.key.iv)
    plain = b"".join(decryptor.update(body))
    return plain + decryptor.finish()


@asynccontextmanager
async def open_errand(
    context: AdapterContext,
    request: FetchRequest,
    *,
    patience: "Patience | None" = None,
) -> AsyncIterator[SubtitleErrand]:
    """Open the errand of one film; whatever is still on its way at the end is given up."""
    errand = SubtitleErrand(context=context, request=request, patience=patience)
    try:
        yield errand
    finally:
        errand.abandon()
        if errand._task is not None:  # noqa: SLF001 - this is its other half
            await asyncio.wait([errand._task])  # noqa: SLF001 - as above
