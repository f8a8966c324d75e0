"""`aniworld parse`."""

import io
from importlib.util import find_spec

import pytest

from support.console import Console


def test_a_name_is_explained(console: Console) -> None:
    """All parts of the name and the matching rule are printed."""
    answer = console("parse", "Laternen - S01E04-E05 - Titel (German Dub).mkv", "--json")

    assert answer.code == 0
    (view,) = answer.json
    assert (
        view
        | {
            "name": "Laternen - S01E04-E05 - Titel (German Dub).mkv",
            "title": "Laternen",
            "season": 1,
            "episodes": [4, 5],
            "absolute": None,
            "version": 1,
            "special": False,
            "language": "ger-dub",
            "why": "season and episode code in the form of Aniworld's own names",
            "why_kind": "name_rule_own_name",
            "rule": "own_name",
            "kind": "episode",
            "sure": True,
            "season_from": "name",
            "episode_title": "Titel",
            "span": [8, 21],
            "doubt": None,
            "candidates": [],
            "opinions": [],
        }
        == view
    )


def test_a_name_that_is_not_understood_says_so(console: Console) -> None:
    """A name that cannot be parsed has null fields and a reason; the command succeeds."""
    answer = console("parse", "holiday.mp4", "--json")

    assert answer.code == 0
    (view,) = answer.json
    assert (
        view
        | {
            "name": "holiday.mp4",
            "title": None,
            "season": None,
            "episodes": [],
            "absolute": None,
            "version": None,
            "special": None,
            "language": None,
            "why": "nothing in it names an episode",
            "rule": "none",
            "kind": "unknown",
            "sure": False,
        }
        == view
    )


def test_a_doubt_is_explained_with_what_it_could_be(console: Console) -> None:
    """Numbers that contradict each other are candidates, never an episode."""
    answer = console("parse", "Laternen/Staffel 1/Laternen - S02E05.mkv", "--json")

    (view,) = answer.json
    assert (view["sure"], view["season"], view["episodes"]) == (False, None, [])
    assert view["doubt"] == "the name says season 2, the folder says season 1"
    assert view["doubt_kind"] == "name_season_disagrees"
    assert view["doubt_values"] == {"named": 2, "folder": 1}
    assert view["candidates"] == [
        {"season": 2, "episodes": [5]},
        {"season": 1, "episodes": [5]},
    ]


def test_known_titles_are_removed_first(console: Console) -> None:
    """What was removed is shown, and a mark of a later part is a doubt."""
    names = ("86 EIGHTY-SIX - 05.mkv", "Laternen II - 05.mkv")
    answer = console("parse", *names, "--title", "86 Eighty Six", "--title", "Laternen", "--json")

    first, second = answer.json
    assert (first["episodes"], first["removed"]) == ([5], "86 EIGHTY-SIX")
    assert second["doubt_kind"] == "name_sequel_without_season"
    assert second["doubt_values"] == {"mark": "II"}
    assert second["candidates"] == [{"season": 2, "episodes": [5]}]


@pytest.mark.skipif(find_spec("guessit") is None, reason="guessit is not installed")
def test_a_second_opinion_is_shown_for_names_in_doubt(console: Console) -> None:
    """It decides nothing, and a sure reading does not ask for it."""
    answer = console("parse", "Laternen.525.mkv", "Laternen - S01E05.mkv", "--json")

    doubtful, sure = answer.json
    assert doubtful["episodes"] == []
    assert doubtful["opinions"] == [{"parser": "guessit", "season": 5, "episodes": [25]}]
    assert sure["opinions"] == []
    rows = console("parse", "Laternen.525.mkv").rows
    assert rows[0][-1] == "guessit: S05E25"
    assert "525 may be an episode or belong to the title (perhaps S05E25 or E525)" in rows[0][6]


def test_names_can_be_piped(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are read from stdin, one per line; empty lines are ignored."""
    piped = "Season 1/05.mkv\n\n[Group] Laternen - 12v2 [1080p].mkv\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(piped))

    answer = console("parse")

    assert [row[:5] for row in answer.rows] == [
        ["Season 1/05.mkv", "", "S01E05", "", "v1"],
        ["[Group] Laternen - 12v2 [1080p].mkv", "Laternen", "E12", "12", "v2"],
    ]


def test_without_names_it_is_wrong_use(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without names on a terminal the command is a usage error."""
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)

    assert console("parse").code == 2


def test_it_needs_no_library_and_makes_nothing(console: Console) -> None:
    """`parse` reads and creates no file."""
    assert console("parse", "1x05.mkv", library=False).code == 0
    assert list(console.folder.iterdir()) == []
