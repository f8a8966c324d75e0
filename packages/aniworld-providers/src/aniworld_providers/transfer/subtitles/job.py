"""Fetches the subtitles of a film while the film itself arrives.

Nothing that happens here fails the film: whatever goes wrong with a subtitle becomes a notice.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import anyio
import anyio.to_thread
import attrs

from aniworld_core.domain.media import Stream
from aniworld_core.errors import AniworldError
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.fetcher import FetchedFile, FetchRequest
from aniworld_providers.transfer.disk.publish import part_paths

# Most films have none, so what reads and writes them is loaded when there is one.
if TYPE_CHECKING:
    from aniworld_providers.network.bytes import Timeouts, TransferState
    from aniworld_providers.transfer.manifests.subtitle_offers import TextOffer
    from aniworld_providers.transfer.subtitles.files import Gathered, StagedText
    from aniworld_providers.transfer.subtitles.film_clock import FilmClock

#: How long a film that is there waits for its subtitles, in seconds.
LONGEST_WAIT: Final = 20.0


@attrs.define(eq=False, kw_only=True)
class SubtitleErrand:
    """The subtitles of one film, on their way.

    Attributes:
        notices: Which are missing, and why.
    """

    _context: AdapterContext
    _request: FetchRequest
    _state: "TransferState"
    _timeouts: "Timeouts | None"
    notices: list[str] = attrs.Factory(list)
    _stream: Stream = attrs.field(init=False)
    _task: asyncio.Task[None] | None = None
    _open: "list[TextOffer]" = attrs.Factory(list)
    _gathered: "list[Gathered]" = attrs.Factory(list)
    _staged: "list[StagedText]" = attrs.Factory(list)
    _files: list[Path] = attrs.Factory(list)

    def begin(self, stream: Stream, listed: "Sequence[TextOffer]" = ()) -> None:
        """Start to fetch what lies beside a stream and what its manifest lists.

        Args:
            stream: That of the film, with the link it has at present.
            listed: What the manifest lists.
        """
        self._stream = stream
        if not stream.subtitles and not listed:
            return
        from aniworld_providers.transfer.manifests.subtitle_offers import offers_of

        wanted = self._request.text_languages
        offers = offers_of(stream, listed)
        self._open = [offer for offer in offers if offer.track.is_wanted(wanted)]
        if self._open:
            self._task = asyncio.create_task(self._fetch_all())

    async def settle(self, clock: "FilmClock") -> None:
        """Wait a while for the rest, and make files of all that arrived.

        Args:
            clock: That of the film, which is there by now.
        """
        if self._task is None:
            return
        from aniworld_providers.transfer.subtitles.files import stage

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
        if not self._staged:
            return
        from aniworld_providers.transfer.subtitles.files import publish_texts

        files, notices = publish_texts(self._staged, film)
        self._files += files
        self.notices += notices

    def told(self, file: FetchedFile) -> FetchedFile:
        """Add to what is told about the film."""
        notices = (*file.notices, *self.notices)
        return attrs.evolve(file, subtitles=tuple(self._files), notices=notices)

    def abandon(self) -> None:
        """Stop fetching."""
        if self._task is not None:
            self._task.cancel()

    async def _fetch_all(self) -> None:
        from aniworld_providers.network.bytes import open_byte_client
        from aniworld_providers.transfer.subtitles.fetching import CONNECTIONS, SubtitleFetcher

        async with open_byte_client(
            self._context,
            reach=self._stream.reach,
            connections=CONNECTIONS,
            timeouts=self._timeouts,
            state=self._state.for_side_requests(),
        ) as client:
            for subtitle in self._stream.subtitles:
                self._state.add_credential_server(subtitle.url)
            fetcher = SubtitleFetcher(client, self._stream, self._context.clock)
            while self._open:
                try:
                    gathered = await fetcher.fetch(self._open[0])
                    self._gathered.append(gathered)
                except (AniworldError, ValueError) as error:
                    self.notices.append(f"{self._open[0].label}: {error}")
                del self._open[0]


@asynccontextmanager
async def open_errand(
    context: AdapterContext,
    request: FetchRequest,
    state: "TransferState",
    *,
    timeouts: "Timeouts | None" = None,
) -> AsyncIterator[SubtitleErrand]:
    """Open the errand of one film; whatever is still on its way at the end is given up."""
    errand = SubtitleErrand(context=context, request=request, state=state, timeouts=timeouts)
    try:
        yield errand
    finally:
        errand.abandon()
        if errand._task is not None:  # noqa: SLF001 - this is its other half
            await asyncio.wait([errand._task])  # noqa: SLF001 - as above
