"""Identify series in metadata sources."""

from collections.abc import Sequence
from datetime import timedelta

import attrs
import pytest

from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.library import Identification, SourceResultView
from aniworld_core.domain.catalogue import (
    AirDate,
    MetadataEntry,
    RelatedEntry,
    Series,
    missing_episodes,
    without_unaired,
)
from aniworld_core.domain.configuration import Config, ProviderConfig
from aniworld_core.domain.library.matching.entries import EntryCandidate, sure_entry
from aniworld_core.errors import (
    MetadataNotFoundError,
    ProviderUnavailableError,
    UnknownProviderError,
)
from aniworld_core.testing import MemoryStorage, make_episode, make_series
from aniworld_core.testing.fakes import FakeClock, FakeMetadataSource

pytestmark = pytest.mark.anyio

CLOCK = FakeClock()
NOW = CLOCK.now()


def make_entry(entry_id: str = "1", title: str = "Alpha", **changes: object) -> MetadataEntry:
    """Return an entry of 2013 with two episodes, of which the second airs tomorrow."""
    entry = MetadataEntry(
        source="fake",
        id=entry_id,
        title=title,
        link=f"https://example.org/{entry_id}",
        fetched_at=NOW,
        aliases=("Other Alpha",),
        year=2013,
        episode_count=2,
        external_ids=(f"fake-{entry_id}", f"mal-{entry_id}"),
        air_dates=(
            AirDate(number=1, at=NOW - timedelta(days=6)),
            AirDate(number=2, at=NOW + timedelta(days=1)),
        ),
    )
    return attrs.evolve(entry, **changes)  # type: ignore[arg-type]  # fields by name


def make_identification(
    storage: MemoryStorage, *entries: MetadataEntry, config: Config | None = None
) -> tuple[Identification, FakeMetadataSource]:
    """Return the use case with one source."""
    source = FakeMetadataSource(entries=entries)
    identification = Identification(
        sources=[source],
        metadata=storage.metadata,
        series=storage.series,
        config=CurrentConfig(config or Config()),
        clock=FakeClock(),
    )
    return identification, source


async def stored(series: Series) -> MemoryStorage:
    """Return a storage with a series."""
    storage = MemoryStorage()
    await storage.series.add(series)
    return storage


async def test_a_sure_entry_gives_ids_aliases_and_air_dates() -> None:
    """Title and year are enough; the episode of tomorrow is announced, not missing."""
    series = make_series(name="Alpha", year=2013)
    storage = await stored(series)
    identification, _ = make_identification(storage, make_entry(), make_entry("2", "Beta"))

    [result] = await identification.identify(series.key)

    assert result.metadata is not None
    assert SourceResultView.of(series.key, result, NOW).state == "identified"
    changed = await storage.series.get(series.key)
    assert {"fake-1", "mal-1"} <= set(changed.external_ids)
    assert changed.alternative_titles == ("Other Alpha",)
    assert [ref.code for ref in missing_episodes(changed)] == ["S01E01"]


@pytest.mark.parametrize(
    "entries",
    [
        (make_entry("1"), make_entry("2")),
        (make_entry("1", year=1999),),
        (make_entry("1", "Alpha Zero"),),
        (make_entry("1", year=None, episode_count=None),),
    ],
    ids=["same title", "other year", "other title", "title only"],
)
async def test_an_unsure_entry_is_left_to_a_person(entries: tuple[MetadataEntry, ...]) -> None:
    """Nothing is stored, the candidates are listed, and the chosen one stays."""
    series = make_series(name="Alpha", year=2013, alternative_titles=("Alpha Zero",))
    series = attrs.evolve(series, alternative_titles=())
    storage = await stored(series)
    identification, source = make_identification(storage, *entries)

    [result] = await identification.identify(series.key)

    assert result.metadata is None
    assert list(await storage.metadata.of_series(series.key)) == []
    assert await storage.series.get(series.key) == series
    chosen = await identification.choose(series.key, "fake", "1")
    assert chosen.metadata is not None
    [again] = await identification.identify(series.key)
    assert again.metadata is not None
    assert (again.metadata.entry.id, again.metadata.chosen) == ("1", True)
    assert source.asked[-1] == "1"


async def test_another_choice_removes_the_former_ids_and_aliases() -> None:
    """A corrected entry leaves nothing of the wrong one behind."""
    series = make_series(name="Alpha", year=2013)
    storage = await stored(series)
    identification, _ = make_identification(
        storage, make_entry(), make_entry("2", "Beta", aliases=("Other Beta",))
    )
    await identification.identify(series.key)

    await identification.choose(series.key, "fake", "2")

    changed = await storage.series.get(series.key)
    assert set(changed.external_ids) == {"fake-2", "mal-2"}
    assert changed.alternative_titles == ("Beta", "Other Beta")


async def test_an_id_decides_before_the_title() -> None:
    """A known id identifies the series; another id in the same database excludes an entry."""
    series = make_series(name="Alpha", year=2013, external_ids=("mal-2",))
    storage = await stored(series)
    identification, source = make_identification(storage, make_entry(), make_entry("2", "Beta"))

    [result] = await identification.identify(series.key)

    assert result.metadata is not None
    assert result.metadata.entry.id == "2"
    source.entries = [make_entry()]
    await storage.metadata.forget(series.key, "fake")
    [other] = await identification.identify(series.key)
    assert other.metadata is None


@pytest.mark.parametrize(
    ("entry", "is_taken"),
    [
        (make_entry("2", "Beta"), True),  # a translated title in the same year
        (make_entry("2", "Beta", aliases=(), year=2014), True),
        (make_entry("2", "Beta", aliases=(), year=None), True),
        (make_entry("2", "Beta", aliases=(), year=1999), False),
        (make_entry("2", "Alpha", year=1999), True),
        (make_entry("2", "Beta", external_ids=("fake-2", "mal-2", "imdb-tt7")), False),
        (make_entry("2", "Alpha", external_ids=("fake-2", "mal-2", "imdb-tt7")), False),
        (make_entry("2", "Beta", external_ids=("fake-2", "mal-2", "imdb-tt1")), True),
    ],
)
async def test_a_wrong_id_is_left_to_a_person(entry: MetadataEntry, is_taken: bool) -> None:
    """An entry with an id of the series is doubted if another id, or title and year, differ."""
    ids = ("imdb-tt1", "mal-2")
    series = make_series(name="Alpha", year=2013, external_ids=ids)
    storage = await stored(series)
    identification, _ = make_identification(storage, entry)

    [result] = await identification.identify(series.key)

    assert (result.metadata is not None) is is_taken
    if not is_taken:
        assert [(c.entry.id, c.score < 85) for c in result.candidates] == [("2", True)]
        after = await storage.series.get(series.key)
        assert (after.external_ids, after.alternative_titles) == (ids, ())


async def test_a_failing_source_keeps_what_is_known() -> None:
    """The stored entry stays in use, and the error is reported."""
    series = make_series(name="Alpha", year=2013)
    storage = await stored(series)
    identification, source = make_identification(storage, make_entry())
    await identification.identify(series.key)
    source.failure = ProviderUnavailableError("fake", "it is down")

    [result] = await identification.identify(series.key)

    assert result.error is source.failure
    assert result.metadata is not None
    assert SourceResultView.of(series.key, result, NOW).state == "failed"


async def test_a_source_can_be_switched_off() -> None:
    """A disabled source is never requested."""
    series = make_series(name="Alpha", year=2013)
    storage = await stored(series)
    config = Config(providers={"fake": ProviderConfig(enabled=False)})
    identification, source = make_identification(storage, make_entry(), config=config)

    assert list(await identification.identify(series.key)) == []
    with pytest.raises(UnknownProviderError):
        await identification.choose(series.key, "fake", "1")
    assert source.asked == []


async def test_an_unknown_entry_is_an_error() -> None:
    """An unknown id changes nothing."""
    series = make_series(name="Alpha", year=2013)
    storage = await stored(series)
    identification, _ = make_identification(storage, make_entry())

    with pytest.raises(MetadataNotFoundError):
        await identification.choose(series.key, "fake", "9")
    assert await storage.series.get(series.key) == series


def test_dates_without_season_apply_to_a_single_season_only() -> None:
    """An entry may be that of any season, so it never hides an episode of another one."""
    two = make_series(episodes=[make_episode(2, 1), make_episode(2, 2)])
    one = make_series(episodes=[make_episode(2, 1), make_episode(2, 0)])
    here = make_series(episodes=[make_episode(2, 1, downloaded=True, file="x.mkv")])

    assert without_unaired(two, [make_entry()], NOW) == two
    assert [e.available for e in without_unaired(one, [make_entry()], NOW).episodes] == [
        True,
        False,
    ]
    assert without_unaired(here, [make_entry()], NOW) == here
    assert without_unaired(one, [make_entry()], NOW + timedelta(days=2)) == one


async def test_the_whole_library_is_identified_once() -> None:
    """A second run asks only about series without a young entry, so an ended run goes on."""
    storage = MemoryStorage()
    titles = ("Alpha", "Beta", "Gamma", "Delta")
    for number, title in enumerate(titles):
        await storage.series.add(make_series(f"s-{number}", name=title, year=2013))
    entries = [make_entry(str(n), title, aliases=()) for n, title in enumerate(titles)]
    identification, source = make_identification(storage, *entries)

    async for key, _ in identification.identify_all(max_age=timedelta(days=7)):
        first = key
        break
    source.asked.clear()
    rest = [key async for key, _ in identification.identify_all(max_age=timedelta(days=7))]
    again = [key async for key, _ in identification.identify_all(max_age=timedelta(days=7))]

    assert sorted([first, *rest]) == [f"s-{n}" for n in range(4)]
    assert again == []
    everything = [k async for k, _ in identification.identify_all(max_age=timedelta())]
    assert len(everything) == 4


async def test_a_silent_source_is_left_out_of_the_rest() -> None:
    """One error ends the requests to it; other errors do not."""
    storage = MemoryStorage()
    for number in range(3):
        await storage.series.add(make_series(f"s-{number}", name=f"Series {number}"))
    identification, source = make_identification(storage)
    source.failure = ProviderUnavailableError("fake", "it is down")

    results = [each async for each in identification.identify_all(max_age=timedelta(days=7))]

    assert len(results) == 1
    assert len(source.asked) == 1


async def test_a_local_source_comes_first_and_says_nothing_without_files() -> None:
    """Its ids help the other sources."""
    series = make_series(name="Alpha", year=2013)
    storage = await stored(series)
    entry = make_entry(source="files", external_ids=("files-1", "mal-7"), air_dates=())
    local = _LocalSource(entries=[entry], called="files")
    # Its title is another one, so only the id of the files leads to it.
    remote = FakeMetadataSource(entries=[make_entry("5", "Omega", external_ids=("mal-7",))])
    identification = Identification(
        sources=[remote, local],
        metadata=storage.metadata,
        series=storage.series,
        config=CurrentConfig(Config()),
        clock=FakeClock(),
    )

    results = await identification.identify(series.key)
    local.entries = ()
    await storage.metadata.forget(series.key, "files")

    assert [(r.source, r.metadata and r.metadata.entry.id) for r in results] == [
        ("files", "1"),
        ("fake", "5"),
    ]
    assert [r.source for r in await identification.identify(series.key)] == ["fake"]


class _LocalSource(FakeMetadataSource):
    @property
    def is_local(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("scores", "is_sure"),
    [((85,), True), ((84,), False), ((100, 90), True), ((100, 91), False), ((), False)],
)
def test_an_entry_is_sure_by_its_score_and_its_lead(scores: Sequence[int], is_sure: bool) -> None:
    """It needs 85 points, and 10 more than the next one."""
    ranked = [
        EntryCandidate(entry=make_entry(str(number)), score=score)
        for number, score in enumerate(scores)
    ]

    assert sure_entry(ranked) == (ranked[0].entry if is_sure else None)


def make_season(number: int, *, of: int = 3, **changes: object) -> MetadataEntry:
    """Return the entry of a season with its relations to the seasons before and after it."""
    near = (("prequel", number - 1), ("sequel", number + 1))
    related = tuple(
        RelatedEntry(relation=relation, id=str(other), title=f"Alpha {other}", kind="tv")
        for relation, other in near
        if 1 <= other <= of
    )
    title = "Alpha" if number == 1 else f"Alpha Part {number}"
    entry = make_entry(
        str(number), title, kind="tv", related=related, aliases=(), year=2012 + number
    )
    return attrs.evolve(entry, **changes)  # type: ignore[arg-type]  # fields by name


def make_seasons(*sizes: int) -> Series:
    """Return a series with seasons of these sizes."""
    listed = [make_episode(n, s) for s, size in enumerate(sizes, 1) for n in range(1, size + 1)]
    return make_series(name="Alpha", year=2013, episodes=listed)


@pytest.mark.parametrize("chosen", ["1", "2", "3"])
async def test_sequels_are_followed_in_both_directions(chosen: str) -> None:
    """Whichever season is the entry: titles lead to their seasons, and so do air dates."""
    series = make_seasons(2, 2, 2)
    storage = await stored(series)
    entries = [make_season(n) for n in (1, 2, 3)]
    identification, _ = make_identification(storage, *entries)

    await identification.choose(series.key, "fake", chosen)

    changed = await storage.series.get(series.key)
    assert [(p.season, p.before, p.titles) for p in changed.parts] == [
        (2, 0, ("Alpha Part 2",)),
        (3, 0, ("Alpha Part 3",)),
    ]
    missing = [ref.code for ref in missing_episodes(changed)]
    assert missing == ["S01E01", "S02E01", "S03E01"]  # the second one of each airs tomorrow


async def test_a_story_in_a_circle_ends() -> None:
    """Entries that are sequels of each other name no season and cost few requests."""
    series = make_seasons(2, 2)
    storage = await stored(series)
    circle = RelatedEntry(relation="prequel", id="2", title="Alpha 2", kind="tv")
    entries = [
        make_season(1, of=1, related=(circle,)),
        make_season(2, of=2, related=(attrs.evolve(circle, id="1"),)),
    ]
    identification, source = make_identification(storage, *entries)

    await identification.choose(series.key, "fake", "1")

    assert (await storage.series.get(series.key)).parts == ()
    assert len(source.asked) <= 4


async def test_a_story_stays_when_the_source_fails_on_the_way() -> None:
    """A sequel that cannot be read leaves the stored story; without one, no season is guessed."""
    series = make_seasons(2, 2)
    storage = await stored(series)
    both = [make_season(n, of=2) for n in (1, 2)]
    identification, source = make_identification(storage, *both)
    source.entries = both[:1]

    [result] = await identification.identify(series.key)
    unread = await storage.series.get(series.key)
    source.entries = both
    await identification.identify(series.key)
    source.entries = both[:1]
    await identification.identify(series.key)

    assert result.metadata is not None
    assert unread.parts == ()
    assert [p.season for p in (await storage.series.get(series.key)).parts] == [2]
