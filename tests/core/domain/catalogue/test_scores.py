"""Order of hosters by score, within a language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.catalogue import Place, SourceScore, by_place, order_by_score
from aniworld_core.domain.catalogue.scores import _EPISODE_BYTES, _TRY_SECONDS
from aniworld_core.domain.media import GER_DUB, GER_SUB, Language, MediaSource
from aniworld_core.testing.factories import START

WANTED = [GER_DUB, GER_SUB]


def source(hoster: str, language: Language | None = GER_DUB) -> MediaSource:
    return MediaSource(provider="p", hoster=hoster, url=hoster, language=language)


def score(hoster: str, *, good: int = 0, bad: int = 0, rate: float = 0.0) -> SourceScore:
    found = SourceScore(place=Place.of(source(hoster)))
    for _ in range(good):
        found = found.succeeded(rate, START)
    for _ in range(bad):
        found = found.failed("source_gone", START)
    return found


def order(*sources: MediaSource, scores: list[SourceScore], explore: bool = False) -> list[str]:
    ordered = order_by_score(sources, by_place(scores), WANTED, explore=explore)
    return [s.hoster for s in ordered]


def test_results_are_remembered() -> None:
    """A score has attempts, successes, smoothed speed and the last failure."""
    first = score("a", good=1, rate=100.0)
    assert (first.tries, first.successes, first.rate) == (1, 1, 100.0)
    second = first.succeeded(200.0, START)
    assert 100.0 < second.rate < 200.0
    assert second.succeeded(0.0, START).rate == second.rate
    failed = second.failed("source_gone", START)
    assert (failed.tries, failed.successes, failed.last_failure) == (3, 2, "source_gone")
    assert (failed.last_failed_at, failed.last_succeeded_at) == (START, START)


def test_places_are_told_apart_by_language() -> None:
    """Scores are separate by language."""
    assert Place.of(source("a")) == Place("p", "a", "ger-dub")
    assert Place.of(source("a", None)) == Place("p", "a", "")


def test_good_ones_first() -> None:
    """Reliable hosters come before unknown and bad ones, fast ones before slow ones."""
    scores = [score("good", good=5, rate=5e6), score("bad", bad=5), score("slow", good=5, rate=1e5)]
    assert order(*map(source, ["bad", "new", "slow", "good"]), scores=scores) == [
        "good",
        "new",
        "bad",
        "slow",
    ]


def test_equals_keep_the_catalogues_order() -> None:
    """Without scores the order of the catalogue stays."""
    assert order(source("c"), source("a"), source("b"), scores=[]) == ["c", "a", "b"]


def test_a_trial_is_within_the_best_language() -> None:
    """Exploration puts the least tried hoster of the best language first."""
    scores = [score("known", good=5, rate=9e6), score("tried", good=1, rate=1e6)]
    sources = [source("known"), source("tried"), source("new"), source("sub", GER_SUB)]
    assert order(*sources, scores=scores, explore=True)[0] == "new"
    assert order(source("sub", GER_SUB), scores=scores, explore=True) == ["sub"]
    assert order(scores=[], explore=True) == []


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from([*WANTED, None])), max_size=8),
    st.dictionaries(st.sampled_from("abcd"), st.tuples(st.integers(0, 9), st.integers(0, 9))),
    st.booleans(),
)
def test_no_score_moves_a_source_past_a_better_language(
    offered: list[tuple[str, Language | None]],
    results: dict[str, tuple[int, int]],
    explore: bool,
) -> None:
    """Every source occurs once, and languages stay in the preferred order."""
    sources = [source(hoster, language) for hoster, language in offered]
    scores = [score(h, good=good, bad=bad, rate=1e6) for h, (good, bad) in results.items()]
    ordered = order_by_score(sources, by_place(scores), WANTED, explore=explore)
    ranks = [len(WANTED) if s.language is None else WANTED.index(s.language) for s in ordered]
    assert ranks == sorted(ranks)
    assert sorted(map(id, ordered)) == sorted(map(id, sources))


def test_a_reliable_hoster_costs_about_its_transfer_time() -> None:
    """Failed attempts add to it: with every second one failing, one attempt on average."""
    rate, tries = 1e6, 10_000
    reliable = score("a", good=tries, rate=rate).expected_seconds
    unreliable = score("b", good=tries, bad=tries, rate=rate).expected_seconds
    assert reliable == pytest.approx(_EPISODE_BYTES / rate, rel=0.01)
    assert unreliable - reliable == pytest.approx(_TRY_SECONDS, rel=0.01)
