"""Sequels and prequels, and the seasons that they are in a catalogue."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.catalogue import (
    PREQUEL,
    SEQUEL,
    MetadataEntry,
    RelatedEntry,
    SeasonPart,
    following,
    has_unclear_start,
    season_parts,
    with_metadata,
    without_metadata,
)
from aniworld_core.testing import at, make_episode, make_series

#: Seasons of a catalogue, each as the counts of the entries that fill it.
SPLITS = st.lists(st.lists(st.integers(1, 30), min_size=1, max_size=3), min_size=2, max_size=6)


def _story(counts: list[int | None], own: int = 0) -> list[RelatedEntry]:
    return [
        RelatedEntry(
            relation="self" if n == own else SEQUEL if n > own else PREQUEL,
            id=str(n),
            title=f"Title {n}",
            kind="tv",
            episode_count=count,
        )
        for n, count in enumerate(counts)
    ]


@given(SPLITS, st.data())
def test_entries_fill_the_seasons_in_order(splits: list[list[int]], data: st.DataObject) -> None:
    """Every episode of every later entry has one place, and the places follow each other."""
    counts = [count for season in splits for count in season]
    own = data.draw(st.integers(0, len(counts) - 1))
    seasons = {number: sum(split) for number, split in enumerate(splits, start=1)}

    parts = season_parts(_story([*counts], own), seasons)

    places = [
        (part.season, number)
        for part in parts
        for each in range(1, (part.count or 0) + 1)
        for number in part.numbers_in_season([each]) or (part.before + each,)
    ]
    everything = [(season, n) for season, size in seasons.items() for n in range(1, size + 1)]
    assert places == everything[counts[0] :]
    assert [part.ordinal for part in parts] == list(range(2, len(counts) + 1))


@given(st.lists(st.integers(1, 30), min_size=2, max_size=6), st.data())
def test_a_running_last_season_still_fits(counts: list[int], data: st.DataObject) -> None:
    """The catalogue may list fewer episodes of the last entry, whose count may be unknown."""
    listed = data.draw(st.integers(1, counts[-1]))
    known = data.draw(st.sampled_from([counts[-1], None]))
    seasons = {**dict(enumerate(counts[:-1], start=1)), len(counts): listed}

    parts = season_parts(_story([*counts[:-1], known]), seasons)

    assert [(part.season, part.before) for part in parts] == [
        (season, 0) for season in range(2, len(counts) + 1)
    ]


@pytest.mark.parametrize(
    ("counts", "own", "seasons", "expected"),
    [
        ([12, 12], 0, {1: 12, 2: 13}, [(2, 0)]),  # a recap more than the entry has
        ([12, 12], 0, {1: 24}, [(1, 12)]),  # two halves of one season
        ([25, 12, 10, 16], 0, {1: 25, 2: 12, 3: 10, 4: 16}, [(2, 0), (3, 0), (4, 0)]),
        ([12, 12], 0, {1: 12}, []),  # the catalogue lists the first part only
        ([12, 12], 1, {1: 12}, []),  # the catalogue lists the second part only
        ([12, 24], 1, {1: 5}, []),  # and has begun to
        ([12, 12], 0, {1: 12, 2: 20}, []),  # another second season
        ([12, 12, 12], 0, {1: 20, 2: 16}, []),  # nothing ends with a season
        ([12, None, 12], 0, {1: 12, 2: 12, 3: 12}, [(2, 0), (3, 0)]),
        ([12], 0, {1: 12}, []),
        ([12, 12], 0, {}, []),
    ],
)
def test_what_does_not_fit_names_no_season(
    counts: list[int | None], own: int, seasons: dict[int, int], expected: list[tuple[int, int]]
) -> None:
    """Parts need counts that agree, or one season for each entry."""
    parts = season_parts(_story(counts, own), seasons)

    assert [(part.season, part.before) for part in parts] == expected


def test_films_and_shared_titles_name_no_season() -> None:
    """A film between two seasons is skipped; a title of two entries, or of the series, is none."""
    first, film, second = _story([12, 1, 12])
    story = [
        first,
        attrs.evolve(film, kind="movie"),
        attrs.evolve(second, titles=("Title 0", "Both", "ALPHA", "Second")),
    ]
    story[0] = attrs.evolve(first, titles=("Both",))

    [part] = season_parts(story, {1: 12, 2: 12}, ["Alpha"])

    assert part == SeasonPart(ordinal=2, season=2, count=12, titles=("Title 2", "Second"))


@pytest.mark.parametrize(
    ("before", "count", "numbers", "expected"),
    [
        (12, 12, (3,), (15,)),
        (12, 12, (15,), (15,)),
        (12, 12, (25,), None),
        (10, 12, (11,), None),
        (10, 12, (9, 10), (19, 20)),
        (0, 12, (13,), None),
        (0, None, (40,), (40,)),
    ],
)
def test_numbers_restart_or_run_on(
    before: int, count: int | None, numbers: tuple[int, ...], expected: tuple[int, ...] | None
) -> None:
    """A number that both ways of counting allow, or none does, is not guessed."""
    part = SeasonPart(ordinal=2, season=1, before=before, count=count)

    assert part.numbers_in_season(numbers) == expected


def _related(*kinds: str, relation: str = SEQUEL) -> list[RelatedEntry]:
    return [
        RelatedEntry(relation=relation, id=str(n), title=kind, kind=kind)
        for n, kind in enumerate(kinds)
    ]


@pytest.mark.parametrize(
    ("kinds", "title"),
    [
        (["tv"], "tv"),
        (["movie", "tv", "special"], "tv"),
        (["movie", "ova"], "movie"),
        (["ova", "special", "music", ""], None),
        (["tv", "ona"], None),
        ([], None),
    ],
)
def test_a_fork_ends_a_story(kinds: list[str], title: str | None) -> None:
    """A season comes before films; of two seasons nobody knows the next."""
    found = following(_related(*kinds), SEQUEL)

    assert (found.title if found else None) == title
    assert following(_related(*kinds), PREQUEL) is None
    assert has_unclear_start(_related(*kinds, relation=PREQUEL)) is (kinds == ["tv", "ona"])


def test_parts_come_and_go_with_their_entry() -> None:
    """They follow the episodes of the catalogue, and an entry of another source keeps them."""
    listed = [make_episode(n, s) for s in (1, 2) for n in (1, 2, 3)]
    series = make_series("alpha", episodes=listed)
    entry = MetadataEntry(
        source="fake",
        id="0",
        title="Title",
        link="",
        fetched_at=at(0),
        story=tuple(_story([3, 3])),
    )
    other = attrs.evolve(entry, source="other", story=())

    known = with_metadata(series, entry)

    assert [part.season for part in known.parts] == [2]
    assert with_metadata(known, other).parts == known.parts
    assert with_metadata(known, attrs.evolve(entry, story=()), previous=entry).parts == ()
    assert with_metadata(attrs.evolve(known, episodes=listed[:3]), entry).parts == ()
    assert without_metadata(known, entry).parts == ()
    assert without_metadata(known, other).parts == known.parts


def test_aliases_of_an_entry_are_no_repetitions_and_limited() -> None:
    """The name of the series is none of them, nor is a title that it has already."""
    series = attrs.evolve(make_series("alpha", name="Alpha"), alternative_titles=("Own", "Title"))
    aliases = ("Alpha", "Own", *(f"Alias {number}" for number in range(99)))
    entry = MetadataEntry(
        source="fake", id="0", title="Title", link="", fetched_at=at(0), aliases=aliases
    )

    known = with_metadata(series, entry)

    # 50 titles of the entry are read: three of them are known.
    assert known.alternative_titles == (
        "Own",
        "Title",
        *(f"Alias {number}" for number in range(47)),
    )
