"""`aniworld bulk`: many series in one job, as the pages do it."""

import io

import anyio
import pytest

from aniworld_core.domain.identity import SeriesKey
from support.console import Console, lanterns


@pytest.fixture
def two(console: Console) -> Console:
    """A library of two series without files."""
    for key, name in (("lanterns", "Laternen"), ("moss", "Moos")):
        anyio.run(console.storage.series.add, lanterns(key, name=name))
    return console


def monitored(console: Console) -> dict[str, bool]:
    """Which series are monitored."""
    return {each.key: each.monitored for each in anyio.run(console.storage.series.find)}


def test_missing_episodes_of_a_filter_are_queued(two: Console) -> None:
    """The count comes first; the job queues them, is listed and can be undone."""
    counted = two("bulk", "download", "--filter", "missing", "--dry-run", "--json")
    assert counted.json == {"series": 2, "episodes": 8, "queued": 0, "size_bytes": 0}
    plan = two("bulk", "download", "--filter", "missing", "--dry-run")
    assert plan.err == "queue 8 episodes of 2 series\n"

    done = two("bulk", "download", "--filter", "missing", "--yes")
    assert (done.code, done.out) == (0, "")
    assert done.err == ("8 episodes of 2 series queued\nundo it with: aniworld bulk undo 1\n")
    (row,) = two("bulk", "list").rows
    assert (row[0], row[2:]) == ("1", ["command", "8 episodes of 2 series queued"])
    assert two("bulk", "list", "--json").json[0]["changed"] == 2

    undone = two("bulk", "undo", "1", "--json")
    assert (undone.code, undone.json["status"]) == (0, "undone")
    assert anyio.run(two.storage.queue.find) == ()
    assert two("bulk", "undo", "1").code == 4


def test_keys_are_completed_and_repeated_ones_count_once(two: Console) -> None:
    """The start of a key is enough; an unknown one changes nothing."""
    assert two("bulk", "set", "lan", "nothing", "--monitored", "no", "--yes").code == 3
    assert monitored(two) == {"lanterns": True, "moss": True}

    answer = two("bulk", "set", "lan", "lanterns", "--monitored", "no", "--yes")

    assert (answer.code, answer.err.splitlines()[0]) == (0, "1 series changed")
    assert monitored(two) == {"lanterns": False, "moss": True}


def test_settings_of_many_series(two: Console) -> None:
    """Every setting of the pages can be changed, also back to the default."""
    new = ("--languages", "eng-sub,ger-dub", "--quality", "480p", "--seasons", "latest")
    assert two("bulk", "set", "--search", "moos", *new, "--yes").code == 0
    moss = anyio.run(two.storage.series.get, SeriesKey("moss"))
    assert [each.code for each in moss.languages or ()] == ["eng-sub", "ger-dub"]
    assert moss.quality == "480p"
    assert {e.season for e in moss.episodes if e.wanted} == {2}

    back = ("--languages", "default", "--quality", "default", "--seasons", "all")
    assert two("bulk", "set", "moss", *back, "--yes").code == 0
    moss = anyio.run(two.storage.series.get, SeriesKey("moss"))
    assert (moss.languages, moss.quality) == (None, None)
    assert all(episode.wanted for episode in moss.episodes)


@pytest.mark.parametrize(
    "arguments",
    [
        ("download",),
        ("download", "lanterns", "--filter", "all"),
        ("set", "lanterns", "--yes"),
        ("set", "lanterns", "--languages", "klingon", "--yes"),
        ("set", "lanterns", "--folder", "../up", "--yes"),
        ("remove", "lanterns"),
        ("remove", "lanterns", "--json"),
        ("cancel", "0"),
    ],
)
def test_wrong_use_changes_nothing(two: Console, arguments: tuple[str, ...]) -> None:
    """Without a terminal nobody can be asked, so --yes is needed."""
    assert two("bulk", *arguments).code == 2
    assert two("bulk", "list", "--json").json == []


@pytest.mark.parametrize(("answer", "left"), [("n", 2), ("", 2), ("y", 0)])
def test_a_terminal_is_asked(
    two: Console, monkeypatch: pytest.MonkeyPatch, answer: str, left: int
) -> None:
    """Only a yes starts the job."""
    stdin = io.StringIO(f"{answer}\n")
    monkeypatch.setattr(stdin, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", stdin)

    asked = two("bulk", "remove", "--filter", "all")

    assert asked.code == 0
    question = "Remove 2 series with 0 episodes (0 B) and 0 queued items; files stay? [y/N] "
    assert asked.err.startswith(question)
    assert len(monitored(two)) == left


def test_nothing_to_do(two: Console) -> None:
    """It is no failure, and starts no job."""
    answer = two("bulk", "download", "--filter", "complete", "--yes")
    assert answer.code == 0
    assert answer.err == "nothing to do: no series is chosen, or none has such episodes\n"
    assert two("bulk", "list").err == "there was no job yet\n"
    assert two("bulk", "resume").err == "no job is unfinished\n"


def test_an_interrupted_job_is_continued_or_cancelled(two: Console) -> None:
    """Another run of the command finishes it, or ends it after the present series."""
    from aniworld_core.domain.downloads import BulkJob, JobAction, JobKind, JobStatus
    from aniworld_core.testing.factories import at

    keys = [SeriesKey("lanterns"), SeriesKey("moss")]
    action = JobAction(kind=JobKind.EDIT, monitored=False)
    job = BulkJob(action=action, actor=("command", ""), at=at(1), total=2, status=JobStatus.RUNNING)
    anyio.run(two.storage.jobs.add, job, keys)

    assert two("bulk", "resume").err.startswith("2 series changed\n")
    assert monitored(two) == {"lanterns": False, "moss": False}
    anyio.run(two.storage.jobs.add, job, keys)
    cancelled = two("bulk", "cancel", "2")
    assert (cancelled.code, cancelled.err) == (
        0,
        "0 series changed; cancelled after 0 of 2 series\n",
    )
