"""Filters, numbering and states of lists that yt-dlp reads."""

import json
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import attrs
import pytest

from aniworld_core.domain.catalogue import (
    LeftOut,
    ListOrder,
    ListRules,
    SeasonRule,
    Series,
    merge_catalogue,
)
from aniworld_core.domain.identity import EpisodeRef, SeriesKey
from aniworld_core.domain.media import ENG_DUB
from aniworld_core.errors import (
    NeedsPersonError,
    ProviderUnavailableError,
    SourceGoneError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.loader import ListLoader
from aniworld_providers.catalogues.ytdlp.factory import open_loader
from aniworld_providers.ytdlp import (
    EntryState,
    Failure,
    Job,
    ListedEntry,
    Listing,
    ListingJob,
    Outcome,
)
from support.adapter_context import JumpingClock, make_context

pytestmark = pytest.mark.anyio

T = TypeVar("T")
LINK = "https://video.test.internal/channel"
KEY = SeriesKey("link-0")


def entry(n: int, title: str = "", /, **fields: Any) -> ListedEntry:
    """Return an entry of the list; the site gives it no numbers."""
    plain = ListedEntry(
        id=f"Site:{n}",
        url=f"https://video.test.internal/watch?v={n}",
        title=title or f"Part {n}",
        published=f"20{20 + n // 12}-{n % 12 + 1:02}-01",
        duration=60.0 * n,
    )
    return attrs.evolve(plain, **fields)


def listing(*entries: ListedEntry, **fields: Any) -> Listing:
    """Return a listing of the channel."""
    plain = Listing(extractor="Site", id="channel", link=LINK, title="Channel", entries=entries)
    return attrs.evolve(plain, **fields)


@attrs.define
class Site:
    """A site whose listing is given.

    Attributes:
        outcome: Listing or error of the next job.
        jobs: Jobs so far.
    """

    outcome: Outcome
    jobs: list[ListingJob] = attrs.field(factory=list)

    async def run(self, job: Job | ListingJob) -> Outcome:
        """Answer a job."""
        assert isinstance(job, ListingJob)
        self.jobs.append(job)
        return self.outcome


@attrs.define
class Stage:
    """The catalogue of one data folder, opened again for each call."""

    folder: Path
    clock: JumpingClock = attrs.field(factory=JumpingClock)

    async def using(self, site: Site, call: Callable[[ListLoader], Awaitable[T]]) -> T:
        """Return the result of a call to the catalogue."""
        context = make_context(self.folder, clock=self.clock)
        async with open_loader(context, run=site.run) as loader:
            assert isinstance(loader, ListLoader)
            return await call(loader)

    async def added(self, site: Site, rules: ListRules = ListRules()) -> Series:  # noqa: B008
        """Return the series after it was added."""
        return await self.using(site, lambda loader: loader.get_list(KEY, LINK, rules))

    async def refreshed(self, site: Site, known: Series) -> Series:
        """Return the series after a refresh."""
        return await self.using(site, lambda loader: loader.refresh(known))


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def numbers(series: Series) -> dict[str, tuple[int, int]]:
    """Return title → season and number."""
    return {e.titles.en or "": (e.season, e.number) for e in series.episodes}


async def test_filters_choose_from_numbered_entries(stage: Stage) -> None:
    """An entry has the same number whatever the filters are; a changed filter sends no request."""
    site = Site(listing(*(entry(n, "Trailer" if n % 2 else "") for n in range(1, 7))))
    few = await stage.added(site, ListRules(exclude=("trailer",), newest=2))
    assert numbers(few) == {"Part 4": (1, 4), "Part 6": (1, 6)}

    loose = attrs.evolve(few, list_rules=ListRules(exclude=("trailer",)))
    more = await stage.using(site, lambda loader: loader.choose(loose))
    assert numbers(more) == {"Part 2": (1, 2), "Part 4": (1, 4), "Part 6": (1, 6)}
    assert len(site.jobs) == 1


async def test_a_refresh_obeys_the_filters(stage: Stage) -> None:
    """New entries that the filters leave out are no episodes, but have their numbers."""
    site = Site(listing(entry(1), entry(2)))
    known = await stage.added(site, ListRules(max_seconds=180))
    site.outcome = listing(*(entry(n) for n in range(1, 5)), entry(9, "Short", duration=1.0))
    fresh = await stage.refreshed(site, known)
    assert numbers(fresh) == {"Part 1": (1, 1), "Part 2": (1, 2), "Part 3": (1, 3), "Short": (1, 5)}


async def test_a_file_stays_when_filters_leave_its_episode_out(stage: Stage) -> None:
    """The episode stays in the library with its file; others disappear."""
    site = Site(listing(entry(1), entry(2)))
    known = await stage.added(site)
    here = attrs.evolve(known.episodes[0], downloaded=True, file="a.mkv")
    stored = attrs.evolve(known.with_episode(here), list_rules=ListRules(include=("none",)))
    fresh = await stage.using(site, lambda loader: loader.choose(stored))
    assert merge_catalogue(stored, fresh).episodes == (here,)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (ListRules(), [(1, 7), (3, 1), (0, 1)]),
        (ListRules(seasons=SeasonRule.SITE), [(1, 7), (3, 1), (0, 1)]),
        (ListRules(seasons=SeasonRule.ONE), [(1, 3), (1, 2), (1, 1)]),
        (ListRules(seasons=SeasonRule.ONE, order=ListOrder.LIST), [(1, 1), (1, 2), (1, 3)]),
        (ListRules(seasons=SeasonRule.ONE, order=ListOrder.REVERSED), [(1, 3), (1, 2), (1, 1)]),
        (ListRules(seasons=SeasonRule.YEAR), [(2022, 1), (2021, 1), (2020, 1)]),
    ],
)
async def test_the_numbering_is_a_rule_of_the_series(
    stage: Stage, rules: ListRules, expected: list[tuple[int, int]]
) -> None:
    """Numbers of the site, one season or one per year; by date or in the order of the list."""
    listed = (
        entry(30, "new", number=7),
        entry(20, "middle", season=3, number=1),
        entry(5, "old"),
    )
    found = numbers(await stage.added(Site(listing(*listed)), rules))
    assert [found[title] for title in ("new", "middle", "old")] == expected


async def test_numbers_are_frozen(stage: Stage) -> None:
    """Another numbering decides about later entries only."""
    site = Site(listing(entry(1), entry(20)))
    known = await stage.added(site)
    yearly = attrs.evolve(known, list_rules=ListRules(seasons=SeasonRule.YEAR))
    site.outcome = listing(entry(1), entry(20), entry(40))
    assert numbers(await stage.refreshed(site, yearly)) == {
        "Part 1": (1, 1),
        "Part 20": (1, 2),
        "Part 40": (2023, 1),
    }


@pytest.mark.parametrize("has_ids", [True, False])
async def test_a_lost_list_gets_the_numbers_of_the_library(stage: Stage, has_ids: bool) -> None:
    """Entries keep their numbers by their ids, or by unique titles of an older library."""
    site = Site(listing(*(entry(n) for n in range(3, 6))))
    known = await stage.added(site)
    if not has_ids:
        plain = (attrs.evolve(e, catalogue_id="") for e in known.episodes)
        known = attrs.evolve(known, episodes=tuple(plain))
    for file in (stage.folder / "ytdlp").glob("site-*.json"):
        file.write_text("broken")
    ref = EpisodeRef(known.key, 1, 1)
    with pytest.raises(ProviderUnavailableError, match="lost"):
        await stage.using(site, lambda loader: loader.get_sources(ref, ENG_DUB, LINK))

    # An entry left the list and an older one came: in the order of dates all would shift.
    site.outcome = listing(entry(1), entry(4), entry(5))
    fresh = await stage.refreshed(site, known)
    assert numbers(fresh) == {
        "Part 3": (1, 1),
        "Part 4": (1, 2),
        "Part 5": (1, 3),
        "Part 1": (1, 4),
    }
    assert [e.available for e in fresh.episodes] == [False, True, True, True]


async def test_a_preview_stores_nothing_and_its_listing_is_used(stage: Stage) -> None:
    """It shows counts and numbers; adding the series afterwards sends no second request."""
    site = Site(listing(*(entry(n) for n in range(1, 9)), entry(9, published=None)))
    rules = ListRules(published_from=date(2020, 4, 1), newest=3)

    async def call(loader: ListLoader) -> Series:
        preview = await loader.preview(LINK, rules, limit=2)
        assert (preview.name, preview.total, preview.taken) == ("Channel", 9, 3)
        assert preview.left_out == {LeftOut.DATE: 2, LeftOut.NO_DATE: 1, LeftOut.NEWEST: 3}
        assert [e.title for e in preview.entries] == ["Part 6", "Part 7"]
        assert not list(stage.folder.rglob("*.json"))
        return await loader.get_list(KEY, LINK, rules)

    series = await stage.using(site, call)
    assert len(site.jobs) == 1
    stored = await stage.using(site, lambda loader: loader.preview(LINK, ListRules(), limit=9))
    assert [(e.season, e.number) for e in stored.entries if e.title in numbers(series)] == list(
        numbers(series).values()
    )
    assert len(site.jobs) == 1


@pytest.mark.parametrize("state", EntryState)
async def test_a_state_is_a_reason_with_a_link(stage: Stage, state: EntryState) -> None:
    """An entry that cannot be downloaded names the reason and its page, and never is missing."""
    site = Site(listing(entry(1, state=state)))
    (episode,) = (await stage.added(site)).episodes
    assert episode.available is (state is EntryState.AVAILABLE)
    assert (episode.unavailable is None) is episode.available
    assert episode.link == "https://video.test.internal/watch?v=1"
    if state is not EntryState.AVAILABLE:
        assert episode.unavailable is not None
        assert episode.unavailable.kind == f"entry_{state.replace('-', '_')}"

    site.outcome = listing(entry(1))
    (later,) = (await stage.refreshed(site, await stage.added(site))).episodes
    assert later.available
    assert later.unavailable is None


REFUSALS = [
    (NeedsPersonError("x", LINK, Message("region_blocked")), "entry_region"),
    (NeedsPersonError("x", LINK, Message("age_check_wanted")), "entry_age"),
    (NeedsPersonError("x", LINK, Message("login_wanted")), "entry_login"),
    (SourceGoneError("x", Message("site_says_private")), "entry_private"),
    (SourceGoneError("x", Message("http_status", status=410)), "entry_gone"),
]


@pytest.mark.parametrize(("refusal", "kind"), REFUSALS, ids=[kind for _, kind in REFUSALS])
async def test_a_refused_single_video_is_a_state(
    stage: Stage, refusal: NeedsPersonError | SourceGoneError, kind: str
) -> None:
    """A refresh does not fail again and again; the video is available again later."""
    site = Site(listing(entry(1), is_single=True))
    known = await stage.added(site)
    site.outcome = Failure.of(refusal)
    refused = await stage.refreshed(site, known)
    assert [e.unavailable and e.unavailable.kind for e in refused.episodes] == [kind]
    site.outcome = listing(entry(1), is_single=True)
    assert (await stage.refreshed(site, refused)).episodes == known.episodes


async def test_a_bot_check_stays_an_error(stage: Stage) -> None:
    """It says nothing about the video."""
    site = Site(listing(entry(1), is_single=True))
    known = await stage.added(site)
    site.outcome = Failure.of(NeedsPersonError("x", LINK, Message("bot_check")))
    with pytest.raises(NeedsPersonError):
        await stage.refreshed(site, known)


async def test_one_video_in_two_lists_is_in_two_series(stage: Stage) -> None:
    """Each series has its own key and its own numbers of the video."""
    first = await stage.added(Site(listing(entry(1), entry(2))))
    other = listing(entry(2), id="best-of", link=f"{LINK}/best", title="Best of")
    second = await stage.using(
        Site(other), lambda loader: loader.get_list(KEY, f"{LINK}/best", ListRules())
    )
    assert first.key != second.key
    assert numbers(first)["Part 2"] == (1, 2)
    assert numbers(second)["Part 2"] == (1, 1)
    assert first.episodes[1].link == second.episodes[0].link


async def test_odd_entries_are_episodes(stage: Stage) -> None:
    """Without title and date, with 300 characters, emoji or right-to-left text."""
    titles = ["", "Ä" * 300, "🎉🎊", "עברית פרק", "\u202etxet"]
    odd = [entry(n, published=None, duration=None) for n in range(len(titles))]
    listed = [attrs.evolve(e, title=t) for e, t in zip(odd, titles, strict=True)]
    site = Site(listing(*listed))
    known = await stage.added(site)
    assert [e.titles.en or "" for e in known.episodes] == titles
    assert (await stage.refreshed(site, known)) == known
    rules = ListRules(include=("פרק", "🎊"), seasons=SeasonRule.YEAR)
    assert len((await stage.added(site, rules)).episodes) == 2


async def test_a_file_of_a_former_version_is_read(stage: Stage) -> None:
    """Entries that waited become upcoming; everything else stays."""
    site = Site(listing(entry(1), entry(2)))
    known = await stage.added(site)
    (file,) = (stage.folder / "ytdlp").glob("site-*.json")
    document = json.loads(file.read_text())
    document.pop("is_single")
    for each in document["entries"]:
        each["entry"].pop("is_live")
        each["entry"].pop("is_short")
    document["entries"][0]["entry"]["state"] = "waiting"
    file.write_text(json.dumps(document))
    series = await stage.using(site, lambda loader: loader.choose(known))
    assert [e.unavailable and e.unavailable.kind for e in series.episodes] == [
        "entry_upcoming",
        None,
    ]
    assert len(site.jobs) == 1


async def test_a_rate_limit_without_a_time_gets_a_backoff(stage: Stage) -> None:
    """The site gets no request until the wait is over; each further refusal doubles it."""
    limit = ProviderUnavailableError("x", Message("http_status", status=429))
    site = Site(Failure.of(limit))
    waits = []

    async def call(loader: ListLoader) -> None:
        for _ in range(3):
            with pytest.raises(ProviderUnavailableError) as caught:
                await loader.get_list(KEY, LINK, ListRules())
            waits.append(caught.value.retry_after)
            with pytest.raises(ProviderUnavailableError, match="fewer requests"):
                await loader.get_list(KEY, f"{LINK}/other", ListRules())
            stage.clock.time += caught.value.retry_after or timedelta()

    await stage.using(site, call)
    assert waits == [timedelta(minutes=n) for n in (1, 2, 4)]
    assert len(site.jobs) == 3


async def test_looking_at_a_list_gives_no_numbers(stage: Stage) -> None:
    """A list that was only shown is numbered by the rules with which it is added later."""
    site = Site(listing(entry(1), entry(2), entry(3)))
    reversed_list = ListRules(order=ListOrder.REVERSED)

    async def look(loader: ListLoader) -> Series:
        return await loader.peek(KEY, LINK, ListRules())

    shown = await stage.using(site, look)
    added = await stage.added(site, reversed_list)
    later = await stage.using(site, look)

    assert numbers(shown) == {"Part 1": (1, 1), "Part 2": (1, 2), "Part 3": (1, 3)}
    assert numbers(added) == numbers(later)
    assert numbers(added) == {"Part 3": (1, 1), "Part 2": (1, 2), "Part 1": (1, 3)}


async def test_adding_what_was_shown_asks_once(stage: Stage) -> None:
    """The listing of a look is used for a while."""
    site = Site(listing(entry(1)))

    async def both(loader: ListLoader) -> Series:
        await loader.peek(KEY, LINK, ListRules())
        return await loader.get_list(KEY, LINK, ListRules())

    assert len((await stage.using(site, both)).episodes) == 1
    assert len(site.jobs) == 1
