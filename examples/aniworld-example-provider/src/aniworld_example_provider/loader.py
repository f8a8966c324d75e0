"""Loader for the catalogue."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import attrs
from aniworld_core.domain.catalogue import Series, SeriesMatch
from aniworld_core.domain.identity import EpisodeRef, FolderName, SeriesKey, parse_series_key
from aniworld_core.domain.library import safe_component
from aniworld_core.domain.media import Language, MediaSource, StreamKind
from aniworld_core.errors import (
    EpisodeNotFoundError,
    InvalidConfigError,
    InvalidInputError,
    InvalidLinkError,
    SeriesNotFoundError,
)
from aniworld_core.ports import AdapterContext, Loader
from aniworld_providers.network.capsules import record_capsules
from aniworld_providers.network.pages import (
    PageClient,
    PageMissingError,
    open_page_client,
    origin_of,
)

from aniworld_example_provider.answers import NAME, Record, read_catalogue, read_record
from aniworld_example_provider.settings import ExampleSettings


@attrs.define(eq=False, kw_only=True)
class ExampleLoader(Loader):
    """Loader for the series of the catalogue.

    Attributes:
        base: Base URL, without a slash at the end.
        reach: Its configured `host:port`.
        settings: Its own settings.
    """

    base: str
    reach: frozenset[str]
    settings: ExampleSettings
    _pages: PageClient

    @property
    def name(self) -> str:
        return NAME

    @property
    def site(self) -> str:
        return urlsplit(self.base).hostname or NAME

    def owns(self, link: str) -> bool:
        return link.startswith(f"{self.base}/series/")

    def key_from_link(self, link: str) -> SeriesKey:
        if not self.owns(link):
            raise InvalidLinkError(link, f"it does not lead to {self.base}")
        try:
            return parse_series_key(link.removeprefix(f"{self.base}/series/").partition("/")[0])
        except InvalidInputError as error:
            raise InvalidLinkError(link, "it names no series") from error

    async def search(self, query: str) -> Sequence[SeriesMatch]:
        words = query.casefold().split()
        entries = read_catalogue(await self._pages.get_json(f"{self.base}/catalogue.json"))
        return [
            SeriesMatch(
                key=entry.key,
                name=entry.name,
                site=self.site,
                provider=NAME,
                link=self._link(entry.key),
                year=entry.year,
            )
            for entry in entries
            if words and all(word in entry.name.casefold() for word in words)
        ]

    async def get_series(self, key: SeriesKey, ref: str = "") -> Series:
        record = await self._record(key, ref)
        return Series(
            key=key,
            name=record.entry.name,
            site=self.site,
            provider=NAME,
            folder=FolderName(safe_component(record.entry.name, fallback=key)),
            link=self._link(record.entry.key),
            provider_ref=record.entry.key,
            year=record.entry.year,
            episodes=tuple(record.episodes),
        )

    async def get_episodes(self, key: SeriesKey) -> Mapping[int, Sequence[int]]:
        seasons: dict[int, list[int]] = {}
        for episode in (await self._record(key)).episodes:
            if episode.available:
                seasons.setdefault(episode.season, []).append(episode.number)
        return seasons

    async def get_sources(
        self, episode: EpisodeRef, language: Language, ref: str = ""
    ) -> Sequence[MediaSource]:
        record = await self._record(episode.series_key, ref)
        films = record.films.get((episode.season, episode.number))
        if films is None:
            raise EpisodeNotFoundError(episode.series_key, episode.code)
        sources = [
            MediaSource(
                provider=NAME,
                hoster=self.site,
                url=film.url,
                language=film.language,
                kind=StreamKind.DIRECT,
                reach=self.reach,
            )
            for film in films
            if film.language == language
            or (film.language is None and not self.settings.tagged_only)
        ]
        return sorted(sources, key=lambda source: source.language is None)

    def _link(self, key: SeriesKey) -> str:
        return f"{self.base}/series/{key}"

    async def _record(self, key: SeriesKey, ref: str = "") -> Record:
        own = self.key_from_link(ref) if self.owns(ref) else ref or key
        try:
            return read_record(await self._pages.get_json(f"{self.base}/series/{own}.json"))
        except PageMissingError as error:
            raise SeriesNotFoundError(key, where=self.site) from error


@asynccontextmanager
async def open_loader(context: AdapterContext) -> AsyncIterator[Loader]:
    """Open the catalogue at `providers.example.base_url`.

    Raises:
        InvalidConfigError: If it is missing or not a link, or another setting is wrong.
    """
    base = context.config.provider(NAME).base_url.strip().rstrip("/")
    if not base:
        raise InvalidConfigError(
            [(f"/providers/{NAME}/base_url", "must be the address of the catalogue")]
        )
    async with open_page_client(context, NAME) as pages:
        loader = ExampleLoader(
            base=base,
            reach=frozenset({origin_of(base)}),
            settings=context.own_settings(NAME, ExampleSettings),
            pages=pages,
        )
        yield record_capsules(loader, context)
