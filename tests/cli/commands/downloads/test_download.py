"""`aniworld download`."""

import os
import signal
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from aniworld_core.bootstrap.server_lock import only_server
from aniworld_core.domain.downloads import DownloadItem, DownloadStatus
from aniworld_core.domain.media import GER_SUB, Quality
from aniworld_core.errors import (
    AniworldError,
    BadMediaError,
    NeedsPersonError,
    ProviderUnavailableError,
    SourceGoneError,
)
from aniworld_core.ports.fetcher import FetchedFile, FetchRequest, OtherKind, ProgressCallback
from aniworld_core.testing.fakes import FakeFetcher
from support.console import Console, lanterns

SLEEPY = "https://fake.invalid/lanterns/S01E01.mp4"


@pytest.fixture(autouse=True)
def has_series(console: Console) -> None:
    console("add", "lanterns")


def _statuses(console: Console) -> list[str]:
    return [item["status"] for item in console("queue", "list", "--json").json]


def test_a_series_is_downloaded_as_a_whole(console: Console) -> None:
    """Without a selection all available episodes are downloaded."""
    answer = console("download", "lanterns")

    assert answer.code == 0
    assert console.files() == [
        "Laternen - S01E01 - Folge 1 (German Dub).mp4",
        "Laternen - S01E02 - Folge 2 (German Dub).mp4",
        "Laternen - S01E03 - Folge 3 (German Dub).mp4",
        "Laternen - S02E01 - Folge 1 (German Dub).mp4",
    ]


def test_events_are_plain_lines_where_nobody_watches(console: Console) -> None:
    """Without a terminal, one line is printed at the start and one at the end of each episode."""
    answer = console("download", "lanterns", "S01E01")

    assert answer.err.splitlines() == [
        "started S01E01 Folge 1 · Laternen",
        "done S01E01 Folge 1 · Laternen (1.0 kB)",
        "1 downloaded",
    ]
    assert answer.rows == [
        ["S01E01", "Laternen/Season 01/Laternen - S01E01 - Folge 1 (German Dub).mp4"]
    ]


def test_json_counts_and_lists_every_item(console: Console) -> None:
    """JSON has three counts, and items in the form of the REST interface."""
    answer = console("download", "lanterns", "S02", "--json")

    assert answer.json["completed"] == 1
    assert answer.json["failed"] == 0
    assert answer.json["skipped"] == 1
    (item,) = answer.json["items"]
    assert item["serie_id"] == "lanterns"
    assert item["status"] == "completed"
    assert item["episode"] == {"season": 2, "episode": 1, "title": "Folge 1"}
    assert item["language"] == "ger-dub"
    assert answer.json["skipped_items"] == [
        {
            "episode": "S02E02",
            "reason": "not yet available",
            "reason_kind": "not_announced_yet",
            "reason_values": {},
        }
    ]


@pytest.mark.parametrize(
    ("selection", "episodes"),
    [
        (["S01E02"], ["S01E02"]),
        (["s01e02-e03"], ["S01E02", "S01E03"]),
        (["S01E01,S02E01"], ["S01E01", "S02E01"]),
        (["S01E01", "S01E01-E02"], ["S01E01", "S01E02"]),
        (["S01"], ["S01E01", "S01E02", "S01E03"]),
    ],
)
def test_selections_choose_episodes(
    console: Console, selection: list[str], episodes: list[str]
) -> None:
    """Seasons, episodes and ranges are selected; each episode once."""
    answer = console("download", "lanterns", *selection)

    assert [row[0] for row in answer.rows] == episodes


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["lanterns", "S09E01"], 3, "has no episode S09E01"),
        (["lanterns", "E5"], 2, "not an episode"),
        (["lanterns", "S01E05-E02"], 2, "counts backwards"),
        (["unknown"], 3, "no series 'unknown'"),
        (["Bad Key"], 2, "upper-case"),
        (["lanterns", "--language", "klingon-ish"], 2, "not a language"),
        (["lanterns", "--quality", "900p"], 2, "quality"),
        (["lanterns", "S01", "--missing"], 2, "exclude each other"),
        (["lanterns", "--all-missing"], 2, "--all-missing"),
        ([], 2, "--all-missing"),
    ],
)
def test_wrong_input_is_one_clear_line_and_queues_nothing(
    console: Console, arguments: list[str], code: int, said: str
) -> None:
    """Invalid input prints one line with the documented exit code and queues nothing."""
    answer = console("download", *arguments)

    assert answer.code == code
    assert said in answer.err
    assert len(answer.err.splitlines()) == 1
    assert _statuses(console) == []


def test_without_a_library_nothing_is_queued(console: Console) -> None:
    """Without a library folder nothing is queued, and the hint shows how to set one."""
    answer = console("download", "lanterns", library=False)

    assert answer.code == 8
    assert "--library" in answer.err
    assert _statuses(console) == []


def test_what_is_there_is_not_downloaded_again(console: Console) -> None:
    """Existing episodes are reported and not downloaded again."""
    console("download", "lanterns", "S01")
    fetched = len(console.fetcher.requests)

    answer = console("download", "lanterns", "S01")

    assert answer.code == 0
    assert "already downloaded: Laternen S01E01-E03" in answer.err
    assert len(console.fetcher.requests) == fetched
    again = console("download", "lanterns", "S01", "--json").json
    assert (again["completed"], again["failed"], again["skipped"]) == (0, 0, 3)


def test_missing_passes_over_what_is_there_without_a_word(console: Console) -> None:
    """`--missing` ignores existing and announced episodes."""
    console("download", "lanterns", "S01")

    answer = console("download", "lanterns", "--missing", "--json")

    assert [i["episode"]["season"] for i in answer.json["items"]] == [2]
    assert answer.json["skipped_items"] == []
    assert console("download", "lanterns", "--missing").err == "nothing is missing\n"


def test_all_missing_covers_the_whole_library(console: Console) -> None:
    """`--all-missing` downloads the missing episodes of every series."""
    console.loader.series.append(lanterns("other", name="Andere"))
    console("add", "other")
    console("download", "lanterns")

    answer = console("download", "--all-missing", "--json")

    assert {item["serie_id"] for item in answer.json["items"]} == {"other"}
    assert answer.json["completed"] == 4


def test_a_dry_run_shows_the_plan_and_changes_nothing(console: Console) -> None:
    """`--dry-run` changes nothing and needs no library folder."""
    answer = console("download", "lanterns", "S01", "--dry-run", library=False)

    assert answer.code == 0
    assert [row[1] for row in answer.rows] == ["S01E01", "S01E02", "S01E03"]
    document = console("download", "lanterns", "S01", "--dry-run", "--json").json
    assert (document["completed"], len(document["items"])) == (0, 3)
    assert _statuses(console) == []
    assert console.fetcher.requests == []


def test_languages_and_quality_apply_to_this_download(console: Console) -> None:
    """`--language` and `--quality` apply to the new items."""
    answer = console(
        "download", "lanterns", "S01E03", "--language", "jpn,ger-sub", "--quality", "720p", "--json"
    )

    assert answer.json["items"][0]["language"] == "ger-sub"
    (request,) = console.fetcher.requests
    assert request.languages == (GER_SUB,)
    assert request.quality is Quality.P720


def test_a_language_that_is_not_there_is_unavailable(console: Console) -> None:
    """A language that is not available exits with 6 and lists the available ones."""
    answer = console("download", "lanterns", "S01E01", "--language", "eng-dub")

    assert answer.code == 6
    assert "ger-dub" in answer.err


def test_an_announced_episode_asked_for_is_not_yet_available(console: Console) -> None:
    """A requested episode that is only announced is reported as not yet available."""
    answer = console("download", "lanterns", "S02E02")

    assert answer.code == 6
    assert "lanterns S02E02" in answer.err


def test_some_failures_are_1(console: Console) -> None:
    """If some episodes fail, the exit code is 1."""
    console.fetcher.errors = [BadMediaError("it is a picture")]

    answer = console("download", "lanterns", "S01", "--json")

    assert answer.code == 1
    assert (answer.json["completed"], answer.json["failed"]) == (2, 1)
    assert answer.error["kind"] == "some_failed"
    assert {i["error_kind"] for i in answer.json["items"]} == {None, "bad_media"}


@pytest.mark.parametrize(
    ("errors", "code", "kind"),
    [
        ([BadMediaError("a picture"), SourceGoneError("the file")], 7, "bad_media"),
        ([NeedsPersonError("fake.invalid", "https://fake.invalid/check")] * 2, 6, "needs_person"),
        ([BadMediaError("a picture"), ProviderUnavailableError("x", "y")], 1, "some_failed"),
    ],
)
def test_nothing_but_one_kind_of_failure_has_its_own_code(
    console: Console, errors: list[AniworldError], code: int, kind: str
) -> None:
    """If all episodes fail with the same code, that is the exit code, else 1."""
    console.fetcher.errors = list(errors)

    answer = console("download", "lanterns", "S01E01-E02", "--json")

    assert answer.code == code
    assert answer.error["kind"] == kind
    assert answer.json["failed"] == 2


def test_a_needed_person_is_told_site_and_link(console: Console) -> None:
    """A failure that needs a person names site and link."""
    console.fetcher.errors = [NeedsPersonError("fake.invalid", "https://fake.invalid/check")]

    answer = console("download", "lanterns", "S01E01")

    assert answer.code == 6
    last = answer.err.splitlines()[-1]
    assert "fake.invalid" in last
    assert "https://fake.invalid/check" in last


def test_a_long_wait_ends_at_once_and_keeps_the_item(console: Console) -> None:
    """A long requested wait ends the command at once; the item stays pending."""
    console.resolver.errors[SLEEPY] = [
        ProviderUnavailableError("fake", "too many requests", retry_after=timedelta(minutes=5))
    ]

    answer = console("download", "lanterns", "S01E01", "--json")

    assert answer.code == 6
    assert answer.json["waiting"] == 1
    assert answer.json["items"][0]["status"] == "pending"
    assert "try again after" in answer.error["hint"]
    assert _statuses(console) == ["pending"]


def test_a_short_requested_wait_is_kept(console: Console) -> None:
    """A requested wait of up to ten seconds is waited out."""
    console.resolver.errors[SLEEPY] = [
        ProviderUnavailableError("fake", "busy", retry_after=timedelta(milliseconds=20))
    ]

    assert console("download", "lanterns", "S01E01").code == 0


def test_a_library_that_cannot_be_used_keeps_everything_waiting(console: Console) -> None:
    """If the library is unavailable, all items stay pending and one line shows the reason."""
    assert console("config", "set", "downloads.reserve_bytes", str(10**18)).code == 0

    answer = console("download", "lanterns", "S01")

    assert answer.code == 6
    count, reason = answer.err.splitlines()
    assert count == "3 waiting"
    assert "full" in reason
    assert _statuses(console) == ["pending"] * 3


def test_what_an_interrupted_run_left_open_is_worked(console: Console) -> None:
    """Open items of an interrupted run are downloaded as well."""
    console("queue", "add", "lanterns", "S01E01")

    answer = console("download", "lanterns", "S01", "--json")

    assert answer.code == 0
    assert (answer.json["completed"], answer.json["skipped"]) == (3, 0)


def test_quiet_downloads_say_nothing(console: Console) -> None:
    """`-q` prints nothing."""
    answer = console("download", "lanterns", "S01E01", "-q")

    assert (answer.code, answer.err) == (0, "")


class Interrupting(FakeFetcher):
    """Fetcher that sends a signal to this process in the middle of a file."""

    number = signal.SIGINT

    async def fetch(
        self, request: FetchRequest, *, on_progress: ProgressCallback | None = None
    ) -> FetchedFile | OtherKind:
        """Fetch the first half of the file."""
        os.kill(os.getpid(), self.number)
        self.gate = anyio.Event()
        return await super().fetch(request, on_progress=on_progress)


def test_an_interrupted_download_beside_a_server_says_what_goes_on(console: Console) -> None:
    """The server takes the items of the queue, so the command need not be repeated."""
    console.fetcher = Interrupting()
    with only_server(console.folder / "data"):
        answer = console("download", "lanterns", "S01E01")

    assert answer.code == 130
    said = answer.err.splitlines()[-1]
    assert "the running server downloads the rest" in said
    assert "run the same command" not in said


@pytest.mark.parametrize(
    ("command", "said"), [("stop", "aniworld queue start"), ("pause", "aniworld queue resume")]
)
def test_an_interrupted_download_beside_an_idle_server_says_so(
    console: Console, command: str, said: str
) -> None:
    """A stopped or paused server downloads nothing; the command to go on is named."""
    console.fetcher = Interrupting()
    console("queue", command)
    with only_server(console.folder / "data"):
        answer = console("download", "lanterns", "S01E01")

    assert answer.code == 130
    assert said in answer.err.splitlines()[-1]
    assert "downloads the rest" not in answer.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_download_gives_everything_back(
    console: Console, number: signal.Signals
) -> None:
    """An interrupted command exits with 130; the item is pending and its bytes are kept."""
    console.fetcher = fetcher = Interrupting()
    fetcher.number = number

    answer = console("download", "lanterns", "S01E01")

    assert answer.code == 130
    assert "run the same command to continue" in answer.err.splitlines()[-1]
    assert [i.status for i in _items(console)] == [DownloadStatus.PENDING]
    assert [name for name in console.files() if ".part" in name]

    console.fetcher = FakeFetcher()
    assert console("download", "lanterns", "S01E01").code == 0
    assert console.files() == ["Laternen - S01E01 - Folge 1 (German Dub).mp4"]


def _items(console: Console) -> Sequence[DownloadItem]:
    return anyio.run(console.storage.queue.find)


def _have_old_file(console: Console) -> Path:
    """Download the first episode; afterwards its source sends other bytes."""
    console("download", "lanterns", "S01E01")
    (path,) = console.library.rglob("*.mp4")
    path.write_bytes(b"old")
    os.utime(path, (0, 0))
    return path


def _binned(console: Console) -> list[bytes]:
    return [p.read_bytes() for p in (console.library / ".recycle").rglob("*") if p.is_file()]


def test_again_replaces_a_file_and_keeps_the_old_one_in_the_bin(console: Console) -> None:
    """`--again` replaces the file and moves the old one to the recycle bin."""
    path = _have_old_file(console)
    assert "already downloaded" in console("download", "lanterns", "S01E01").err
    assert path.read_bytes() == b"old"

    answer = console("download", "lanterns", "S01E01", "--again", "--json")

    assert answer.code == 0
    assert (answer.json["completed"], answer.json["skipped"]) == (1, 0)
    assert path.read_bytes() == console.fetcher.content
    assert _binned(console) == [b"old"]


def test_again_moves_nothing_when_the_new_file_is_bad(console: Console) -> None:
    """If the new file is damaged, the old one stays in place."""
    path = _have_old_file(console)
    console.fetcher.errors = [BadMediaError("there is no picture")]

    answer = console("download", "lanterns", "S01E01", "--again")

    assert answer.code != 0
    assert path.read_bytes() == b"old"
    assert _binned(console) == []


@pytest.mark.parametrize("arguments", [["lanterns"], ["lanterns", "--missing"], ["--all-missing"]])
def test_again_needs_named_episodes(console: Console, arguments: list[str]) -> None:
    """`--again` requires a selection."""
    answer = console("download", *arguments, "--again")

    assert answer.code == 2
    assert "S01E03 --again" in answer.err
