"""`aniworld parse`."""

import io

import pytest

from support.console import Console


def test_a_name_is_explained(console: Console) -> None:
    """Everything the name says, and the rule that read it."""
    answer = console("parse", "Laternen - S01E04-E05 - Titel (German Dub).mkv", "--json")

    assert answer.code == 0
    assert answer.json == [
        {
            "name": "Laternen - S01E04-E05 - Titel (German Dub).mkv",
            "title": "Laternen",
            "season": 1,
            "episodes": [4, 5],
            "absolute": None,
            "version": 1,
            "special": False,
            "language": "ger-dub",
            "why": answer.json[0]["why"],
        }
    ]
    assert "S01E05" in answer.json[0]["why"]


def test_a_name_that_is_not_understood_says_so(console: Console) -> None:
    """Nulls and a reason, and it is no failure of the command."""
    answer = console("parse", "holiday.mp4", "--json")

    assert answer.code == 0
    assert answer.json == [
        {
            "name": "holiday.mp4",
            "title": None,
            "season": None,
            "episodes": [],
            "absolute": None,
            "version": None,
            "special": None,
            "language": None,
            "why": "nothing in it names an episode",
        }
    ]


def test_names_can_be_piped(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """One per line; empty lines are none."""
    piped = "Season 1/05.mkv\n\n[Group] Laternen - 12v2 [1080p].mkv\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(piped))

    answer = console("parse")

    assert [row[:5] for row in answer.rows] == [
        ["Season 1/05.mkv", "", "S01E05", "", "v1"],
        ["[Group] Laternen - 12v2 [1080p].mkv", "Laternen", "E12", "12", "v2"],
    ]


def test_without_names_it_is_wrong_use(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person at a terminal is told, instead of waited for."""
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)

    assert console("parse").code == 2


def test_it_needs_no_library_and_makes_nothing(console: Console) -> None:
    """Reading names touches no file."""
    assert console("parse", "1x05.mkv", library=False).code == 0
    assert list(console.folder.iterdir()) == []
