"""`aniworld fetch` with fakes in place of the network."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aniworld_core.errors import (
    AniworldError,
    BadMediaError,
    FetchInterruptedError,
    NeedsPersonError,
    ProtectedError,
    SourceGoneError,
)
from support.console import Answer, Console

LINK = "https://media.invalid/films/Laternen%20S01E01.mkv?sig=topsecret"
OTHER = "https://media.invalid/films/other.mp4"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run in a temporary working directory."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def _fetch(console: Console, *arguments: str) -> Answer:
    return console("fetch", *arguments, library=False)


def test_a_link_becomes_a_file_named_after_it(console: Console, here: Path) -> None:
    """The file is named after the last part of the link's path, with the container suffix."""
    answer = _fetch(console, LINK)

    assert answer.code == 0
    assert [path.name for path in here.iterdir()] == ["Laternen S01E01.mp4"]
    assert answer.rows[0][0] == "Laternen S01E01.mp4"
    assert "topsecret" not in answer.err


def test_json_has_an_object_for_each_link(console: Console) -> None:
    """JSON has one object per link with the documented fields."""
    answer = _fetch(console, LINK, OTHER, "--json")

    assert [view["url"] for view in answer.json] == [LINK, OTHER]
    (first, _) = answer.json
    assert first["file"] == "Laternen S01E01.mp4"
    assert first["bytes"] == len(console.fetcher.content)
    assert len(first["sha256"]) == 64
    assert (first["verified"], first["resumed_bytes"], first["attempts"]) == (True, 0, 1)
    assert first["seconds"] >= 0
    assert first["error"] is None


def test_nothing_but_the_file_is_made(console: Console, here: Path) -> None:
    """`fetch` creates no library, database or data folder, and ignores broken ones."""
    data = console.folder / "data"
    data.mkdir()
    (data / "config.json").write_text("{broken")
    (data / "aniworld.db").write_text("no database")

    assert _fetch(console, LINK).code == 0

    assert sorted(path.name for path in data.iterdir()) == ["aniworld.db", "config.json"]
    assert len(list(here.iterdir())) == 1


@pytest.mark.parametrize(
    ("output", "path", "is_exact"),
    [
        ("film.bin", "film.bin", True),
        ("deep/film.mp4", "deep/film.mp4", True),
        ("there", "there/other.mp4", False),
        ("new/", "new/other.mp4", False),
    ],
)
def test_output_names_a_file_or_a_folder(
    console: Console, here: Path, output: str, path: str, is_exact: bool
) -> None:
    """An existing folder or a path with a final slash is a folder, any other path a file."""
    for folder in ("there", "new", "deep"):
        (here / folder).mkdir()

    answer = _fetch(console, OTHER, "-o", output)

    assert answer.code == 0
    (request,) = console.fetcher.requests
    assert (str(request.destination), request.exact_name) == (path, is_exact)
    assert (here / path).is_file()


def test_several_links_go_to_a_folder(console: Console, here: Path) -> None:
    """Several links need a folder as output."""
    (here / "taken").write_text("")
    (here / "all").mkdir()

    assert _fetch(console, LINK, OTHER, "-o", "taken").code == 2
    assert _fetch(console, LINK, OTHER, "-o", "all").code == 0
    assert sorted(p.name for p in (here / "all").iterdir()) == [
        "Laternen S01E01.mp4",
        "other.mp4",
    ]


def test_options_reach_the_engine(console: Console) -> None:
    """Number of connections and headers are passed to the engine."""
    options = ["--connections", "3", "--header", "Referer=https://a.invalid/?b=c"]

    assert _fetch(console, OTHER, *options, "--header", "X-Key: abc").code == 0

    (request,) = console.fetcher.requests
    assert request.connections == 3
    assert request.stream.headers == (("Referer", "https://a.invalid/?b=c"), ("X-Key", "abc"))


def test_subtitles_come_along_unless_told_otherwise(console: Console) -> None:
    """Subtitles are written by default and not with `--subtitles none`."""
    assert _fetch(console, OTHER).code == 0
    assert _fetch(console, OTHER, "--subtitles", "none").code == 0

    assert [r.text_languages for r in console.fetcher.requests] == [None, frozenset()]


def test_subtitles_and_what_is_wrong_with_them_are_told(console: Console, here: Path) -> None:
    """Subtitles and their problems are listed as lines and in JSON."""
    console.fetcher.subtitles = ("de",)
    console.fetcher.notices = ("subtitle en: gone",)

    told = _fetch(console, OTHER).err
    (view,) = _fetch(console, OTHER, "--json").json

    assert "other.de.srt" in told
    assert "subtitle en: gone" in told
    assert [Path(name).name for name in view["subtitles"]] == ["other.de.srt"]
    assert view["notices"] == ["subtitle en: gone"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        [OTHER, "--connections", "0"],
        [OTHER, "--connections", "99"],
        [OTHER, "--limit-rate", "fast"],
        [OTHER, "--limit-rate", "5iB"],
        [OTHER, "--header", "no header"],
        [OTHER, "--header", "Range=bytes=0-1"],
        [OTHER, "--header", "X=a\nb"],
        ["file:///etc/passwd"],
        ["not a link"],
    ],
)
def test_wrong_use_fetches_nothing(console: Console, here: Path, arguments: list[str]) -> None:
    """A usage error prints one line, exits with 2 and fetches nothing."""
    answer = _fetch(console, *arguments)

    assert answer.code == 2
    assert console.fetcher.requests == []
    assert list(here.iterdir()) == []


def test_one_bad_link_does_not_stop_the_others(console: Console) -> None:
    """One failing link does not stop the others; the exit code is 1."""
    console.fetcher.errors = [BadMediaError("it is a picture")]

    answer = _fetch(console, LINK, OTHER, "--json")

    assert answer.code == 1
    assert answer.json[0]["error"]["kind"] == "bad_media"
    assert "picture" in answer.json[0]["error"]["detail"]
    assert (answer.json[0]["file"], answer.json[0]["verified"]) == (None, False)
    assert answer.json[1]["error"] is None
    assert answer.error["kind"] == "some_failed"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SourceGoneError("media.invalid"), 3),
        (NeedsPersonError("media.invalid", LINK), 6),
        (ProtectedError("media.invalid", "Widevine"), 7),
        (FetchInterruptedError("busy", retry_after=timedelta(minutes=5)), 6),
    ],
)
def test_when_all_fail_alike_it_is_their_number(
    console: Console, error: AniworldError, code: int
) -> None:
    """If all links fail with the same code, that is the exit code."""
    console.fetcher.errors = [error, error]

    answer = _fetch(console, LINK, OTHER)

    assert answer.code == code
    assert len(console.fetcher.requests) == 2


def test_a_long_wait_says_when(console: Console) -> None:
    """A long requested wait exits with 6 at once and shows the time."""
    console.fetcher.errors = [FetchInterruptedError("busy", retry_after=timedelta(minutes=5))]

    answer = _fetch(console, LINK, "--json")

    assert answer.code == 6
    assert "try again after" in answer.error["hint"]
    assert answer.json[0]["error"]["retry_after_seconds"] == 300


def test_another_file_of_that_name_is_left_alone(console: Console, here: Path) -> None:
    """An existing different file is not overwritten; the exit code is 4."""
    (here / "other.mp4").write_text("somebody's only copy")

    answer = _fetch(console, OTHER)

    assert answer.code == 4
    assert (here / "other.mp4").read_text() == "somebody's only copy"


def test_what_is_there_is_reported_as_done(console: Console) -> None:
    """An already fetched file is reported as existing, and the command succeeds."""
    _fetch(console, OTHER)

    answer = _fetch(console, OTHER)

    assert answer.code == 0
    assert "exists already" in answer.err


def test_a_dry_run_tells_the_plan(console: Console, here: Path) -> None:
    """`--dry-run` prints the documented fields and fetches no media."""
    answer = _fetch(console, LINK, "--dry-run", "--json")

    assert answer.code == 0
    assert answer.json == [
        {
            "url": LINK,
            "kind": "direct",
            "bytes": len(console.fetcher.content),
            "segments": None,
            "duration_seconds": None,
            "variants": [],
            "audio_languages": [],
            "roles": [],
            "notices": [],
            "protected": False,
            "live": False,
            "error": None,
        }
    ]
    assert console.fetcher.requests == []
    assert list(here.iterdir()) == []


def test_a_dry_run_of_a_bad_link_says_why(console: Console) -> None:
    """`--dry-run` reports a failing link and the plans of the others."""
    console.resolver.errors = {OTHER: [SourceGoneError("media.invalid")]}

    answer = _fetch(console, OTHER, LINK, "--dry-run", "--json")

    assert answer.code == 1
    assert [_kind_of(view) for view in answer.json] == ["link_gone", None]


def _kind_of(view: Any) -> Any:
    return view["error"] and view["error"]["kind"]


@pytest.mark.parametrize(
    "link",
    [
        "",
        "  ",
        "ftp://media.invalid/a.mp4",
        "/etc/passwd",
        "file:///etc/passwd",
        "magnet:?x",
        "http://",
        "https:///a.mp4",
        "https://media in.invalid/a.mp4",
        "http://[::1",
    ],
)
def test_a_refused_link_has_not_started(console: Console, here: Path, link: str) -> None:
    """A link that cannot be fetched ends with one line; nothing is said to have started."""
    answer = _fetch(console, link)

    assert answer.code == 2
    (line,) = answer.err.splitlines()
    assert line.startswith("aniworld: cannot use the link")
    assert list(here.iterdir()) == []


def test_a_link_that_fails_before_its_first_byte_has_not_started(console: Console) -> None:
    """A link has started when its media arrives, not when it is asked for."""
    console.resolver.errors = {OTHER: [SourceGoneError("media.invalid")]}

    answer = _fetch(console, OTHER)

    assert answer.code == 3
    assert "started" not in answer.err
