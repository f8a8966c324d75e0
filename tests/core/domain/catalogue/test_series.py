"""Series: episodes, missing episodes, and merging with a catalogue listing."""

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.catalogue import (
    Titles,
    merge_catalogue,
    missing_by_season,
    missing_episodes,
    summarise,
)
from aniworld_core.domain.identity import EpisodeSelection, FolderName
from aniworld_core.domain.media import ENG_SUB, GER_DUB, GER_SUB, Language
from aniworld_core.errors import EpisodeNotFoundError
from aniworld_core.testing.factories import make_episode, make_series

FACTS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 9), st.booleans(), st.booleans()),
    max_size=12,
    unique_by=lambda fact: fact[:2],
)


@pytest.mark.parametrize(
    ("language", "titles", "title"),
    [
        (GER_DUB, Titles(de="D", en="E"), "D"),
        (GER_SUB, Titles(de="D", en="E"), "D"),
        (ENG_SUB, Titles(de="D", en="E"), "E"),
        (None, Titles(de="D", en="E"), "E"),
        (GER_DUB, Titles(en="E"), "E"),
        (ENG_SUB, Titles(de="D"), "D"),
        (GER_DUB, Titles(), "Episode 7"),
        (Language("fr"), Titles(de="", en=""), "Episode 7"),
    ],
)
def test_titles_follow_the_wanted_language(
    language: Language | None, titles: Titles, title: str
) -> None:
    """The title is German for German, else English, else any, else the number."""
    assert titles.preferred(language, 7) == title


def test_episodes_are_found_by_every_number() -> None:
    """A double episode is found by both numbers; unknown numbers raise an error."""
    series = make_series(episodes=[make_episode(3, 1, last_number=4), make_episode(1, 1)])
    assert [e.number for e in series.episodes] == [1, 3]
    assert series.episode(1, 4) == series.episode(1, 3) == series.episodes[1]
    for season, number in ((1, 2), (1, 5), (2, 1)):
        with pytest.raises(EpisodeNotFoundError):
            series.episode(season, number)


def test_one_episode_is_replaced() -> None:
    """Only the episode with the same season and number is replaced."""
    series = make_series(episodes=[make_episode(1, 1), make_episode(2, 1)])
    changed = series.with_episode(make_episode(2, 1, downloaded=True))
    assert [e.downloaded for e in changed.episodes] == [False, True]


@given(FACTS)
def test_counting_agrees_with_itself(facts: list[tuple[int, int, bool, bool]]) -> None:
    """Missing, downloaded and announced episodes add up to all."""
    series = make_series(
        episodes=[
            make_episode(number, season, available=available, downloaded=downloaded)
            for season, number, available, downloaded in facts
        ]
    )
    missing = missing_episodes(series)
    summary = summarise(series)
    assert list(missing) == sorted(missing)
    assert summary.total - summary.have == len(missing)
    assert sum(len(numbers) for numbers in summary.missing.values()) == len(missing)
    assert summary.missing == missing_by_season(reversed(series.episodes))
    assert summary.have == sum(e.downloaded for e in series.episodes)


def test_the_library_survives_catalogue_news() -> None:
    """Folder, preferences and downloads stay; names, links and episodes are updated."""
    stored = make_series(
        name="Old",
        folder=FolderName("Mine"),
        monitored=False,
        description="kept",
        year=2013,
        episodes=[
            make_episode(1, 1, downloaded=True, file="a.mp4", file_language=GER_DUB),
            make_episode(2, 1, languages=frozenset({GER_SUB}), titles=Titles(de="D")),
            make_episode(3, 1),
            make_episode(4, 1, downloaded=True, file="b.mp4"),
        ],
    )
    fresh = make_series(
        name="New",
        folder=FolderName("Suggested"),
        description="",
        episodes=[
            make_episode(1, 1, titles=Titles(en="E")),
            make_episode(2, 1, languages=None, titles=Titles(en="E")),
            make_episode(1, 2),
        ],
    )
    merged = merge_catalogue(stored, fresh)
    assert (merged.name, merged.folder, merged.monitored) == ("New", "Mine", False)
    assert (merged.description, merged.year) == ("kept", 2013)
    assert [(e.season, e.number) for e in merged.episodes] == [(1, 1), (1, 2), (1, 4), (2, 1)]
    first, second = merged.episodes[:2]
    assert (first.downloaded, first.file, first.file_language) == (True, "a.mp4", GER_DUB)
    assert first.titles == Titles(en="E")
    assert second.languages == frozenset({GER_SUB})
    assert second.titles == Titles(de="D", en="E")


@given(FACTS, FACTS)
def test_merging_loses_no_file_and_settles(
    stored_facts: list[tuple[int, int, bool, bool]], fresh_facts: list[tuple[int, int, bool, bool]]
) -> None:
    """Downloaded episodes stay, and merging twice equals merging once."""
    stored = make_series(episodes=[make_episode(n, s, downloaded=d) for s, n, _, d in stored_facts])
    fresh = make_series(episodes=[make_episode(n, s, available=a) for s, n, a, _ in fresh_facts])
    merged = merge_catalogue(stored, fresh)
    held = {(e.season, e.number) for e in stored.episodes if e.downloaded}
    assert held == {(e.season, e.number) for e in merged.episodes if e.downloaded}
    assert merge_catalogue(merged, fresh) == merged


def test_seen_languages_can_be_taken_back() -> None:
    """Languages of the listing replace the stored ones."""
    stored = make_series(episodes=[make_episode(1, 1, languages=frozenset({GER_SUB}))])
    fresh = attrs.evolve(stored, episodes=(make_episode(1, 1, languages=frozenset()),))
    assert merge_catalogue(stored, fresh).episodes[0].languages == frozenset()


def test_an_unwanted_episode_is_neither_missing_nor_counted() -> None:
    """Not wanted means: not missing and not in the total; a file of it still counts."""
    series = make_series(
        episodes=[
            make_episode(1, wanted=False),
            make_episode(2, wanted=False, downloaded=True),
            make_episode(3),
        ]
    )
    assert missing_episodes(series) == (series.ref(series.episodes[2]),)
    assert (summarise(series).have, summarise(series).total) == (1, 2)


def test_an_unwanted_season_decides_about_later_episodes() -> None:
    """Episodes that a catalogue adds to an unwanted season are not wanted either."""
    stored = make_series(episodes=[make_episode(1, 1), make_episode(1, 2)])
    stored = stored.with_wanted([EpisodeSelection(2)], wanted=False)
    fresh = attrs.evolve(
        stored, episodes=(*stored.episodes, make_episode(2, 1), make_episode(2, 2))
    )

    merged = merge_catalogue(stored, fresh)
    assert {(e.season, e.number): e.wanted for e in merged.episodes} == {
        (1, 1): True,
        (1, 2): True,
        (2, 1): False,
        (2, 2): False,
    }
    again = merged.with_wanted([EpisodeSelection(2)], wanted=True)
    assert again.unwanted_seasons == ()
    assert all(e.wanted for e in again.episodes)


def test_a_single_episode_leaves_its_season_as_it_is() -> None:
    """One episode of an unwanted season can be wanted; new ones still are not."""
    series = make_series(episodes=3).with_wanted([EpisodeSelection(1)], wanted=False)
    series = series.with_wanted([EpisodeSelection(1, 2, 3)], wanted=True)
    assert [e.wanted for e in series.episodes] == [False, True, True]
    assert series.unwanted_seasons == (1,)


def test_an_unknown_selection_changes_nothing() -> None:
    """A selection without an episode is named by its position."""
    selections = [EpisodeSelection(1, 1, 1), EpisodeSelection(9)]
    with pytest.raises(EpisodeNotFoundError) as caught:
        make_series(episodes=3).with_wanted(selections, wanted=False)
    assert caught.value.positions == (1,)


@pytest.mark.parametrize(
    ("name", "old", "new", "none"),
    [
        ("name", "Old", "New", ""),
        ("site", "old.example", "new.example", ""),
        ("link", "https://old.example", "https://new.example", ""),
        ("provider_ref", "1", "2", ""),
        ("description", "old", "new", ""),
        ("year", 2013, 2014, None),
        ("genres", ("Drama",), ("Action",), ()),
        ("alternative_titles", ("A",), ("B",), ()),
        ("cover_url", "https://old.example/1", "https://new.example/1", None),
    ],
)
def test_a_listing_replaces_only_what_it_has(name: str, old: Any, new: Any, none: Any) -> None:
    """A value that the catalogue does not send any more keeps its stored one."""
    stored = attrs.evolve(make_series(), **{name: old})
    assert getattr(merge_catalogue(stored, attrs.evolve(stored, **{name: new})), name) == new
    assert getattr(merge_catalogue(stored, attrs.evolve(stored, **{name: none})), name) == old
    empty = attrs.evolve(stored, **{name: none})
    assert getattr(merge_catalogue(empty, stored), name) == old
