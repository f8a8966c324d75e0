"""Lists that change between refreshes, and while they are read."""

import shutil
import tempfile
import zlib
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TypeAlias

import anyio
import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.identity import parse_series_key
from aniworld_core.errors import SeriesNotFoundError, SourceGoneError
from aniworld_core.ports import Loader
from aniworld_providers.catalogues.ytdlp.factory import open_loader
from aniworld_providers.ytdlp import Failure, Job, ListedEntry, Listing, ListingJob, Outcome
from aniworld_providers.ytdlp.listing import KNOWN_IN_A_ROW, read_list
from support.adapter_context import JumpingClock, make_context

LINK = "https://site.org/list"
PROVISIONAL = parse_series_key("link-0")
PAGE = 30
LONG = [f"v{n}" for n in range(75, 0, -1)]


@attrs.define
class Site:
    """A site with one list, newest first, which is read page by page.

    Attributes:
        ids: Ids of the list.
        between: Changes the list after a page was read.
        entry: Returns the entry with an id.
        pages: Number of pages that were read.
    """

    ids: list[str] = attrs.field(factory=lambda: list(LONG))
    between: Callable[[list[str]], None] = lambda ids: None
    entry: Callable[[str], ListedEntry] = lambda id_: _entry(id_)
    pages: int = 0

    async def run(self, job: Job | ListingJob) -> Outcome:
        """List it as the process of yt-dlp does."""
        assert isinstance(job, ListingJob)
        entries, is_whole = read_list(self._entries(), job.known)
        return Listing(
            extractor="Site",
            id="list",
            link=job.url,
            title="List",
            is_whole=is_whole,
            entries=tuple(entries),
        )

    def _entries(self) -> Iterator[ListedEntry]:
        start = 0
        while page := self.ids[start : start + PAGE]:
            self.pages += 1
            yield from (self.entry(id_) for id_ in page)
            self.between(self.ids)
            start += PAGE


def _entry(id_: str) -> ListedEntry:
    return ListedEntry(id=id_, url=f"https://site.org/{id_}", title=id_)


def _places(series: Series) -> dict[str, tuple[int, int]]:
    return {e.catalogue_id or "": (e.season, e.number) for e in series.episodes}


def _listed(series: Series) -> set[str]:
    return {e.catalogue_id or "" for e in series.episodes if e.available}


def _removes(index: int) -> Callable[[list[str]], None]:
    """Remove one entry once."""
    done: list[str] = []

    def change(ids: list[str]) -> None:
        if not done:
            done.append(ids.pop(index))

    return change


def _with_loader(
    site: Site,
    clock: JumpingClock,
    use: Callable[[Loader, Path], Awaitable[None]],
    *,
    seasons: str = "one",
) -> None:
    """Call an asynchronous function with the catalogue and its data folder."""

    async def main() -> None:
        with tempfile.TemporaryDirectory() as folder:
            own = {"/providers/ytdlp/seasons": seasons}
            context = make_context(Path(folder), clock=clock, own=own)
            async with open_loader(context, run=site.run) as loader:
                await use(loader, Path(folder))

    anyio.run(main)


Edit: TypeAlias = tuple[str, int]
Facts: TypeAlias = tuple[int, int, int]
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove", "insert", "move", "again"]), st.integers(0, 10_000)
    ),
    max_size=6,
)
#: Share of entries without title, share without date, and which ones.
FACTS = st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 9))
#: Edits before and while it is read, hours until then, facts, whether the stored list is lost.
ROUNDS = st.lists(
    st.tuples(EDITS, EDITS, st.sampled_from([1, 30, 200]), FACTS, st.booleans()),
    min_size=1,
    max_size=5,
)


@given(rounds=ROUNDS, first=FACTS, seasons=st.sampled_from(["one", "year"]))
def test_numbers_stay_and_all_entries_are_found(
    rounds: list[tuple[list[Edit], list[Edit], int, Facts, bool]], first: Facts, seasons: str
) -> None:
    """Whatever changes before and while it is read: each entry once, with the number it had.

    Entries may have neither title nor date, the same title as others, and titles and dates that
    come and go; the stored list may be lost. When the list rests, a week later all of its entries
    and no others are available.
    """
    site, clock = Site(entry=_with(first)), JumpingClock()

    async def use(loader: Loader, folder: Path) -> None:
        series = await loader.get_series(PROVISIONAL, LINK)
        for before, during, hours, facts, is_lost in rounds:
            _edit(site.ids, before)
            site.between = _one_by_one(list(during))
            site.entry = _with(facts)
            clock.time += timedelta(hours=hours)
            if is_lost:
                shutil.rmtree(folder / "ytdlp")
            former = _places(series)
            series = await loader.refresh(series)
            places = _places(series)
            assert former.items() <= places.items()
            assert len(set(places.values())) == len(places) == len(series.episodes)
        site.between = lambda ids: None
        for _ in range(2):
            clock.time += timedelta(days=8)
            series = await loader.refresh(series)
        assert _listed(series) == set(site.ids)

    _with_loader(site, clock, use, seasons=seasons)


def _with(facts: Facts) -> Callable[[str], ListedEntry]:
    untitled, undated, shift = facts

    def entry(id_: str) -> ListedEntry:
        number = zlib.crc32(id_.encode()) + shift
        has_title = not untitled or number % untitled
        has_date = not undated or number % undated
        day = date(2020, 1, 1) + timedelta(days=number % 2000)
        return attrs.evolve(
            _entry(id_),
            title=f"Part {number % 5}" if has_title else "",
            published=day.isoformat() if has_date else None,
        )

    return entry


def _one_by_one(edits: list[Edit]) -> Callable[[list[str]], None]:
    return lambda ids: _edit(ids, [edits.pop()] if edits else [])


def _edit(ids: list[str], edits: Iterable[Edit]) -> None:
    for kind, where in edits:
        place = where % (len(ids) + 1)
        if kind == "add":
            ids.insert(0, f"n{where}")
        elif kind == "insert":
            ids.insert(place, f"n{where}")
        elif kind == "again" and ids:
            ids.insert(place, ids[where % len(ids)])
        elif kind == "remove" and len(ids) > 1:
            ids.pop(where % len(ids))
        elif kind == "move" and ids:
            ids.insert(0, ids.pop(where % len(ids)))


@pytest.mark.parametrize("index", [0, 15, 29])
def test_an_entry_that_only_slipped_comes_back(index: int) -> None:
    """Removing one between two pages hides another one; the next refresh reads the list again."""
    site, clock = Site(), JumpingClock()

    async def use(loader: Loader, _: Path) -> None:
        first = await loader.get_series(PROVISIONAL, LINK)
        clock.time += timedelta(days=8)
        site.between = _removes(index)
        slipped = await loader.refresh(first)
        assert set(site.ids) - _listed(slipped)
        after = await loader.refresh(slipped)
        assert _listed(after) == set(site.ids)
        assert _places(after) == _places(first)

    _with_loader(site, clock, use)


def test_an_entry_missed_at_first_is_found_a_day_later() -> None:
    """The first listing is confirmed by a second, so nothing is missed for a week."""
    site, clock = Site(between=_removes(3)), JumpingClock()

    async def use(loader: Loader, _: Path) -> None:
        first = await loader.get_series(PROVISIONAL, LINK)
        missed = set(site.ids) - _listed(first)
        assert len(missed) == 1
        clock.time += timedelta(days=1)
        after = await loader.refresh(first)
        assert missed < _listed(after)
        assert {id_: _places(after)[id_] for id_ in _places(first)} == _places(first)

    _with_loader(site, clock, use)


def test_old_entries_at_the_top_hide_no_new_ones() -> None:
    """A pinned or moved video before new ones does not end a refresh; several in a row do."""
    site, clock = Site(), JumpingClock()

    async def use(loader: Loader, _: Path) -> None:
        first = await loader.get_series(PROVISIONAL, LINK)
        site.ids.insert(0, "new")
        for pinned in ("v7", "v50", "v3"):
            site.ids.insert(0, pinned)
        site.pages = 0
        after = await loader.refresh(first)
        assert _listed(after) - _listed(first) == {"new"}
        assert site.pages == 1

    _with_loader(site, clock, use)


def test_a_refresh_reads_no_more_than_needed() -> None:
    """It ends after some stored entries, within the first page."""
    read: list[str] = []

    def entries() -> Iterator[ListedEntry]:
        for id_ in ["new", *LONG]:
            read.append(id_)
            yield _entry(id_)

    found, is_whole = read_list(entries(), frozenset(LONG))

    assert not is_whole
    assert len(found) == len(read) == 1 + KNOWN_IN_A_ROW


def test_the_same_video_in_two_lists_is_two_episodes() -> None:
    """Each list numbers it for itself."""
    site, clock = Site(ids=["a", "b", "c"]), JumpingClock()

    async def run(job: Job | ListingJob) -> Outcome:
        outcome = await site.run(job)
        assert isinstance(outcome, Listing)
        return attrs.evolve(outcome, id=job.source.url.rpartition("/")[2])

    async def main() -> None:
        with tempfile.TemporaryDirectory() as folder:
            context = make_context(Path(folder), clock=clock)
            async with open_loader(context, run=run) as loader:
                first = await loader.get_series(PROVISIONAL, "https://site.org/one")
                site.ids = ["x", "b"]
                second = await loader.get_series(PROVISIONAL, "https://site.org/two")
                assert first.key != second.key
                assert _places(first)["b"] == (1, 2) == _places(second)["b"]
                site.ids = ["x"]
                second = await loader.refresh(second)
                assert _listed(second) == {"x"}
                assert (await loader.get_episodes(first.key))[1] == [1, 2, 3]

    anyio.run(main)


def test_a_deleted_list_keeps_what_is_stored() -> None:
    """Its refresh says that it is gone; numbers and links stay, also when it comes back."""
    site, clock = Site(), JumpingClock()
    is_gone: list[bool] = []

    async def run(job: Job | ListingJob) -> Outcome:
        return Failure.of(SourceGoneError("list")) if is_gone else await site.run(job)

    async def main() -> None:
        with tempfile.TemporaryDirectory() as folder:
            context = make_context(Path(folder), clock=clock)
            async with open_loader(context, run=run) as loader:
                first = await loader.get_series(PROVISIONAL, LINK)
                is_gone.append(True)
                with pytest.raises(SeriesNotFoundError):
                    await loader.refresh(first)
                assert (await loader.get_episodes(first.key))[1] == list(range(1, 76))
                is_gone.clear()
                assert await loader.refresh(first) == first

    anyio.run(main)
