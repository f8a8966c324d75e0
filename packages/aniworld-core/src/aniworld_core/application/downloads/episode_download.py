"""One episode from its sources to a named, checked file in the library."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePosixPath

import attrs

from aniworld_core.application.catalogue import Circuits, Loaders, ScoreBook, place_of
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.downloads.replacement import Replacement
from aniworld_core.application.downloads.speedometer import Speedometer
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.downloads import (
    DownloadItem,
    Phase,
    rank_sources,
    rank_streams,
    text_languages,
    wanted_languages,
)
from aniworld_core.domain.identity import EpisodeRef
from aniworld_core.domain.library import render_episode_path
from aniworld_core.domain.media import Language, MediaSource, Quality, Stream
from aniworld_core.errors import (
    AniworldError,
    BadMediaError,
    ConflictError,
    DiskFullError,
    FileExistsConflictError,
    LibraryUnavailableError,
    NeedsPersonError,
    NotYetAvailableError,
    PartInUseError,
    SetupError,
    UnsupportedSourceError,
)
from aniworld_core.ports.fetcher import FetchedFile, FetchRequest, MediaFetcher, ProgressCallback
from aniworld_core.ports.inspector import MediaInspector
from aniworld_core.ports.library import MediaLibrary
from aniworld_core.ports.resolver import StreamResolver

logger = logging.getLogger(__name__)

#: Errors that another source would meet as well.
_HOPELESS = (
    DiskFullError,
    LibraryUnavailableError,
    PartInUseError,
    ConflictError,
    SetupError,
)


@attrs.frozen(kw_only=True)
class Delivered:
    """An episode that is in the library.

    Attributes:
        file: Relative to the library root.
        language: What it holds, where known.
        source: Where it came from; `None` when the file was there already.
    """

    file: str
    language: Language | None
    source: MediaSource | None


@attrs.define(eq=False, kw_only=True)
class EpisodeDownload:
    """Chooses sources, resolves them and fetches the first that holds what it promises."""

    _loaders: Loaders
    _resolvers: Sequence[StreamResolver]
    _fetchers: Sequence[MediaFetcher]
    _inspector: MediaInspector
    _library: MediaLibrary
    _config: CurrentConfig
    _circuits: Circuits
    _scores: ScoreBook
    _replacement: Replacement

    def require_library(self) -> None:
        """Make sure that there is somewhere to put episodes.

        Raises:
            LibraryNotSetError: If no library folder is set.
        """
        _ = self._library.root

    async def sources(self, item: DownloadItem, series: Series) -> Sequence[MediaSource]:
        """List the sources of an item in the order in which they are tried.

        Best language first; within a language, what did best lately.

        Raises:
            NotYetAvailableError: If no source offers a wanted language.
        """
        wanted = self.languages(item, series)
        loader = self._loaders.named(series.provider)
        ref = EpisodeRef(
            series.catalogue_key or series.key, item.episode.season, item.episode.number
        )
        found: list[MediaSource] = []
        with self._judged(place_of(self._config.value, series.provider, series.link)):
            for language in wanted:
                offered = await loader.get_sources(
                    ref, language, series.provider_ref or series.link
                )
                found += [source for source in offered if source not in found]
        ranked = rank_sources(found, wanted)
        if not ranked:
            known = series.episode(ref.season, ref.number).languages or ()
            raise NotYetAvailableError(
                str(item.episode), [w.code for w in wanted], sorted(k.code for k in known)
            )
        return await self._scores.order(ranked, wanted)

    async def deliver(
        self, item: DownloadItem, series: Series, *, on_progress: ProgressCallback
    ) -> Delivered:
        """Bring the episode into the library.

        A file that an earlier run had already published is recognised and taken as it is. A
        failure that may pass by itself is no reason to take a worse language, as long as the
        item has retries left.

        Raises:
            AniworldError: The most hopeful of the errors of all sources: one that may pass by
                itself, else one a person can settle, else the first.
        """
        await on_progress(attrs.evolve(item.progress, phase=Phase.RESOLVING, rate=0.0))
        errors: list[AniworldError] = []
        may_wait = item.retry_count < self._config.value.downloads.retries
        language: Language | None = None
        for source in await self.sources(item, series):
            if may_wait and source.language != language and any(e.retryable for e in errors):
                break
            language = source.language
            speed = Speedometer(on_progress)
            try:
                with self._judged(source.hoster):
                    delivered = await self._from_source(source, item, series, speed.on_progress)
            except _HOPELESS:
                raise
            except AniworldError as error:
                logger.warning("%s from %s: %s", item.episode, source.hoster, error)
                errors.append(error)
                await self._scores.failed(source, error)
                continue
            if delivered.source is not None:
                await self._scores.succeeded(source, speed.rate)
            return delivered
        raise most_hopeful(errors)

    def languages(self, item: DownloadItem, series: Series) -> tuple[Language, ...]:
        """The wanted languages that apply to an item, in order."""
        return wanted_languages(
            item.languages, series.languages, self._config.value.languages.order
        )

    async def _from_source(
        self,
        source: MediaSource,
        item: DownloadItem,
        series: Series,
        on_progress: ProgressCallback,
    ) -> Delivered:
        episode = series.episode(item.episode.season, item.episode.number)
        stem = render_episode_path(self._config.value.naming, series, episode, source.language)
        old = await self._replacement.old_file(item, series, stem)
        is_staged = old is not None or await self._replacement.is_waiting(item, stem)
        place = self._replacement.staged(stem) if is_staged else stem
        existing = await self._library.find_file(place)
        if existing is not None:
            await self._must_be_whole(existing)
            await self._library.clear_leftovers(existing)
            if is_staged:
                existing = await self._replacement.exchange(old, existing, series, stem)
            return Delivered(file=existing, language=source.language, source=None)
        quality = item.quality or series.quality or self._config.value.downloads.quality
        errors: list[AniworldError] = []
        for stream in rank_streams(await self._resolve(source), quality):
            try:
                file = await self._fetch(stream, source, place, quality, item, series, on_progress)
            except _HOPELESS:
                raise
            except AniworldError as error:
                errors.append(error)
            else:
                relative = self._library.relative(file.path)
                if is_staged:
                    relative = await self._replacement.exchange(old, relative, series, stem)
                return Delivered(file=relative, language=source.language, source=source)
        raise most_hopeful(errors)

    @contextmanager
    def _judged(self, place: str) -> Iterator[None]:
        """Ask a place only while its circuit allows, and remember how that went."""
        self._circuits.require(place)
        try:
            yield
        except _HOPELESS:
            raise
        except AniworldError as error:
            self._circuits.note(place, error)
            raise
        self._circuits.note(place, None)

    async def _must_be_whole(self, existing: str) -> None:
        path = self._library.root / existing
        try:
            await self._inspector.inspect(path, thorough=True)
        except BadMediaError as error:
            raise FileExistsConflictError(existing) from error

    async def _resolve(self, source: MediaSource) -> Sequence[Stream]:
        willing = [r for r in self._resolvers if r.accepts(source)]
        for resolver in sorted(willing, key=lambda r: r.is_fallback):
            return await resolver.resolve(source)
        raise UnsupportedSourceError(source.hoster, "no installed resolver knows this hoster")

    async def _fetch(
        self,
        stream: Stream,
        source: MediaSource,
        stem: PurePosixPath,
        quality: Quality,
        item: DownloadItem,
        series: Series,
        on_progress: ProgressCallback,
    ) -> FetchedFile:
        fetcher = next((f for f in self._fetchers if f.accepts(stream)), None)
        if fetcher is None:
            raise UnsupportedSourceError(source.hoster, f"no fetcher for {stream.kind.value}")
        downloads = self._config.value.downloads

        async def renew() -> Stream:
            fresh = rank_streams(await self._resolve(source), quality)
            return next((s for s in fresh if s.height == stream.height), fresh[0])

        request = FetchRequest(
            stream=stream,
            destination=await self._library.destination(
                stem.with_name(f"{stem.name}.mp4"),
            ),
            quality=quality,
            languages=(source.language,) if source.language else self.languages(item, series),
            renew=renew,
            connections=downloads.connections,
            stall_timeout=downloads.stall_timeout,
            max_bytes=downloads.max_bytes,
            reserve_bytes=downloads.reserve_bytes,
            digest=False,
            text_languages=text_languages(downloads.subtitles, self.languages(item, series)),
        )
        # What an earlier attempt left is counted until the fetcher knows better.
        kept = attrs.evolve(item.progress, phase=Phase.FETCHING, rate=0.0)
        await on_progress(attrs.evolve(kept, total_bytes=kept.total_bytes or stream.size))
        file = await fetcher.fetch(request, on_progress=on_progress)
        for notice in file.notices:
            logger.warning("%s from %s: %s", item.episode, source.hoster, notice)
        return file


def most_hopeful(errors: Sequence[AniworldError]) -> AniworldError:
    """Pick the error that says most about what to do next.

    One that may pass by itself, else one a person can settle, else the first.
    """
    for error in errors:
        if error.retryable:
            return error
    for error in errors:
        if isinstance(error, NeedsPersonError):
            return error
    return errors[0]
