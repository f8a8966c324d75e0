"""Untrusted text has no effect on the terminal."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_cli.rendering.plain import plain, to_json


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;new window title\x07Episode", "Episode"),
        ("\x9b2Jgone", "gone"),
        ("two\nlines\r\n", "two lines  "),
        ("bell\x07 back\x08", "bell  back "),
        ("\u202egpj.4pm", "gpj.4pm"),
        ("[red]not markup[/red]", "[red]not markup[/red]"),
        ("Über 東京 👍", "Über 東京 👍"),
    ],
)
def test_titles_lose_what_is_not_text(hostile: str, shown: str) -> None:
    """Escape sequences and control characters are removed; letters of all scripts stay."""
    assert plain(hostile) == shown


@given(st.text())
def test_no_text_keeps_a_control_character(text: str) -> None:
    """Any text becomes one line without control characters."""
    shown = plain(text)

    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Zl", "Zp"}
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@given(st.text(st.characters(exclude_categories=[])), st.booleans())
def test_json_keeps_every_character_and_shows_none_that_acts(text: str, ascii_only: bool) -> None:
    """JSON is parsed back unchanged and contains no raw control character."""
    document = to_json({"title": text}, indent=None, ascii_only=ascii_only)

    assert json.loads(document) == {"title": text}
    assert not {unicodedata.category(c) for c in document} & {"Cc", "Cs", "Zl", "Zp"}
    assert "\u202e" not in document
