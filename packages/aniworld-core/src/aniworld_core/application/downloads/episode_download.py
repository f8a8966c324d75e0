"""Download one episode: from its sources to a named, checked file in the library."""

import logging
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Final

import attrs

from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.downloads.replacement import Replacement
from aniworld_core.application.downloads.sources import EpisodeSources
from aniworld_core.application.downloads.stream_fetch import (
    AFFECTS_ALL_SOURCES,
    StreamFetch,
    StreamOrder,
    most_hopeful,
)
from aniworld_core.application.library import SeriesOnDisk
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.downloads import DownloadItem, Phase, Progress, text_languages
from aniworld_core.domain.library import (
    HeldFile,
    episode_destination,
    video_suffix,
)
from aniworld_core.domain.media import Language, MediaSource, Quality, Stream
from aniworld_core.errors import AniworldError, BadMediaError, FileExistsConflictError
from aniworld_core.messages import Message
from aniworld_core.ports.fetcher import FetchRequest, ProgressCallback, Renewal
from aniworld_core.ports.inspector import MediaInspector
from aniworld_core.ports.library import MediaLibrary

logger: logging.Logger = logging.getLogger(__name__)


#: Most remarks about a file that an item keeps, and most characters of each.
_MOST_NOTICES: Final = 20
_LONGEST_NOTICE: Final = 300


@attrs.frozen(kw_only=True)
class Delivered:
    """An episode that is in the library.

    Attributes:
        file: Path relative to the library root.
        language: Language of the file, where known.
        source: Source it was fetched from; `None` if the file existed already.
        notices: Remarks about the fetched file.
    """

    file: str
    language: Language | None
    source: MediaSource | None
    notices: tuple[str, ...] = ()


@attrs.define(eq=False, kw_only=True)
class EpisodeDownload:
    """Fetches the first source of an episode that holds the promised media."""

    _sources: EpisodeSources
    _streams: StreamFetch
    _inspector: MediaInspector
    _library: MediaLibrary
    _config: CurrentConfig
    _replacement: Replacement
    _on_disk: SeriesOnDisk

    async def deliver(
        self,
        item: DownloadItem,
        series: Series,
        *,
        on_progress: ProgressCallback,
        on_source: Callable[[MediaSource], None] = lambda _: None,
    ) -> Delivered:
        """Fetch the episode into the library.

        An episode that is there under another name is not fetched, unless the item replaces its
        file. A file that an earlier run has published is checked and kept; a damaged one goes to
        the recycle bin. While the item has retries left, a worse language is not tried after an
        error that may pass by itself.

        Args:
            item: The item of the episode.
            series: Its series.
            on_progress: Called with each progress.
            on_source: Called with each source before it is tried, and at last with the one whose
                error is raised.

        Raises:
            AniworldError: The error of all sources that decides what to do next: one that may
                pass by itself, else one that a person can solve, else the first.
        """
        await on_progress(attrs.evolve(item.progress, phase=Phase.RESOLVING, rate=0.0))
        held = await self._held(item, series)
        if held is not None:
            return held
        errors: dict[AniworldError, MediaSource] = {}
        may_wait = item.retry_count < self._config.value.downloads.retries
        language: Language | None = None
        for source in await self._sources.find(item, series):
            if may_wait and source.language != language and any(e.retryable for e in errors):
                break
            language = source.language
            on_source(source)
            speed = _Speedometer(on_progress)
            try:
                with self._sources.circuit(source.hoster):
                    delivered = await self._place(source, item, series, speed.on_progress)
            except AFFECTS_ALL_SOURCES:
                raise
            except AniworldError as error:
                logger.warning("%s from %s: %s", item.episode, source.hoster, error)
                errors[error] = source
                await self._sources.failed(source, error)
                continue
            if delivered.source is not None:
                await self._sources.succeeded(source, speed.rate)
            return delivered
        decisive = most_hopeful(list(errors))
        on_source(errors[decisive])
        await self._sources.refused(item, series, decisive)
        raise decisive

    async def _held(self, item: DownloadItem, series: Series) -> Delivered | None:
        """Return the episode if the library has it under a name that is not ours."""
        if item.replaces:
            return None
        place = (item.episode.season, item.episode.number)
        match = await self._on_disk.find(series, *place)
        if match is None:
            return None
        naming, episode = self._config.value.naming, series.episode(*place)
        stem = PurePosixPath(match.path.removesuffix(video_suffix(match.path)))
        languages = {match.language, None, *self._sources.languages(item, series)}
        if any(stem == episode_destination(naming, series, episode, each) for each in languages):
            return None  # `_place` reads all of a file with our name
        notice = Message("already_in_library", file=match.path)
        logger.info("%s: %s", item.episode, notice)
        return Delivered(file=match.path, language=match.language, source=None, notices=(notice,))

    async def _place(
        self,
        source: MediaSource,
        item: DownloadItem,
        series: Series,
        on_progress: ProgressCallback,
    ) -> Delivered:
        """Put the episode under its final path: an existing file, or one fetched from *source*."""
        episode = series.episode(item.episode.season, item.episode.number)
        stem = episode_destination(self._config.value.naming, series, episode, source.language)
        old = await self._replacement.old_file(item, series, stem)
        is_staged = old is not None or await self._replacement.is_waiting(item, stem)
        place = self._replacement.staged(stem) if is_staged else stem
        file = await self._library.find_file(place)
        if file is not None and not await self._is_whole(file):
            await self._recycle(file, item, series)
            file = None
        is_fetched = file is None
        notices: tuple[str, ...] = ()
        if file is None:
            file, notices = await self._fetch(source, place, item, series, on_progress)
        else:
            await self._library.clear_leftovers(file)
        if is_staged:
            new = HeldFile(file, source.language)
            file = await self._replacement.exchange(old, new, item, series, stem)
        return Delivered(
            file=file,
            language=source.language,
            source=source if is_fetched else None,
            notices=notices,
        )

    async def _is_whole(self, existing: str) -> bool:
        path = self._library.absolute(existing)
        try:
            await self._inspector.inspect(path, thorough=True)
        except BadMediaError as error:
            logger.warning("%s is damaged: %s", existing, error)
            return False
        return True

    async def _recycle(self, damaged: str, item: DownloadItem, series: Series) -> None:
        """Move a damaged file that has the final name to the recycle bin.

        Raises:
            FileExistsConflictError: If it is still growing: another program may be writing it.
        """
        if await self._on_disk.is_growing(damaged):
            raise FileExistsConflictError(damaged)
        await self._replacement.recycle(damaged, item, series)

    async def _fetch(
        self,
        source: MediaSource,
        place: PurePosixPath,
        item: DownloadItem,
        series: Series,
        on_progress: ProgressCallback,
    ) -> tuple[str, tuple[str, ...]]:
        """Fetch a source to a path without suffix.

        Returns:
            The file relative to the root, and remarks about it.
        """
        quality = item.quality or series.quality or self._config.value.downloads.quality
        destination = await self._library.destination(place.with_name(f"{place.name}.mp4"))
        wanted = self._sources.languages(item, series)

        languages = (source.language,) if source.language else wanted

        def make_request(stream: Stream, renew: Renewal) -> FetchRequest:
            return self._request(stream, renew, destination, quality, languages, wanted)

        file = await self._streams.fetch(
            StreamOrder(
                source=source, quality=quality, languages=languages, make_request=make_request
            ),
            kept=item.progress,
            on_progress=on_progress,
        )
        for notice in file.notices:
            logger.warning("%s from %s: %s", item.episode, source.hoster, notice)
        notices = tuple(map(_shortened, file.notices[:_MOST_NOTICES]))
        return self._library.relative(file.path), notices

    def _request(
        self,
        stream: Stream,
        renew: Renewal,
        destination: Path,
        quality: Quality,
        languages: tuple[Language, ...],
        wanted: tuple[Language, ...],
    ) -> FetchRequest:
        downloads = self._config.value.downloads
        return FetchRequest(
            stream=stream,
            destination=destination,
            quality=quality,
            languages=languages,
            renew=renew,
            connections=downloads.connections,
            stall_timeout=downloads.stall_timeout,
            max_bytes=downloads.max_bytes,
            reserve_bytes=downloads.reserve_bytes,
            digest=False,
            text_languages=text_languages(downloads.subtitles, wanted),
        )


def _shortened(notice: str) -> str:
    """Return a notice that is short enough to be stored; a long message becomes plain text."""
    return notice if len(notice) <= _LONGEST_NOTICE else notice[:_LONGEST_NOTICE]


@attrs.define(eq=False)
class _Speedometer:
    """Forwards progress to a listener and averages its speed.

    Bytes divided by time would be wrong: they include the bytes of an earlier attempt and pauses.
    """

    _listener: ProgressCallback
    _sum: float = attrs.field(default=0.0, init=False)
    _count: int = attrs.field(default=0, init=False)

    @property
    def rate(self) -> float:
        """Return the mean of the reported speeds in bytes per second; 0 without any."""
        return self._sum / self._count if self._count else 0.0

    async def on_progress(self, progress: Progress) -> None:
        """Record the speed and call the listener."""
        if progress.phase is Phase.FETCHING and progress.rate > 0:
            self._sum += progress.rate
            self._count += 1
        await self._listener(progress)
