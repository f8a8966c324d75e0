"""Contract suite of `Loader`."""

from typing import ClassVar

import attrs
import pytest

from aniworld_core.domain.catalogue import BrowseEntry, BrowseListName, Series, arranged
from aniworld_core.domain.identity import EpisodeRef, SeriesKey, parse_series_key
from aniworld_core.domain.media import Language
from aniworld_core.errors import (
    BrowseListNotFoundError,
    EpisodeNotFoundError,
    InvalidLinkError,
    SeriesNotFoundError,
)
from aniworld_core.ports.loader import Loader

#: Texts that are no links, or links to no catalogue.
_NO_LINKS = (
    "",
    " ",
    "attack-on-titan",
    "http://",
    "http://[",
    "https://example.invalid/",
    "https://user:secret@example.invalid:99999/x",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "//example.invalid/x",
    "http://\x00/",
    "\u202eexample",
)


class LoaderContract:
    """Subclass it as `Test…`, provide a `loader` fixture and set the attributes below."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    #: Search text that finds the known series, and one that finds nothing.
    query: str
    hopeless_query: str = "zzzz qqqq xxxx"
    #: Key of a series with sources, and a valid key that is unknown.
    key: SeriesKey
    unknown_key: SeriesKey = parse_series_key("no-such-series-here")
    #: Link to the known series.
    link: str
    #: Episode of the series, a language of it, and a language that it lacks.
    season: int = 1
    number: int = 1
    language: Language
    missing_language: Language

    @pytest.fixture
    async def loader(self) -> Loader:
        """Return the loader under test; subclasses override it."""
        raise TypeError("override the `loader` fixture")

    @pytest.fixture
    async def series(self, loader: Loader) -> Series:
        """Return the known series as the loader reads it."""
        return await loader.get_series(self.key)

    async def test_it_has_a_name_and_a_site(self, loader: Loader) -> None:
        """A loader has a name that fits into the configuration, and a site."""
        assert parse_series_key(loader.name) == loader.name
        assert loader.site.strip() == loader.site != ""

    async def test_it_owns_its_own_links(self, loader: Loader) -> None:
        """A link to a series belongs to the loader and has its key."""
        assert loader.owns(self.link)
        assert self.key == loader.key_from_link(self.link)

    @pytest.mark.parametrize("link", _NO_LINKS)
    async def test_it_refuses_foreign_links(self, loader: Loader, link: str) -> None:
        """Foreign links and other texts are not owned and have no key."""
        assert not loader.owns(link)
        with pytest.raises(InvalidLinkError):
            loader.key_from_link(link)

    async def test_search_finds_the_known_series(self, loader: Loader) -> None:
        """Search results have the catalogue's names, and links with their keys."""
        hits = await loader.search(self.query)

        assert self.key in [hit.key for hit in hits]
        for hit in hits:
            assert (loader.name, loader.site) == (hit.provider, hit.site)
            assert hit.name.strip()
            assert loader.owns(hit.link)
            assert hit.key == loader.key_from_link(hit.link)

    async def test_search_names_no_series_twice(self, loader: Loader) -> None:
        """No key appears twice in the results."""
        keys = [hit.key for hit in await loader.search(self.query)]

        assert len(set(keys)) == len(keys)

    async def test_search_without_hits_is_empty(self, loader: Loader) -> None:
        """A search without results returns an empty list."""
        assert list(await loader.search(self.hopeless_query)) == []

    async def test_series_describes_itself(self, loader: Loader, series: Series) -> None:
        """The series has the requested key, the catalogue's names and a link with its key."""
        assert self.key == series.key
        assert (loader.name, loader.site) == (series.provider, series.site)
        assert series.name.strip()
        assert series.folder.strip()
        assert loader.owns(series.link)
        assert self.key == loader.key_from_link(series.link)

    async def test_series_says_nothing_about_the_library(self, series: Series) -> None:
        """Fields of the library have their defaults."""
        assert series.added_at is None
        for episode in series.episodes:
            assert not episode.downloaded
            assert episode.file is None
            assert episode.file_language is None

    async def test_series_lists_each_episode_once_in_order(self, series: Series) -> None:
        """Episodes are sorted by season and number, without duplicates."""
        places = [(episode.season, episode.number) for episode in series.episodes]

        assert sorted(set(places)) == places
        assert (self.season, self.number) in places

    async def test_series_is_found_by_its_references(self, loader: Loader, series: Series) -> None:
        """Its own reference and its link return the same series as the key."""
        assert series == await loader.get_series(self.key, series.provider_ref)
        assert series == await loader.get_series(self.key, self.link)

    async def test_unknown_series_is_not_found(self, loader: Loader) -> None:
        """Every method raises `SeriesNotFoundError` for an unknown key."""
        with pytest.raises(SeriesNotFoundError):
            await loader.get_series(self.unknown_key)
        with pytest.raises(SeriesNotFoundError):
            await loader.get_episodes(self.unknown_key)
        with pytest.raises(SeriesNotFoundError):
            await loader.get_sources(EpisodeRef(self.unknown_key, 1, 1), self.language)

    async def test_a_refresh_finds_what_is_there(self, loader: Loader, series: Series) -> None:
        """A refresh returns the same series, also for a stored series without details."""
        assert series == await loader.refresh(series)
        assert series == await loader.refresh(attrs.evolve(series, episodes=()))
        assert series == await loader.refresh(attrs.evolve(series, provider_ref=""))

    async def test_a_refresh_finds_no_removed_series(self, loader: Loader, series: Series) -> None:
        """A refresh of a removed series raises `SeriesNotFoundError`.

        If a link consists of an id and a decorative text, a changed text still leads to the known
        series, and that series is returned.
        """
        gone = attrs.evolve(
            series,
            key=self.unknown_key,
            name="No such series",
            episodes=(),
            provider_ref="",
            link=series.link.replace(self.key, self.unknown_key),
        )
        if not loader.owns(gone.link) or gone.link == series.link:
            return
        try:
            found = await loader.refresh(gone)
        except SeriesNotFoundError:
            return
        assert (found.name, found.episodes) == (series.name, series.episodes)

    @pytest.mark.parametrize("browse_list", BrowseListName)
    async def test_browse_lists_have_its_own_series(
        self, loader: Loader, browse_list: BrowseListName
    ) -> None:
        """Entries have the catalogue's names, and links with their keys."""
        for entry in await self._entries(loader, browse_list):
            assert (loader.name, loader.site) == (entry.provider, entry.site)
            assert entry.name.strip()
            assert loader.owns(entry.link)
            assert entry.key == loader.key_from_link(entry.link)
            assert entry.number is None or entry.season is not None
            assert entry.languages is None or entry.languages
            assert entry.at is None or entry.at.utcoffset() is not None

    @pytest.mark.parametrize("browse_list", BrowseListName)
    async def test_browse_lists_are_sorted(
        self, loader: Loader, browse_list: BrowseListName
    ) -> None:
        """Entries are unique and sorted by day as the browse list documents."""
        entries = await self._entries(loader, browse_list)

        places = [(entry.key, entry.season, entry.number, entry.day) for entry in entries]
        assert len(set(places)) == len(places)
        assert list(arranged(browse_list, entries)) == list(entries)

    async def test_a_missing_browse_list_is_an_error(self, loader: Loader) -> None:
        """A browse list that the loader lacks raises `BrowseListNotFoundError`."""
        for browse_list in set(BrowseListName) - loader.browse_lists:
            with pytest.raises(BrowseListNotFoundError):
                await loader.browse(browse_list)

    async def _entries(self, loader: Loader, browse_list: BrowseListName) -> list[BrowseEntry]:
        return list(await loader.browse(browse_list)) if browse_list in loader.browse_lists else []

    async def test_episodes_are_the_available_ones(self, loader: Loader, series: Series) -> None:
        """Seasons have ascending numbers without announced episodes."""
        seasons = await loader.get_episodes(self.key)

        available = [(e.season, e.number) for e in series.episodes if e.available]
        assert available == [(s, n) for s in sorted(seasons) for n in seasons[s]]

    async def test_sources_are_of_the_language(self, loader: Loader, series: Series) -> None:
        """Sources have the language; those of unknown language come last."""
        sources = await loader.get_sources(self._episode, self.language, series.provider_ref)

        assert sources
        told = [source.language for source in sources]
        assert {self.language, None} >= set(told)
        assert told == sorted(told, key=lambda language: language is None)
        for source in sources:
            assert loader.name == source.provider
            assert source.hoster.strip()
            assert source.url.startswith(("http://", "https://"))

    async def test_sources_are_found_without_reference(
        self, loader: Loader, series: Series
    ) -> None:
        """The key alone returns the same sources."""
        with_reference = await loader.get_sources(self._episode, self.language, series.provider_ref)

        assert list(with_reference) == list(await loader.get_sources(self._episode, self.language))

    async def test_no_sources_in_another_language(self, loader: Loader) -> None:
        """A missing language returns no source with that language."""
        sources = await loader.get_sources(self._episode, self.missing_language)

        assert {None} >= {source.language for source in sources}

    async def test_announced_episodes_have_no_sources(self, loader: Loader, series: Series) -> None:
        """An announced episode has no sources, and is no error."""
        for episode in series.episodes:
            if not episode.available:
                assert (
                    list(
                        await loader.get_sources(
                            series.ref(episode), self.language, series.provider_ref
                        )
                    )
                    == []
                )

    async def test_unknown_episode_is_not_found(self, loader: Loader) -> None:
        """An unknown episode raises `EpisodeNotFoundError`."""
        with pytest.raises(EpisodeNotFoundError):
            await loader.get_sources(EpisodeRef(self.key, 97, 9871), self.language)

    @property
    def _episode(self) -> EpisodeRef:
        return EpisodeRef(self.key, self.season, self.number)
