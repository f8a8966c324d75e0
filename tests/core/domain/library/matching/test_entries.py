"""Scores of the entries of a metadata source."""

import attrs
import pytest

from aniworld_core.domain.catalogue import MetadataEntry, Series
from aniworld_core.domain.library.matching.entries import EntryCandidate, rank_entries, sure_entry
from aniworld_core.testing import at, make_episode, make_series

ENTRY = MetadataEntry(
    source="anilist",
    id="1",
    title="Frieren",
    link="https://a.example/1",
    fetched_at=at(0),
    external_ids=("anilist-1",),
)


def _series(**fields: object) -> Series:
    episodes = [make_episode(number, season) for season in (1, 2) for number in (1, 2, 3)]
    series = make_series("frieren", name="Frieren", episodes=[*episodes, make_episode(1, 0)])
    return attrs.evolve(series, **fields)  # type: ignore[arg-type]


def _score(series: Series, **fields: object) -> int:
    (found,) = rank_entries(series, [attrs.evolve(ENTRY, **fields)])  # type: ignore[arg-type]
    return found.score


@pytest.mark.parametrize(
    ("ours", "theirs", "score"),
    [
        (2023, 2023, 90),
        (2023, 2024, 75),
        (2024, 2023, 75),
        (2023, 2025, 30),
        (2025, 2023, 30),
        (2023, None, 70),
        (None, 2023, 70),
        (None, None, 70),
    ],
)
def test_the_year_confirms_or_contradicts(ours: int | None, theirs: int | None, score: int) -> None:
    """The same year adds 20, one beside 5, another one takes 40; an unknown one changes nothing."""
    assert _score(_series(year=ours), year=theirs) == score


@pytest.mark.parametrize(
    ("count", "score"), [(3, 80), (6, 80), (7, 70), (2, 70), (1, 70), (0, 70), (None, 70)]
)
def test_the_number_of_episodes_of_the_first_season_or_of_all_confirms(
    count: int | None, score: int
) -> None:
    """Specials do not count."""
    assert _score(_series(), episode_count=count) == score


def test_a_series_without_episodes_confirms_no_number() -> None:
    """Zero episodes are no number."""
    assert _score(_series(episodes=()), episode_count=0) == 70


@pytest.mark.parametrize(
    ("ours", "theirs", "score"),
    [
        (("anilist-1",), ("anilist-1",), 100),
        (("anilist-2",), ("anilist-1",), 0),
        (("mal-1",), ("anilist-1",), 90),
        (("anilist-2", "mal-1"), ("anilist-1", "mal-1"), 50),
        ((), ("anilist-1",), 90),
    ],
)
def test_ids_decide(ours: tuple[str, ...], theirs: tuple[str, ...], score: int) -> None:
    """An equal id is sure, another id of the same database excludes the entry; both are unsure."""
    assert _score(_series(external_ids=ours, year=1), external_ids=theirs, year=1) == score


@pytest.mark.parametrize(
    ("title", "least", "most"),
    [("Frieren", 70, 70), ("frieren!", 70, 70), ("Frierenn", 30, 60), ("Something Else", 0, 30)],
)
def test_titles_are_compared_in_spelling_and_similarity(title: str, least: int, most: int) -> None:
    """Equal titles score 70, others at most 60."""
    assert least <= _score(_series(), title=title) <= most


def test_alternative_titles_count_like_the_name() -> None:
    """On both sides."""
    series = _series(alternative_titles=("Beyond",))
    assert _score(series, title="Beyond") == 70
    assert _score(_series(), title="Other", aliases=("Frieren",)) == 70


def test_a_score_stays_between_nothing_and_an_equal_id() -> None:
    """Everything together is less than an equal id, and a contradiction is not negative."""
    assert _score(_series(year=1), year=1, episode_count=3) == 99
    assert _score(_series(year=1), year=9, title="Something Else") == 0


def test_candidates_are_ranked_and_listed_once() -> None:
    """The best comes first, equal ones by their code."""
    other = attrs.evolve(ENTRY, id="2", title="Something Else")
    twin = attrs.evolve(ENTRY, id="0")
    ranked = rank_entries(_series(), [other, ENTRY, twin, ENTRY])
    assert [each.entry.id for each in ranked] == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("scores", "is_sure"),
    [
        ([], False),
        ([84], False),
        ([85], True),
        ([99, 90], False),
        ([99, 89], True),
        ([90, 80], True),
        ([90, 81], False),
        ([100, 95], False),
    ],
)
def test_a_sure_entry_has_a_high_score_and_a_lead(scores: list[int], is_sure: bool) -> None:
    """85 points and 10 more than the next one."""
    ranked = [EntryCandidate(entry=ENTRY, score=score) for score in scores]
    assert (sure_entry(ranked) is not None) == is_sure
