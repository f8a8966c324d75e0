"""`aniworld open`."""

import webbrowser

import anyio
import pytest

from aniworld_core.bootstrap.server_lock import note_address, noted_address, only_server
from aniworld_core.testing.factories import make_episode, make_series
from support.console import Console

ADDRESS = "http://127.0.0.1:8123/base/"


def test_without_a_server_it_says_how_to_start_one(console: Console) -> None:
    """The error names the data folder and the command; an address that a kill left is not used."""
    data = console.folder / "data"
    data.mkdir(exist_ok=True)
    note_address(data, ADDRESS)

    answer = console("open")

    assert answer.code == 3
    assert f"no server runs on {data}" in answer.err
    assert "aniworld serve" in answer.err


def test_the_address_is_opened_and_printed(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a graphical session the browser opens the library, or the page of a series."""
    opened: list[str] = []

    def record(url: str) -> bool:
        opened.append(url)
        return True

    monkeypatch.setattr(webbrowser, "open", record)
    monkeypatch.setenv("DISPLAY", ":0")
    anyio.run(console.storage.series.add, make_series("alpha", name="Alpha"))
    with only_server(console.folder / "data"):
        note_address(console.folder / "data", ADDRESS)
        whole = console("open")
        series = console("open", "alp")
        printed = console("open", "--print", "--json")
        unknown = console("open", "beta")

    assert opened == [ADDRESS, f"{ADDRESS}anime/alpha"]
    assert (whole.code, whole.out) == (0, f"{ADDRESS}\n")
    assert series.out == f"{ADDRESS}anime/alpha\n"
    assert '"opened": false' in printed.out
    assert unknown.code == 3
    assert noted_address(console.folder / "data") == ""


def test_a_terminal_without_a_browser_gets_the_address(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No browser for text is started; a browser that fails is no error."""

    def fail(url: str) -> bool:
        raise webbrowser.Error("no browser")

    monkeypatch.setattr(webbrowser, "open", fail)
    with only_server(console.folder / "data"):
        note_address(console.folder / "data", ADDRESS)
        for name in ("DISPLAY", "WAYLAND_DISPLAY"):
            monkeypatch.delenv(name, raising=False)
        without = console("open")
        monkeypatch.setenv("DISPLAY", ":0")
        failed = console("open")

    assert without.out == failed.out == f"{ADDRESS}\n"
    assert "open the address yourself" in without.err
    assert (without.code, failed.code) == (0, 0)


def test_an_episode_is_played_or_listed(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page of an episode is opened; a playlist has the paths of files and needs no server."""
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    episodes = [
        make_episode(1, downloaded=True, file="Alpha/S01E01.mkv"),
        make_episode(2, downloaded=True, file="Alpha/S01E02.mkv"),
        make_episode(3),
    ]
    series = make_series("alpha", name="Al\npha", episodes=episodes)
    anyio.run(console.storage.series.add, series)
    folder = console.folder / "library" / "Alpha"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "S01E02.mkv").write_text("x")
    with only_server(console.folder / "data"):
        note_address(console.folder / "data", ADDRESS)
        page = console("open", "alpha", "s1e2")
        gone = console("open", "alpha", "S01E01")
        missing = console("open", "alpha", "S01E03")
    season = console("open", "alpha", "S01", "--playlist")
    nothing = console("open", "alpha", "S01E03", "--playlist")
    without = console("open", "--playlist")

    assert page.out == f"{ADDRESS}watch/alpha/S01E02\n"
    assert (gone.code, missing.code, nothing.code, without.code) == (3, 3, 3, 2)
    assert "the library has no file of S01E03" in missing.err
    lines = season.out.splitlines()
    assert lines[::2] == ["#EXTM3U", str(folder / "S01E01.mkv"), str(folder / "S01E02.mkv")]
    assert lines[1] == "#EXTINF:-1,Al pha – S01E01"
