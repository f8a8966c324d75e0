"""Loader for the demo."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import attrs
from anyio import to_thread

from aniworld_core.domain.catalogue import (
    BrowseEntry,
    BrowseListName,
    Episode,
    Series,
    SeriesMatch,
    Titles,
)
from aniworld_core.domain.identity import EpisodeRef, FolderName, SeriesKey, parse_series_key
from aniworld_core.domain.library import safe_component
from aniworld_core.domain.media import Language, MediaSource, StreamKind
from aniworld_core.errors import (
    EpisodeNotFoundError,
    InvalidKeyError,
    InvalidLinkError,
    SeriesNotFoundError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.loader import Loader
from aniworld_providers.catalogues.demo.all_series import KNOWN_SERIES
from aniworld_providers.catalogues.demo.browse_lists import entries_of, entry
from aniworld_providers.catalogues.demo.drawing import HEIGHT
from aniworld_providers.catalogues.demo.search import find_series
from aniworld_providers.catalogues.demo.storage import ClipStore
from aniworld_providers.catalogues.demo.values import (
    DemoEpisode,
    DemoSeries,
    Packaging,
    clip_of,
)

NAME: Final = "demo"
#: A reserved domain that never resolves, so these links are the same in every run.
_LINK_HOST: Final = "demo.aniworld.invalid"
_LINK_START: Final = f"https://{_LINK_HOST}/series/"
#: Bytes per second: the whole demo downloads in half a minute, with visible progress.
DEFAULT_BANDWIDTH: Final = 5 * 1024**2 // 2


@attrs.define(eq=False)
class DemoLoader(Loader):
    """Loader for the demo series; their media are on one loopback address.

    Attributes:
        address: `host:port` of the server for media and covers.
    """

    address: str
    _clock: Clock

    @property
    def name(self) -> str:
        return NAME

    @property
    def site(self) -> str:
        return NAME

    @property
    def cover_reach(self) -> frozenset[str]:
        return frozenset({self.address})

    def owns(self, link: str) -> bool:
        return _path_of(link) is not None

    def key_from_link(self, link: str) -> SeriesKey:
        path = _path_of(link)
        if path is None:
            raise InvalidLinkError(link, Message("link_leads_elsewhere", where=self.site))
        start, _, rest = path.removeprefix("/").partition("/")
        if start != "series":
            raise InvalidLinkError(
                link,
                Message("link_names_no_series"),
                hint=Message("link_form.hint", example=f"{_LINK_START}<key>"),
            )
        try:
            return parse_series_key(rest.partition("/")[0].lower())
        except InvalidKeyError as error:
            raise InvalidLinkError(link, error.rule) from error

    async def search(self, query: str) -> Sequence[SeriesMatch]:
        return [self._match(series) for series in find_series(query)]

    @property
    def browse_lists(self) -> frozenset[BrowseListName]:
        return frozenset(BrowseListName)

    async def browse(self, browse_list: BrowseListName) -> Sequence[BrowseEntry]:
        today = self._clock.now().date()
        return [
            entry(self._match(series), episode, day)
            for series, episode, day in entries_of(browse_list, today)
        ]

    async def get_series(self, key: SeriesKey, ref: str = "") -> Series:
        series = self._series(key, ref)
        return Series(
            key=key,
            name=series.de,
            site=NAME,
            provider=NAME,
            folder=FolderName(safe_component(f"{series.de} ({series.year})")),
            link=f"{_LINK_START}{series.key}",
            provider_ref=series.key,
            description=series.description,
            year=series.year,
            end_year=series.end_year,
            genres=series.genres,
            alternative_titles=(series.en, *series.other_titles),
            cover_url=self._cover_url(series),
            episodes=tuple(map(_listed, series.episodes)),
        )

    async def get_episodes(self, key: SeriesKey) -> Mapping[int, Sequence[int]]:
        seasons: dict[int, list[int]] = {}
        for episode in self._series(key, "").episodes:
            if episode.available:
                seasons.setdefault(episode.season, []).append(episode.number)
        return {season: sorted(seasons[season]) for season in sorted(seasons)}

    async def get_sources(
        self, episode: EpisodeRef, language: Language, ref: str = ""
    ) -> Sequence[MediaSource]:
        series = self._series(episode.series_key, ref)
        for listed in series.episodes:
            if (listed.season, listed.number) == (episode.season, episode.number):
                if language not in listed.languages:
                    return []
                return [
                    self._source(series, listed, language, packaging)
                    for packaging in listed.packagings
                ]
        raise EpisodeNotFoundError(episode.series_key, episode.code)

    def _source(
        self, series: DemoSeries, episode: DemoEpisode, language: Language, packaging: Packaging
    ) -> MediaSource:
        clip = clip_of(series, episode, language, packaging)
        return MediaSource(
            provider=NAME,
            hoster="Loopback HLS" if packaging.is_hls else "Loopback File",
            url=f"http://{self.address}/media/{clip.name}/{clip.entry}",
            language=language,
            kind=StreamKind.HLS if packaging.is_hls else StreamKind.DIRECT,
            height=HEIGHT,
            duration=float(episode.seconds),
            reach=frozenset({self.address}),
        )

    def _match(self, series: DemoSeries) -> SeriesMatch:
        return SeriesMatch(
            key=series.key,
            name=series.de,
            site=NAME,
            provider=NAME,
            link=f"{_LINK_START}{series.key}",
            cover_url=self._cover_url(series),
            year=series.year,
            description=series.description,
        )

    def _series(self, key: SeriesKey, ref: str) -> DemoSeries:
        """Return a series; *ref* takes precedence, because the library may use another key."""
        named = self.key_from_link(ref) if self.owns(ref) else SeriesKey(ref)
        series = KNOWN_SERIES.get(named if ref else key)
        if series is None:
            raise SeriesNotFoundError(key, where=NAME)
        return series

    def _cover_url(self, series: DemoSeries) -> str:
        return f"http://{self.address}/covers/{series.key}.png"


@asynccontextmanager
async def open_loader(
    context: AdapterContext, *, bandwidth: float | None = DEFAULT_BANDWIDTH
) -> AsyncIterator[Loader]:
    """Open the demo with its server.

    Args:
        context: The adapter context; clips are stored in `demo` in the data folder.
        bandwidth: Bytes per second of all connections together; `None` for no limit.
    """
    # The server needs aiohttp, which takes a while to load.
    from aniworld_providers.catalogues.demo.server import BandwidthLimit, open_server

    home = context.data_dir / NAME
    note = home / "port"
    former = await to_thread.run_sync(_noted_port, note)
    async with open_server(ClipStore(home), BandwidthLimit(bandwidth), port=former) as address:
        # Covers are cached by link, so reuse the same port if it is free.
        await to_thread.run_sync(_note_port, note, address)
        yield DemoLoader(address, context.clock)


def _noted_port(note: Path) -> int:
    try:
        port = int(note.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0
    return port if 1024 <= port <= 65_535 else 0


def _note_port(note: Path, address: str) -> None:
    # Only an optimisation: if the file cannot be written, the next run uses another port.
    with suppress(OSError):
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(address.rpartition(":")[2], encoding="ascii")


def _listed(episode: DemoEpisode) -> Episode:
    return Episode(
        season=episode.season,
        number=episode.number,
        titles=Titles(de=episode.de or None, en=episode.en or None),
        languages=frozenset(episode.languages),
        available=episode.available,
    )


def _path_of(link: str) -> str | None:
    """Return the path of a link to the demo, otherwise `None`."""
    try:
        parts = urlsplit(link.strip())
        host = parts.hostname
    except ValueError:
        return None
    return parts.path if parts.scheme in {"http", "https"} and host == _LINK_HOST else None
