"""Names of unknown origin become one harmless path component."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.library import (
    cut_to_bytes,
    fold_name,
    safe_component,
    safe_text,
    same_name,
)
from support.hostile_names import assert_harmless, hostile_names


def test_hostile_names_stay_inside_their_folder() -> None:
    """Whatever a catalogue sends is one component, and the same when made safe again."""
    root = os.path.realpath("/library")
    for raw in hostile_names(1_000):
        name = safe_component(raw)
        assert_harmless(name)
        assert os.path.dirname(os.path.realpath(os.path.join(root, name))) == root  # noqa: PTH118, PTH120
        assert safe_component(name) == name


@given(st.text(max_size=400), st.integers(16, 240))
def test_any_text_is_made_safe_within_its_limit(raw: str, limit: int) -> None:
    """No text and no limit leads to a component that breaks a rule."""
    name = safe_component(raw, max_bytes=limit)
    assert_harmless(name, limit)
    assert safe_component(name, max_bytes=limit) == name


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Attack on Titan: Final Season", "Attack on Titan - Final Season"),
        ("Re:Zero", "Re-Zero"),
        ("Fate/stay night", "Fate-stay night"),
        ('Was? "So" was!', "Was 'So' was!"),
        ("../../etc/passwd", "etc-passwd"),
        (".hidden", "hidden"),
        ("-rf", "rf"),
        ("Ende...", "Ende"),
        ("con", "con_"),
        ("nul.txt", "nul_.txt"),
        ("AUX .mkv", "AUX_.mkv"),
        ("consoles", "consoles"),
        ("Über süße Mädchen", "Über süße Mädchen"),
        ("進撃の巨人", "進撃の巨人"),
        ("a\u0308", "ä"),
        ("e\u200b\u0301", "é"),
        ("line\nbreak", "line break"),
        ("", "_"),
        ("..", "_"),
        ("???", "_"),
    ],
)
def test_replacements(raw: str, name: str) -> None:
    """Each forbidden form has its stated replacement; letters of all scripts stay."""
    assert safe_component(raw) == name


def test_fallback_is_used_when_nothing_is_left() -> None:
    """A caller may pass a fallback for a title without any usable character."""
    assert safe_component("\u200b?", fallback="some-key") == "some-key"
    assert safe_text("\u200b?") == ""


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("abc", 3, "abc"),
        ("abä", 3, "ab"),
        ("abe\u0301", 3, "ab"),
        ("👍🏽", 6, "👍"),
        ("x👍🏽", 6, "x"),
        ("🇩🇪🇫🇷", 12, "🇩🇪"),
        ("🇩🇪🇫🇷", 8, "🇩🇪"),
        ("a" + "\u0301" * 50, 21, "a" + "\u0301" * 10),
    ],
)
def test_cutting_keeps_visible_characters_whole(text: str, limit: int, kept: str) -> None:
    """A cut never splits a letter from its accent; only what is longer than all room is torn."""
    assert cut_to_bytes(text, limit) == kept


def test_names_are_compared_without_case_and_form() -> None:
    """Two names that one file system takes for one are the same name."""
    assert same_name("Übel", "u\u0308bel".upper())
    assert not same_name("Ubel", "Übel")
    assert fold_name("STRASSE") == fold_name("straße")
