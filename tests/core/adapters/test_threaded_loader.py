"""Synchronous loaders of the former program behind the asynchronous port."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import anyio
import pytest

from aniworld_core.adapters.threaded_loader import SyncLoader, ThreadedLoader
from aniworld_core.domain.catalogue import BrowseListName, SeriesMatch
from aniworld_core.domain.identity import EpisodeRef, parse_series_key
from aniworld_core.domain.media import GER_DUB, GER_SUB, MediaSource
from aniworld_core.errors import (
    AniworldError,
    BrowseListNotFoundError,
    InvalidLinkError,
    ProviderChangedError,
    ProviderUnavailableError,
    SeriesNotFoundError,
)
from aniworld_core.testing.factories import make_series
from aniworld_core.testing.waiting import PATIENCE

pytestmark = pytest.mark.anyio

KEY = parse_series_key("some-show")


class _Former:
    """A loader that returns given results."""

    def __init__(self, **answers: Any) -> None:
        self.calls: list[Any] = []
        for name, answer in answers.items():
            setattr(self, name, self._answering(answer))

    def _answering(self, answer: Any) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            self.calls.append(args)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call

    def search(self, query: str) -> Any:
        return []

    def get_episodes(self, series: Any) -> Any:
        return {1: [1, 2]}


def wrapped(loader: SyncLoader) -> ThreadedLoader:
    return ThreadedLoader(loader, name="old", site="old.invalid")


async def test_the_key_passes_for_the_former_object() -> None:
    """The key can be used as a `Serie` object and as a string."""
    former = _Former(get_episodes={2: [1]})
    assert await wrapped(former).get_episodes(KEY) == {2: [1]}
    serie = former.calls[0][0]
    assert serie == "some-show"
    assert (serie.key, serie.site, serie.name) == ("some-show", "old.invalid", "Some Show")
    assert (serie.folder, serie.episodeDict) == ("Some Show", {})


async def test_search_results_in_every_form() -> None:
    """Search results can be values, mappings with keys, or mappings with links."""
    match = SeriesMatch(key=KEY, name="N", site="s", provider="p", link="l")
    full = {"key": "a", "name": "A", "link": "https://old.invalid/a", "year": "2013", "cover": "c"}
    former = _Former(search=[match, full, {"link": "https://old.invalid/serie/stream/b-c"}])
    found = await wrapped(former).search("x")
    assert found[0] is match
    assert (found[1].key, found[1].year, found[1].cover_url) == ("a", 2013, "c")
    assert (found[2].key, found[2].name) == ("b-c", "B C")
    assert await wrapped(_Former(search=None)).search("x") == ()


class Serie:
    """Object of the former program: attributes only."""

    def __init__(self, key: str, name: str, folder: str) -> None:
        self._key, self.name, self.site, self.folder = key, name, "old.invalid", folder
        self.episodeDict = {1: [1, 2]}

    @property
    def key(self) -> str:
        """Return the key."""
        return self._key


class _ByName:
    """A loader that finds series only by the name on its site."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []

    def search(self, query: str) -> list[Serie]:
        return [Serie("re-zero", "Re:ZERO -Starting Life-", "Re Zero (2016)")]

    def get_episodes(self, serie: Serie) -> dict[int, list[int]]:
        self.asked.append((serie.key, serie.name, serie.folder))
        return serie.episodeDict


@pytest.mark.parametrize("is_searched", [True, False])
async def test_former_serie_objects_plug_in_with_their_real_names(is_searched: bool) -> None:
    """Name, folder and episodes of a `Serie` are kept, even if only its key is stored."""
    former = _ByName()
    loader = wrapped(former)
    key = parse_series_key("re-zero")
    if is_searched:
        (match,) = await loader.search("zero")
        assert (match.key, match.name) == (key, "Re:ZERO -Starting Life-")
        assert loader.key_from_link(match.link) == key

    series = await loader.get_series(key)

    assert (series.name, series.folder) == ("Re:ZERO -Starting Life-", "Re Zero (2016)")
    assert [e.number for e in series.episodes] == [1, 2]
    assert former.asked == [("re-zero", "Re:ZERO -Starting Life-", "Re Zero (2016)")]


async def test_a_search_that_fails_costs_only_the_name() -> None:
    """After a failed search episodes are still listed; the next call searches again."""
    former = _Former(search=ConnectionError("refused"))
    loader = wrapped(former)
    assert await loader.get_episodes(KEY) == {1: [1, 2]}
    assert (await loader.get_series(KEY)).name == "Some Show"


async def test_descriptions_in_every_form() -> None:
    """`get_series` may return a series or a mapping, or be missing."""
    series = make_series(KEY)
    assert await wrapped(_Former(get_series=series)).get_series(KEY) is series
    described = await wrapped(_Former(get_series={"title": "T: x", "year": 2001})).get_series(KEY)
    assert (described.name, described.folder, described.year) == ("T: x", "T - x", 2001)
    plain = await wrapped(_Former()).get_series(KEY)
    assert [(e.season, e.number) for e in plain.episodes] == [(1, 1), (1, 2)]
    assert plain.link == "https://old.invalid/some-show"


@pytest.mark.parametrize("answer", [None, KeyError("x")])
async def test_unknown_series(answer: object) -> None:
    """`None` and look-up errors raise `SeriesNotFoundError`."""
    with pytest.raises(SeriesNotFoundError):
        await wrapped(_Former(get_episodes=answer)).get_episodes(KEY)
    with pytest.raises(SeriesNotFoundError):
        await wrapped(_Former(get_series=answer)).get_series(KEY)


@pytest.mark.parametrize(
    ("error", "becomes"),
    [
        (ConnectionError("refused"), ProviderUnavailableError),
        (TimeoutError(), ProviderUnavailableError),
        (AttributeError("'NoneType' has no attribute 'text'"), ProviderChangedError),
        (ValueError("no number"), ProviderChangedError),
        (ProviderUnavailableError("old", "own"), ProviderUnavailableError),
    ],
)
async def test_errors_become_ours(error: Exception, becomes: type[AniworldError]) -> None:
    """Network errors become temporary errors, other errors a changed page."""
    with pytest.raises(becomes):
        await wrapped(_Former(search=error)).search("x")


@pytest.mark.parametrize(
    "found",
    [[{"key": "No Key"}], [5], ["some show"], [object()], [{"link": "https://old.invalid/"}]],
)
async def test_results_that_make_no_sense(found: list[object]) -> None:
    """A result without a valid key raises `ProviderChangedError`."""
    with pytest.raises(ProviderChangedError):
        await wrapped(_Former(search=found)).search("x")


async def test_episodes_that_make_no_sense() -> None:
    """Episode numbers that are not numbers raise `ProviderChangedError`."""
    with pytest.raises(ProviderChangedError):
        await wrapped(_Former(get_episodes={"film": ["x"]})).get_episodes(KEY)


async def test_sources() -> None:
    """Sources of unknown language come last, other languages are left out."""
    ready = MediaSource(provider="old", hoster="h", url="u")
    wanted = {"url": "https://x.invalid/1", "language": "ger-dub"}
    other = {"url": "https://x.invalid/2", "language": "ger-sub", "hoster": "X"}
    former = _Former(get_sources=[ready, other, wanted])
    episode = EpisodeRef(KEY, 1, 2)
    found = await wrapped(former).get_sources(episode, GER_DUB)
    assert [s.url for s in found] == ["https://x.invalid/1", "u"]
    assert found[0].hoster == "x.invalid"
    assert former.calls[-1] == (KEY, 1, 2, "ger-dub")
    assert await wrapped(_Former()).get_sources(episode, GER_SUB) == ()


async def test_links_belong_by_host_or_by_the_loaders_own_word() -> None:
    """The host of a link decides, unless the loader has `owns`."""
    assert wrapped(_Former()).owns("https://www.old.invalid/x")
    assert not wrapped(_Former()).owns("https://old.invalid.example/x")
    assert wrapped(_Former(owns=True)).owns("anything")
    own = ThreadedLoader(_Former(), name="o", site="s", owns=lambda link: link == "mine")
    assert own.owns("mine")
    assert wrapped(_Former(key_from_link="k")).key_from_link("https://old.invalid/zzz") == "k"
    with pytest.raises(InvalidLinkError):
        wrapped(_Former()).key_from_link("https://old.invalid/anime/stream/")


async def test_calls_are_limited_and_can_be_abandoned() -> None:
    """The number of threads is limited, and a cancelled call returns at once."""
    release, running, most = threading.Event(), threading.Semaphore(0), 2

    class Slow:
        def search(self, query: str) -> Any:
            running.release()
            release.wait(timeout=PATIENCE)
            return []

        def get_episodes(self, series: Any) -> Any:
            return {}

    loader = ThreadedLoader(Slow(), name="slow", site="slow.invalid", max_threads=most)
    try:
        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as tasks:
                for _ in range(5):
                    tasks.start_soon(loader.search, "x")
                for _ in range(most):
                    await anyio.to_thread.run_sync(running.acquire)
                await anyio.wait_all_tasks_blocked()
                assert not running.acquire(blocking=False)
                tasks.cancel_scope.cancel()
    finally:
        release.set()


async def test_browse_lists_of_a_synchronous_loader() -> None:
    """Browse lists with known names are read; times without a zone are ignored."""
    shown = {"link": "/series/some-show", "season": 1, "number": "2", "languages": ["ger-sub"]}
    timed = {**shown, "day": date(2026, 11, 21), "at": datetime(2026, 11, 21, 12)}  # noqa: DTZ001
    former = _Former(browse=[{**timed, "at": datetime(2026, 11, 21, 12, tzinfo=UTC)}, timed])
    former.browse_lists = ["calendar", "window"]  # type: ignore[attr-defined]

    loader = wrapped(former)
    first, second = await loader.browse(BrowseListName.CALENDAR)

    assert loader.browse_lists == {BrowseListName.CALENDAR}
    assert former.calls == [("calendar",)]
    assert (first.key, first.code, first.languages) == (KEY, "S01E02", frozenset({GER_SUB}))
    assert (first.day, first.at) == (date(2026, 11, 21), datetime(2026, 11, 21, 12, tzinfo=UTC))
    assert second.at is None
    with pytest.raises(BrowseListNotFoundError):
        await loader.browse(BrowseListName.NEW)


@pytest.mark.parametrize("entry", [{"day": "soon"}, {"season": "x"}, {"languages": ["?"]}, 7])
async def test_an_entry_nobody_can_read_is_a_change(entry: object) -> None:
    """An invalid browse entry raises `ProviderChangedError`."""
    shown = {"link": "/series/some-show", **entry} if isinstance(entry, dict) else entry
    former = _Former(browse=[shown])
    former.browse_lists = {"new"}  # type: ignore[attr-defined]

    with pytest.raises(ProviderChangedError, match="entry of a browse list"):
        await wrapped(former).browse(BrowseListName.NEW)
