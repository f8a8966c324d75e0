"""Fakes keep the same contracts as real adapters."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from aniworld_core.adapters.threaded_loader import ThreadedLoader
from aniworld_core.domain.catalogue import BrowseEntry, BrowseListName
from aniworld_core.domain.identity import parse_series_key
from aniworld_core.domain.media import ENG_DUB, GER_DUB, MediaSource
from aniworld_core.ports.loader import Loader
from aniworld_core.ports.resolver import StreamResolver
from aniworld_core.ports.security import PasswordHasher
from aniworld_core.testing.contracts.loader import LoaderContract
from aniworld_core.testing.contracts.resolver import StreamResolverContract
from aniworld_core.testing.contracts.security import PasswordHasherContract
from aniworld_core.testing.factories import make_episode, make_series
from aniworld_core.testing.fakes import FakeHasher, FakeListLoader, FakeLoader, FakeResolver

KEY = parse_series_key("attack-on-titan")
LANGUAGES = frozenset({GER_DUB})


class TestFakeLoader(LoaderContract):
    query = "titan"
    key = KEY
    link = "https://fake.invalid/attack-on-titan"
    language = GER_DUB
    missing_language = ENG_DUB

    @pytest.fixture
    async def loader(self) -> Loader:
        """Return a catalogue with one series."""
        series = make_series(
            KEY,
            name="Attack on Titan",
            site="fake.invalid",
            provider="fake",
            link=self.link,
            episodes=[make_episode(n, 1, languages=LANGUAGES) for n in (1, 2, 3)],
        )
        entry = BrowseEntry(
            key=KEY,
            name=series.name,
            site=series.site,
            provider="fake",
            link=self.link,
            season=1,
            number=3,
            languages=LANGUAGES,
            day=date(2026, 11, 21),
            at=datetime(2026, 11, 21, 12, tzinfo=UTC),
        )
        return FakeLoader(series=[series], stock={BrowseListName.CALENDAR: [entry]})


class TestFakeListLoader(TestFakeLoader):
    @pytest.fixture
    async def loader(self) -> Loader:
        """Return a catalogue with one list."""
        episodes = [make_episode(n, 1, languages=LANGUAGES) for n in (1, 2, 3)]
        series = make_series(
            KEY,
            name="Titan",
            episodes=episodes,
            site="fake.invalid",
            provider="fake",
            link=self.link,
        )
        return FakeListLoader([series])


class _FormerLoader:
    """A loader of the former program with all optional methods."""

    browse_lists = ("popular", "new", "unheard-of")

    def browse(self, browse_list: str) -> Iterable[Mapping[str, Any]]:
        link = {"link": "/anime/stream/attack-on-titan", "title": "Attack on Titan"}
        if browse_list == "popular":
            return [link]
        return [{**link, "season": "1", "number": "3", "day": "2026-11-21", "languages": ["de"]}]

    def search(self, query: str) -> Iterable[Mapping[str, Any]]:
        if query.lower() not in "attack on titan":
            return []
        return [{"link": "/anime/stream/attack-on-titan", "title": "Attack on Titan"}]

    def get_episodes(self, series: Any) -> Mapping[Any, Iterable[Any]] | None:
        return {"1": ["2", 1, 3, 3]} if series.key == "attack-on-titan" else None

    def get_sources(
        self, key: str, season: int, episode: int, language: str
    ) -> Iterable[Mapping[str, Any]]:
        url = f"https://old.invalid/{key}/{season}/{episode}.mp4"
        return [{"url": url, "language": "ger-dub"}] if language == "ger-dub" else []


class TestThreadedLoader(LoaderContract):
    query = "titan"
    key = KEY
    link = "https://old.invalid/anime/stream/attack-on-titan/staffel-1/episode-2"
    language = GER_DUB
    missing_language = ENG_DUB

    @pytest.fixture
    async def loader(self) -> Loader:
        """Wrap the former loader."""
        return ThreadedLoader(_FormerLoader(), name="old", site="old.invalid")


class TestFakeHasher(PasswordHasherContract):
    @pytest.fixture
    def hasher(self) -> PasswordHasher:
        """Return a hasher without cost."""
        return FakeHasher()


class TestFakeResolver(StreamResolverContract):
    @pytest.fixture
    async def resolver(self) -> StreamResolver:
        """Return a resolver that treats every source as a direct stream."""
        return FakeResolver()

    @pytest.fixture
    async def source(self) -> MediaSource:
        """Return a source with every field that a stream takes over."""
        return MediaSource(
            provider="fake",
            hoster="fake",
            url="https://fake.invalid/1.mp4",
            language=GER_DUB,
            reach=frozenset({"127.0.0.1:1"}),
        )
