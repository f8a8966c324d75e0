"""Fake catalogues, resolvers and fetchers without a network."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import anyio
import anyio.lowlevel
import attrs

from aniworld_core.domain.catalogue import BrowseEntry, BrowseListName, Cover, Series, SeriesMatch
from aniworld_core.domain.downloads import Progress
from aniworld_core.domain.identity import EpisodeRef, SeriesKey, parse_series_key
from aniworld_core.domain.library import FileFacts, video_suffix
from aniworld_core.domain.media import Language, MediaSource, Stream, StreamKind, stream_from_source
from aniworld_core.errors import (
    AniworldError,
    BrowseListNotFoundError,
    EpisodeNotFoundError,
    FileExistsConflictError,
    InvalidKeyError,
    InvalidLinkError,
    SeriesNotFoundError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.fetcher import (
    FetchedFile,
    FetchPlan,
    FetchRequest,
    MediaFetcher,
    OtherKind,
    ProgressCallback,
)
from aniworld_core.ports.inspector import MediaFacts, MediaInspector
from aniworld_core.ports.loader import Loader
from aniworld_core.ports.resolver import StreamResolver
from aniworld_core.testing.fakes.covers import make_frame


@attrs.define(eq=False)
class FakeLoader(Loader):
    """Catalogue of given series and sources.

    Attributes:
        series: Series of the catalogue.
        stock: Entries of its browse lists by name.
        sources: Sources by episode; other episodes have one direct link in each language.
        error: Error that every request raises while it is set.
        calls: Requests in order.
    """

    series: list[Series] = attrs.field(factory=list)
    sources: dict[EpisodeRef, list[MediaSource]] = attrs.field(factory=dict)
    stock: dict[BrowseListName, list[BrowseEntry]] = attrs.field(factory=dict)
    error: AniworldError | None = None
    calls: list[str] = attrs.field(factory=list)
    _name: str = attrs.field(default="fake", kw_only=True)
    _site: str = attrs.field(default="fake.invalid", kw_only=True)
    _can_search: bool = attrs.field(default=True, kw_only=True)

    @property
    def name(self) -> str:
        return self._name

    @property
    def can_search(self) -> bool:
        return self._can_search

    @property
    def site(self) -> str:
        return self._site

    def owns(self, link: str) -> bool:
        return link.startswith(f"https://{self._site}/")

    def key_from_link(self, link: str) -> SeriesKey:
        prefix = f"https://{self._site}/"
        if not link.startswith(prefix):
            raise InvalidLinkError(link, Message("link_leads_elsewhere", where=self._site))
        try:
            return parse_series_key(link.removeprefix(prefix).partition("/")[0])
        except InvalidKeyError as error:
            raise InvalidLinkError(link, Message("link_names_no_series")) from error

    async def search(self, query: str) -> Sequence[SeriesMatch]:
        await self._ask(f"search {query}")
        found = [s for s in self.series if query.strip().casefold() in s.name.casefold()]
        return tuple(
            SeriesMatch(
                key=s.key,
                name=s.name,
                site=self._site,
                provider=self._name,
                link=s.link,
                cover_url=s.cover_url,
            )
            for s in found
            if query.strip()
        )

    async def get_series(self, key: SeriesKey, ref: str = "") -> Series:
        await self._ask(f"get_series {key}")
        return self._find(key)

    async def get_episodes(self, key: SeriesKey) -> Mapping[int, Sequence[int]]:
        await self._ask(f"get_episodes {key}")
        seasons: dict[int, list[int]] = {}
        for episode in self._find(key).episodes:
            if episode.available:
                seasons.setdefault(episode.season, []).append(episode.number)
        return seasons

    async def get_sources(
        self, episode: EpisodeRef, language: Language, ref: str = ""
    ) -> Sequence[MediaSource]:
        await self._ask(f"get_sources {episode} {language}")
        found = self._find(episode.series_key).episode(episode.season, episode.number)
        if (found.season, found.number) != (episode.season, episode.number):
            raise EpisodeNotFoundError(episode.series_key, episode.code)
        given = self.sources.get(episode)
        if given is None:
            if found.languages is not None and language not in found.languages:
                return ()
            return (self._source(episode, language),)
        spoken = [s for s in given if s.language == language]
        return tuple(spoken + [s for s in given if s.language is None])

    @property
    def browse_lists(self) -> frozenset[BrowseListName]:
        return frozenset(self.stock)

    async def browse(self, browse_list: BrowseListName) -> Sequence[BrowseEntry]:
        await self._ask(f"browse {browse_list}")
        if browse_list not in self.stock:
            raise BrowseListNotFoundError(self._name, browse_list)
        return tuple(self.stock[browse_list])

    def _source(self, episode: EpisodeRef, language: Language) -> MediaSource:
        return MediaSource(
            provider=self._name,
            hoster="fake",
            url=f"https://{self._site}/{episode.series_key}/{episode.code}.mp4",
            language=language,
            kind=StreamKind.DIRECT,
        )

    def _find(self, key: SeriesKey) -> Series:
        for series in self.series:
            if series.key == key:
                return series
        raise SeriesNotFoundError(key, where=self._site)

    async def _ask(self, call: str) -> None:
        self.calls.append(call)
        await anyio.lowlevel.checkpoint()
        if self.error is not None:
            raise self.error


@attrs.define(eq=False)
class FakeResolver(StreamResolver):
    """Resolver for which every source is a direct stream.

    Attributes:
        errors: Errors by link, raised one after the other.
        resolved: Resolved links in order.
    """

    errors: dict[str, list[AniworldError]] = attrs.field(factory=dict)
    resolved: list[str] = attrs.field(factory=list)
    _name: str = attrs.field(default="fake", kw_only=True)

    @property
    def name(self) -> str:
        return self._name

    def accepts(self, source: MediaSource) -> bool:
        return True

    async def resolve(self, source: MediaSource) -> Sequence[Stream]:
        self.resolved.append(source.url)
        await anyio.lowlevel.checkpoint()
        waiting = self.errors.get(source.url)
        if waiting:
            raise waiting.pop(0)
        return (stream_from_source(source, source.kind or StreamKind.DIRECT),)


@attrs.define(eq=False)
class FakeFetcher(MediaFetcher):
    """Fetcher that writes small files with an MP4 signature, in a few steps.

    Attributes:
        content: Content of each file.
        errors: Errors raised in turn after half of a file, before any fetch succeeds.
        gate: Event that a fetch waits for in the middle of a file.
        rate: Reported speed in bytes per second.
        requests: Requests in order.
        subtitles: Reported languages of subtitles beside each file.
        notices: Reported notices about each file.
        kinds: Other kinds by link; `None` for a web page.
    """

    content: bytes = b"\x00\x00\x00\x18ftypisom" + bytes(range(256)) * 4
    errors: list[AniworldError] = attrs.field(factory=list)
    gate: anyio.Event | None = None
    rate: float = 0.0
    requests: list[FetchRequest] = attrs.field(factory=list)
    subtitles: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    kinds: dict[str, StreamKind | None] = attrs.field(factory=dict)
    #: Set while a fetch waits at the gate.
    waiting: anyio.Event = attrs.field(factory=anyio.Event)
    _name: str = attrs.field(default="fake", kw_only=True)

    @property
    def name(self) -> str:
        return self._name

    def accepts(self, stream: Stream) -> bool:
        return True

    async def plan(self, request: FetchRequest) -> FetchPlan | OtherKind:
        other = self._other_kind(request.stream)
        return other or FetchPlan(kind=request.stream.kind, bytes=len(self.content))

    async def fetch(
        self, request: FetchRequest, *, on_progress: ProgressCallback | None = None
    ) -> FetchedFile | OtherKind:
        self.requests.append(request)
        other = self._other_kind(request.stream)
        if other is not None:
            return other
        path = request.destination if request.exact_name else _with_suffix(request.destination)
        if path.exists():
            return self._kept(path)
        partial = path.with_name(path.name + ".part")
        resumed = partial.stat().st_size if partial.exists() else 0
        half = len(self.content) // 2
        partial.write_bytes(self.content[: max(half, resumed)])
        await self._report(on_progress, half)
        if self.gate is not None:
            self.waiting.set()
            await self.gate.wait()
        if self.errors:
            raise self.errors.pop(0)
        partial.write_bytes(self.content)
        await self._report(on_progress, len(self.content))
        partial.rename(path)
        return self._described(path, resumed)

    def _other_kind(self, stream: Stream) -> OtherKind | None:
        kind = self.kinds.get(stream.url, stream.kind)
        if kind is stream.kind:
            return None
        return OtherKind(what=f"a {kind.value} link" if kind else "a web page", kind=kind)

    def _kept(self, path: Path) -> FetchedFile:
        if path.read_bytes() != self.content:
            raise FileExistsConflictError(str(path))
        return self._described(path, len(self.content))

    def _described(self, path: Path, resumed: int) -> FetchedFile:
        digest = hashlib.sha256(self.content).hexdigest()
        size = len(self.content)
        return FetchedFile(
            path=path,
            bytes=size,
            sha256=digest,
            resumed_bytes=resumed,
            subtitles=tuple(path.with_suffix(f".{tag}.srt") for tag in self.subtitles),
            notices=self.notices,
        )

    async def _report(self, on_progress: ProgressCallback | None, done: int) -> None:
        await anyio.lowlevel.checkpoint()
        if on_progress is not None:
            size = len(self.content)
            await on_progress(Progress(downloaded_bytes=done, total_bytes=size, rate=self.rate))


@attrs.define(eq=False)
class FakeInspector(MediaInspector):
    """Inspector that returns the same facts for every file.

    Attributes:
        facts: Returned facts.
        errors: Errors by file name, raised instead.
        described: Facts for the library by file name; others have those of `facts`.
        requests: File names that were described, in order.
        frames: Pictures by file name; other files have a grey one.
        stilled: File names whose frames were requested, in order.
    """

    facts: MediaFacts = MediaFacts(
        suffix=".mp4", duration=1440.0, height=1080, audio_languages=("deu",)
    )
    errors: dict[str, AniworldError] = attrs.field(factory=dict)
    described: dict[str, FileFacts] = attrs.field(factory=dict)
    requests: list[str] = attrs.field(factory=list)
    frames: dict[str, Cover] = attrs.field(factory=dict)
    stilled: list[str] = attrs.field(factory=list)

    async def stills(self, paths: Sequence[Path]) -> Mapping[Path, Cover | AniworldError]:
        await anyio.lowlevel.checkpoint()
        self.stilled += (path.name for path in paths)
        return {
            path: self.errors.get(path.name) or self.frames.get(path.name) or make_frame()
            for path in paths
        }

    async def describe(
        self, paths: Sequence[Path], *, with_sound: bool
    ) -> Mapping[Path, FileFacts | AniworldError]:
        await anyio.lowlevel.checkpoint()
        self.requests += (path.name for path in paths)
        return {
            path: self.errors.get(path.name) or self._described(path, "" if with_sound else None)
            for path in paths
        }

    def _described(self, path: Path, sound: str | None) -> FileFacts:
        plain = FileFacts(
            duration_seconds=self.facts.duration,
            height=self.facts.height,
            audio_languages=self.facts.audio_languages,
            subtitle_languages=self.facts.subtitle_languages,
            sound=sound,
        )
        return self.described.get(path.name, plain)

    async def inspect(self, path: Path, *, thorough: bool = False) -> MediaFacts:
        await anyio.lowlevel.checkpoint()
        if path.name in self.errors:
            raise self.errors[path.name]
        return self.facts


def _with_suffix(destination: Path) -> Path:
    name = destination.name
    return destination.with_name(name.removesuffix(video_suffix(name)) + ".mp4")
