"""Titles of unknown origin as one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.plain_text import one_line

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
WAVE = "\U0001f44b\U0001f3fd"


@pytest.mark.parametrize(
    "text",
    [FAMILY, SCOTLAND, WAVE, "❤\ufe0f", "می\u200cخواهم", "שלום עולם", "مرحبا", "日本語", "é"],
)
def test_whole_characters_of_all_scripts_stay(text: str) -> None:
    """Joiners inside words and emoji belong to the text, wherever it is cut."""
    assert one_line(f" {text}\n{text} ") == f"{text} {text}"
    assert one_line(f"{text}{text}", len(text)) == text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a\u202egpj.exe", "a gpj.exe"),  # would be shown reversed
        ("a\u2066b\u2069c", "a b c"),
        ("\u200d\u200ca \u200d b\u200d", "a b"),
        ("a\u200d\u202eb", "a b"),
        ("a\U000e0067b", "a b"),
        ("a\x00\x1b[31mb\ud800", "a [31mb"),
        ("\t a \r\n b\u2028c", "a b c"),
    ],
)
def test_other_unseen_characters_become_spaces(text: str, plain: str) -> None:
    """Control characters, directions, and joiners that join nothing."""
    assert one_line(text) == plain


@pytest.mark.parametrize(("text", "most", "cut"), [("ab" + FAMILY, 4, "ab"), ("abc", 2, "ab")])
def test_no_character_is_split(text: str, most: int, cut: str) -> None:
    """A text ends before the character that no longer fits."""
    assert one_line(text, most) == cut


@given(text=st.text(max_size=60), most=st.integers(1, 20))
def test_a_line_is_short_and_stays_as_it_is(text: str, most: int) -> None:
    """Reading it again changes nothing."""
    line = one_line(text, most)

    assert len(line) <= most
    assert "\n" not in line
    assert one_line(line, most) == line
