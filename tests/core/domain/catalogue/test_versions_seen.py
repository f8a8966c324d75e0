"""When language versions of episodes appeared."""

import attrs
import pytest

from aniworld_core.domain.catalogue import Episode, newly_seen
from aniworld_core.domain.media import Language
from aniworld_core.testing import at, make_series

DUB, SUB = Language("ger-dub"), Language("ger-sub")


def seen(before: tuple[Episode, ...], after: tuple[Episode, ...]) -> list[tuple[int, str, bool]]:
    """Return number, language and `is_first` of the versions that appeared."""
    series = attrs.evolve(make_series(), episodes=before)
    found = newly_seen(series, attrs.evolve(series, episodes=after), at(7))
    assert all(each.at == at(7) and each.key == series.key for each in found)
    return [(each.number, each.language.code, each.is_first) for each in found]


def episode(number: int, *languages: Language, available: bool = True) -> Episode:
    """Return an episode whose languages are known."""
    return Episode(season=1, number=number, languages=frozenset(languages), available=available)


@pytest.mark.parametrize(
    ("former", "expected"),
    [
        (episode(1, SUB), [(1, "ger-dub", False)]),
        (episode(1), [(1, "ger-dub", True), (1, "ger-sub", True)]),
        (episode(1, SUB, available=False), [(1, "ger-dub", True), (1, "ger-sub", True)]),
        (episode(2), [(1, "ger-dub", True), (1, "ger-sub", True)]),
        (episode(1, SUB, DUB), []),
        (Episode(season=1, number=1), []),
    ],
    ids=["one more", "no language", "announced", "new episode", "the same", "never read"],
)
def test_an_observed_change_counts(former: Episode, expected: list[tuple[int, str, bool]]) -> None:
    """A version counts if an earlier listing showed that it did not exist."""
    assert seen((former,), (episode(1, SUB, DUB),)) == expected


def test_the_first_listing_of_a_series_says_nothing() -> None:
    """Versions of a series without known episodes may have existed for years."""
    assert seen((), (episode(1, SUB),)) == []


def test_announced_episodes_and_unread_languages_are_no_versions() -> None:
    """An episode that is only announced has no version, and unknown languages are none."""
    after = (episode(1), episode(2, SUB, available=False), Episode(season=1, number=3))

    assert seen((episode(1),), after) == []
