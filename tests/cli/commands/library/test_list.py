"""`aniworld add`, `list`, `show` and `scan`."""

import io
from pathlib import Path

import pytest

from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import (
    ProviderChangedError,
    ProviderUnavailableError,
    RestrictedError,
)
from aniworld_core.testing.fakes import FakeLoader
from support.console import Console, lanterns


def test_adding_prints_the_series_and_says_that_it_is_new(console: Console) -> None:
    """`add` prints the series and whether it is new."""
    answer = console("add", "lanterns", "--json")

    assert answer.code == 0
    assert answer.json["created"] is True
    assert answer.json["key"] == "lanterns"
    assert answer.json["missing_episodes"] == {"1": [1, 2, 3], "2": [1]}


def test_adding_again_is_no_error_and_says_so(console: Console) -> None:
    """Adding an existing series succeeds and says so."""
    console("add", "https://fake.invalid/lanterns/season-1")

    answer = console("add", "lanterns", "--json")

    assert answer.code == 0
    assert answer.json["created"] is False
    assert "already in the library" in console("add", "lanterns").err


def test_a_name_can_be_chosen(console: Console) -> None:
    """The folder is named after the given name."""
    answer = console("add", "lanterns", "--name", "Meine Laternen", "--json")

    assert answer.json["name"] == "Meine Laternen"


def test_a_foreign_link_is_wrong_use(console: Console) -> None:
    """A link of another site is a usage error that lists the enabled catalogues."""
    answer = console("add", "https://elsewhere.example/anime/x")

    assert answer.code == 2
    assert "fake (fake.invalid)" in answer.err


def test_links_come_from_arguments_files_and_stdin(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Links of a file and of stdin are added like those of the command line, each once."""
    file = tmp_path / "links.txt"
    file.write_text(
        "\ufeff# watch later\r\nlanterns\r\n\r\n lanterns  https://fake.invalid/lanterns\r\n"
    )
    answer = console("add", "--file", str(file), "--json")
    results = answer.json["results"]
    assert [(r["link"], r["status"]) for r in results] == [
        ("lanterns", "added"),
        ("https://fake.invalid/lanterns", "known"),
    ]
    assert answer.code == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("lanterns\n"))
    answer = console("add", "-")
    assert (answer.code, answer.out.split("\t")[0]) == (0, "lanterns")


def test_each_link_of_several_fails_on_its_own(console: Console) -> None:
    """A failed link does not stop the others; the exit code is 1, or that of the only reason."""
    answer = console("add", "no-such-thing", "lanterns", "0", "--json")
    assert answer.code == 1
    results = answer.json["results"]
    assert [r["status"] for r in results] == ["failed", "added", "failed"]
    assert results[0]["error"]["kind"] == "series_not_found"
    assert results[1]["anime"]["key"] == "lanterns"
    assert "2 of 3 links were not added" in answer.err
    assert console("add", "no-such-thing", "nor-this").code == 3


def test_wrong_lists_of_links_are_wrong_use(console: Console, tmp_path: Path) -> None:
    """No link, an unreadable file, a name for several links and reading stdin twice."""
    (tmp_path / "empty").touch()
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    for arguments in (
        (),
        ("--file", str(tmp_path / "gone")),
        ("--file", str(tmp_path / "bytes")),
        ("--file", str(tmp_path / "empty")),
        ("--file", str(tmp_path)),
        ("lanterns", "other", "--name", "Both"),
        ("-", "--file", "-"),
    ):
        assert console("add", *arguments).code == 2


def test_an_unknown_key_is_not_found(console: Console) -> None:
    """A key that no catalogue has exits with 3."""
    assert console("add", "no-such-thing").code == 3


def test_text_that_is_no_key_is_wrong_use(console: Console) -> None:
    """Text that is not a key is a usage error with the broken rule."""
    answer = console("add", "No Key")

    assert answer.code == 2
    assert "upper-case" in answer.err


def test_a_restricted_series_is_denied(console: Console) -> None:
    """A restricted series exits with the documented code."""
    console.loader.error = RestrictedError("lanterns", "members only")

    assert console("add", "lanterns").code == 5


def test_a_moved_series_is_a_conflict_until_it_is_followed(console: Console) -> None:
    """A series that redirects to another key is only added with `--follow`."""

    class Moving(FakeLoader):
        def _find(self, key: SeriesKey) -> object:  # type: ignore[override]
            return lanterns("lanterns-again")

    console.loader = Moving()

    refused = console("add", "lanterns", "--json")
    assert refused.code == 4
    assert "lanterns-again" in refused.error["error"]
    assert console("list", "--json").json == []

    assert console("add", "lanterns", "--follow", "--json").json["key"] == "lanterns-again"


def test_the_library_lists_what_is_there_and_missing(console: Console) -> None:
    """Counts of episodes exclude announced ones."""
    console("add", "lanterns")

    assert console("list").rows == [["lanterns", "Laternen", "0/4", "S01E01-E03, S02E01"]]
    (summary,) = console("list", "--json").json
    assert summary["missing_episodes"] == {"1": [1, 2, 3], "2": [1]}
    assert summary["folder"]


def test_an_empty_library_is_no_error(console: Console) -> None:
    """An empty library is a success."""
    answer = console("list")

    assert (answer.code, answer.out) == (0, "")
    assert "empty" in answer.err


def test_complete_series_are_left_out_of_what_is_missing(console: Console) -> None:
    """`--missing` lists only series with missing episodes."""
    console("add", "lanterns")
    console("download", "lanterns")

    assert console("list", "--missing", "--json").json == []
    assert len(console("list", "--json").json) == 1


def test_showing_a_series_lists_its_episodes(console: Console) -> None:
    """`show` prints state, languages and file of each episode."""
    console("add", "lanterns")
    console("download", "lanterns", "S01E01")

    rows = [row for row in console("show", "lanterns").rows if row[0].startswith("S0")]
    assert [row[:3] for row in rows] == [
        ["S01E01", "Folge 1", "downloaded"],
        ["S01E02", "Folge 2", "missing"],
        ["S01E03", "Folge 3", "missing"],
        ["S02E01", "Folge 1", "missing"],
        ["S02E02", "Episode 2", "announced"],
    ]
    detail = console("show", "lanterns", "--json").json
    assert detail["episodes"][0]["downloaded"] is True
    assert detail["episodes"][2]["languages"] == ["ger-dub", "ger-sub"]


def test_showing_what_is_not_there_is_not_found(console: Console) -> None:
    """An unknown series exits with 3 and shows how to add it."""
    answer = console("show", "nothing")

    assert answer.code == 3
    assert "aniworld add nothing" in answer.err


def test_scanning_reports_counts_extras_and_time(console: Console) -> None:
    """The report has the documented fields and files of no episode."""
    # A scan reads the boxes of the file: these are whole.
    console.fetcher.content = b"\x00\x00\x00\x18ftypisom" + bytes(12) + b"\x00\x00\x00\x08free"
    console("add", "lanterns")
    console("download", "lanterns", "S01E01")
    stranger = console.library / "Somebody Else" / "Episode 1.mp4"
    stranger.parent.mkdir()
    stranger.write_bytes(console.fetcher.content)

    answer = console("scan", "--json")

    assert answer.code == 0
    assert answer.json["series"] == 1
    assert answer.json["files"] == 2
    assert answer.json["missing"] == 3
    assert answer.json["extra"] == ["Somebody Else/Episode 1.mp4"]
    assert answer.json["unreadable"] == []
    assert answer.json["scan_id"]
    assert answer.json["duration_seconds"] >= 0


def test_scanning_tells_each_series(console: Console) -> None:
    """Each scanned series is printed."""
    console("add", "lanterns")

    assert "scanned lanterns (1/1)" in console("scan").err
    assert "scanned" not in console("scan", "-q").err


def test_scanning_goes_on_without_one_catalogue(console: Console) -> None:
    """A catalogue that fails is reported, and the scan continues."""
    other = FakeLoader(
        [lanterns("other", name="Andere", site="second")], name="second", site="second.invalid"
    )
    console.adapters["loaders"] = [console.loader, other]
    console("add", "lanterns")
    console("add", "other")
    other.error = ProviderChangedError("second", "the list of seasons")

    answer = console("scan")

    assert answer.code == 0
    assert "other was not refreshed" in answer.err


def test_scanning_without_any_catalogue_ends_with_their_reason(console: Console) -> None:
    """If no catalogue answers, the exit code is that of their common reason."""
    console("add", "lanterns")
    console.loader.error = ProviderUnavailableError("fake", "it sleeps")

    assert console("scan").code == 6
    assert console("scan", "--disk-only").code == 0


def test_scanning_counts_what_one_reason_keeps_back(console: Console) -> None:
    """Series that were not refreshed for the same reason are one line."""
    others = [lanterns(f"other-{n}", name=f"Andere {n}", site="second") for n in range(3)]
    console.adapters["loaders"] = [
        console.loader,
        FakeLoader(others, name="second", site="second.invalid"),
    ]
    for key in ("lanterns", "other-0", "other-1", "other-2"):
        console("add", key)
    console.adapters["loaders"] = [console.loader]

    answer = console("scan")

    assert answer.code == 0
    assert answer.err.count("not refreshed") == 1
    assert "3 series were not refreshed: there is no enabled catalogue named 'second'" in answer.err


def test_scanning_needs_a_library(console: Console) -> None:
    """Without a library folder the scan fails."""
    assert console("scan", library=False).code == 8


def test_a_library_that_was_emptied_on_purpose_is_scanned_on_request(console: Console) -> None:
    """An empty library folder is refused, and scanned with `--accept-loss`."""
    console("add", "lanterns")
    console("download", "lanterns", "S01E01")
    (film,) = console.library.rglob("*.mp4")
    film.unlink()

    refused = console("scan", "--disk-only")
    kept = console("show", "lanterns", "--json").json["episodes"][0]["downloaded"]
    answer = console("scan", "--disk-only", "--accept-loss", "--json")

    assert refused.code != 0
    assert "--accept-loss" in refused.err
    assert kept is True
    assert answer.code == 0
    assert (answer.json["files"], answer.json["missing"]) == (0, 4)
    assert console("show", "lanterns", "--json").json["episodes"][0]["downloaded"] is False
