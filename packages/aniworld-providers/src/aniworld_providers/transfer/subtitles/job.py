"""Fetch the subtitles of a film while the film itself is fetched.

No error here fails the film: a subtitle that cannot be fetched becomes a notice.
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
from aniworld_core.messages import Message
from aniworld_core.ports.fetcher import FetchedFile
from aniworld_providers.transfer.disk.paths import part_paths
from aniworld_providers.transfer.fetch_session import FetchSession
from aniworld_providers.transfer.subtitles.film_clock import FilmClock

# Most films have no subtitles beside them, so the modules for them are imported when needed.
if TYPE_CHECKING:
    from aniworld_providers.transfer.manifests.subtitle_offers import TextOffer
    from aniworld_providers.transfer.subtitles.files import FetchedText, StagedText

#: Seconds to wait for subtitles after the film is complete.
LONGEST_WAIT: Final = 20.0


@attrs.define(eq=False)
class SubtitleJob:
    """Fetch, convert and publish the subtitles of one film.

    Attributes:
        notices: The subtitles that are missing, each with the reason.
    """

    _session: FetchSession
    notices: list[str] = attrs.field(factory=list, init=False)
    _stream: Stream = attrs.field(init=False)
    _task: asyncio.Task[None] | None = attrs.field(default=None, init=False)
    _open: "list[TextOffer]" = attrs.field(factory=list, init=False)
    _fetched: "list[FetchedText]" = attrs.field(factory=list, init=False)
    _staged: "list[StagedText]" = attrs.field(factory=list, init=False)
    _files: list[Path] = attrs.field(factory=list, init=False)

    def start(self, stream: Stream, listed: "Sequence[TextOffer]" = ()) -> None:
        """Start to fetch the wanted subtitles in a task.

        Args:
            stream: The film with its current link and the subtitles beside it.
            listed: The subtitles that its manifest lists.
        """
        self._stream = stream
        if not stream.subtitles and not listed:
            return
        from aniworld_providers.transfer.manifests.subtitle_offers import MOST_OFFERS, offers_of

        wanted = self._session.request.text_languages
        offers = offers_of(stream, listed)
        self._open = [o for o in offers if o.track.is_wanted(wanted)][:MOST_OFFERS]
        if self._open:
            self._task = asyncio.create_task(self._fetch_all())

    async def finish(self, clock: FilmClock) -> None:
        """Wait up to `LONGEST_WAIT` for the rest and write the fetched subtitles beside the part.

        Args:
            clock: The times of the complete film.
        """
        if self._task is None:
            return
        from aniworld_providers.transfer.subtitles.files import stage

        await asyncio.wait([self._task], timeout=LONGEST_WAIT)
        reason: object = Message("subtitle_too_late", waited_seconds=LONGEST_WAIT)
        if self._task.done() and not self._task.cancelled():
            reason = self._task.exception() or reason
        self.notices += [offer.missing(reason) for offer in self._open]
        self.cancel()
        paths = part_paths(self._session.request.destination)
        for number, fetched in enumerate(self._fetched):
            try:
                made = await anyio.to_thread.run_sync(stage, fetched, clock, paths, number)
            except (AniworldError, ValueError, OSError) as error:
                self.notices.append(fetched.offer.missing(error))
            else:
                self._staged += [made] if made is not None else []
        self._fetched.clear()

    def publish(self, film: Path) -> None:
        """Rename the subtitle files after the film, which is published next; blocks."""
        if not self._staged:
            return
        from aniworld_providers.transfer.subtitles.files import publish_texts

        files, notices = publish_texts(self._staged, film)
        self._files += files
        self.notices += notices

    def add_to(self, file: FetchedFile) -> FetchedFile:
        """Return the description of the film with its subtitles and the notices about them."""
        notices = (*file.notices, *self.notices)
        return attrs.evolve(file, subtitles=tuple(self._files), notices=notices)

    def cancel(self) -> None:
        """Cancel the task; subtitles that are complete stay."""
        if self._task is not None:
            self._task.cancel()

    async def wait_closed(self) -> None:
        """Wait until the cancelled or finished task has ended."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _fetch_all(self) -> None:
        from aniworld_providers.transfer.subtitles.fetching import CONNECTIONS, SubtitleFetcher

        session = self._session.for_side_requests()
        async with session.client(self._stream, CONNECTIONS) as client:
            for subtitle in self._stream.subtitles:
                session.state.add_credential_server(subtitle.url)
            fetcher = SubtitleFetcher(client, self._stream, session.context.clock)
            while self._open:
                try:
                    self._fetched.append(await fetcher.fetch(self._open[0]))
                except (AniworldError, ValueError) as error:
                    self.notices.append(self._open[0].missing(error))
                del self._open[0]


@asynccontextmanager
async def open_subtitles(session: FetchSession) -> AsyncIterator[SubtitleJob]:
    """Open the subtitle job of one film; leaving the context cancels what is unfinished."""
    job = SubtitleJob(session)
    try:
        yield job
    finally:
        job.cancel()
        await job.wait_closed()
