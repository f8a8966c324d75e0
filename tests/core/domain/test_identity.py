"""Parsing of keys, episode codes, selections and names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.identity import (
    MAX_KEY_LENGTH,
    EpisodeRef,
    EpisodeSelection,
    SeriesKey,
    format_episode_code,
    key_from_name,
    parse_episode_code,
    parse_episode_selection,
    parse_series_key,
)
from aniworld_core.errors import InvalidEpisodeError, InvalidKeyError


@given(st.from_regex(r"[a-z0-9]+(-[a-z0-9]+){0,5}", fullmatch=True).filter(lambda k: len(k) <= 200))
def test_keys_are_what_they_are(raw: str) -> None:
    """Valid keys are returned unchanged."""
    assert parse_series_key(raw) == raw


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        ("", "empty"),
        ("a" * (MAX_KEY_LENGTH + 1), "longer"),
        ("Attack-On-Titan", "upper-case"),
        ("-a", "starts or ends"),
        ("a-", "starts or ends"),
        ("a--b", "consecutive"),
        ("a_b", "only a-z"),
        ("a b", "only a-z"),
        ("größe", "only a-z"),
        ("a\n", "only a-z"),
        ("../a", "only a-z"),
        ("٣", "only a-z"),
    ],
)
def test_a_wrong_key_is_told_its_rule(raw: str, rule: str) -> None:
    """The error names the broken rule."""
    with pytest.raises(InvalidKeyError, match=rule):
        parse_series_key(raw)


@given(st.integers(0, 9999), st.integers(0, 9999))
def test_codes_are_read_as_they_are_written(season: int, number: int) -> None:
    """Formatting and parsing a code are inverse."""
    code = EpisodeRef(SeriesKey("a"), season, number).code
    assert parse_episode_code(code) == parse_episode_code(code.lower()) == (season, number)
    assert code == format_episode_code(season, number)


def test_references_and_doubles_are_written() -> None:
    """Numbers have three digits if needed; a double episode has two numbers."""
    assert str(EpisodeRef(SeriesKey("a"), 1, 105)) == "a S01E105"
    assert format_episode_code(1, 4, 5) == "S01E04-E05"
    assert format_episode_code(1, 4, 4) == format_episode_code(1, 4) == "S01E04"
    assert EpisodeRef(SeriesKey("a"), 1, 9) < EpisodeRef(SeriesKey("a"), 1, 10)


@pytest.mark.parametrize(
    ("raw", "selection", "written"),
    [
        ("S01", EpisodeSelection(1), "S01"),
        ("s1e3", EpisodeSelection(1, 3, 3), "S01E03"),
        (" S01E03-E08 ", EpisodeSelection(1, 3, 8), "S01E03-E08"),
        ("S01E03-08", EpisodeSelection(1, 3, 8), "S01E03-E08"),
        ("S01E03-S01E08", EpisodeSelection(1, 3, 8), "S01E03-E08"),
        ("S00E01", EpisodeSelection(0, 1, 1), "S00E01"),
    ],
)
def test_selections(raw: str, selection: EpisodeSelection, written: str) -> None:
    """Seasons, episodes and ranges are parsed."""
    assert parse_episode_selection(raw) == selection
    assert str(selection) == written


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        ("", "form"),
        ("E01", "form"),
        ("S01E", "form"),
        ("S01E01E02", "form"),
        ("S٣E01", "form"),
        ("S01E01-S02E03", "one season"),
        ("S01E05-E03", "backwards"),
    ],
)
def test_wrong_selections(raw: str, rule: str) -> None:
    """An invalid selection raises an error with the reason."""
    with pytest.raises(InvalidEpisodeError, match=rule):
        parse_episode_selection(raw)


@pytest.mark.parametrize("raw", ["S01", "S01E01-E02"])
def test_one_episode_is_not_several(raw: str) -> None:
    """A range is refused where one episode is required."""
    with pytest.raises(InvalidEpisodeError, match="exactly one"):
        parse_episode_code(raw)


def test_what_a_selection_contains() -> None:
    """A season contains all its episodes, a range both its ends."""
    assert EpisodeSelection(1).contains(1, 99)
    assert not EpisodeSelection(1).contains(2, 1)
    chosen = EpisodeSelection(1, 3, 5)
    assert [n for n in range(9) if chosen.contains(1, n)] == [3, 4, 5]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Für Elise (2011)", "fuer-elise-2011"),
        ("Pokémon: Straße", "pokemon-strasse"),
        ("A\u0308rger", "aerger"),
        ("Don't -- stop_it!", "dont-stop-it"),
        ("x" * 300, "x" * 200),
        ("進撃の巨人", None),
        ("…", None),
        ("", None),
    ],
)
def test_names_become_keys(name: str, key: str | None) -> None:
    """A generated key is valid; a name without usable letters has none."""
    made = key_from_name(name)

    assert made == key
    assert made is None or parse_series_key(made) == made
