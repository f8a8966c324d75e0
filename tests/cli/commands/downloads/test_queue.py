"""`aniworld queue`."""

from datetime import UTC, datetime, timedelta

import anyio
import pytest

from aniworld_core.domain.downloads import RESTS, CataloguePlace, Failure
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import BadMediaError
from aniworld_core.testing import make_claim, make_series
from support.console import Console


@pytest.fixture(autouse=True)
def has_series(console: Console) -> None:
    """Add the series that the tests queue."""
    console("add", "lanterns")


def _ids(console: Console) -> dict[str, str]:
    items = console("queue", "list", "--json").json
    return {f"S{i['episode']['season']}E{i['episode']['episode']}": i["id"] for i in items}


def test_adding_queues_without_downloading(console: Console) -> None:
    """`queue add` queues episodes and downloads nothing."""
    answer = console("queue", "add", "lanterns", "S01", "--priority", "high", "--json")

    assert answer.code == 0
    assert [i["priority"] for i in answer.json["items"]] == ["high"] * 3
    assert answer.json["skipped"] == []
    assert console.fetcher.requests == []


def test_adding_works_without_a_library(console: Console) -> None:
    """`queue add` works without a library folder."""
    assert console("queue", "add", "lanterns", "S01E01", library=False).code == 0


def test_adding_twice_skips_the_second(console: Console) -> None:
    """An episode that is already queued is skipped."""
    console("queue", "add", "lanterns", "S01E01")

    answer = console("queue", "add", "lanterns", "S01E01", "--json")

    assert answer.code == 0
    assert answer.json["items"] == []
    assert answer.json["skipped"] == [
        {
            "episode": "S01E01",
            "reason": "already in the queue",
            "reason_kind": "already_queued_episode",
            "reason_values": {},
        }
    ]


def test_adding_needs_to_know_what(console: Console) -> None:
    """`queue add` requires a selection or `--missing`."""
    assert console("queue", "add", "lanterns").code == 2
    assert console("queue", "add", "lanterns", "S01", "--missing").code == 2
    assert console("queue", "add", "lanterns", "S01", "--priority", "soon").code == 2


def test_listing_shows_items_in_the_order_they_are_worked(console: Console) -> None:
    """Items are listed by priority, then by position."""
    console("queue", "add", "lanterns", "S01E01-E02")
    console("queue", "add", "lanterns", "S02E01", "--priority", "2")

    rows = console("queue", "list").rows

    assert [(row[1], row[2], row[4]) for row in rows] == [
        ("pending", "high", "S02E01"),
        ("pending", "normal", "S01E01"),
        ("pending", "normal", "S01E02"),
    ]


def test_listing_can_be_narrowed_to_a_status(console: Console) -> None:
    """`--status` filters the list."""
    console("download", "lanterns", "S01E01")
    console("queue", "add", "lanterns", "S01E02")

    assert [row[4] for row in console("queue", "list", "--status", "completed").rows] == ["S01E01"]
    assert console("queue", "list", "--status", "failed").rows == []
    assert console("queue", "list", "--status", "lost").code == 2


def test_removing_takes_ids_or_their_beginnings(console: Console) -> None:
    """Items are removed by id or by a prefix of it."""
    console("queue", "add", "lanterns", "S01E01-E02")
    first, second = _ids(console).values()

    assert console("queue", "remove", first[:8], second, "--json").json == {"removed": 2}
    assert _ids(console) == {}


def test_an_unknown_or_short_id_is_refused(console: Console) -> None:
    """An unknown or too short id removes nothing."""
    console("queue", "add", "lanterns", "S01E01-E02")
    (first, *_) = _ids(console).values()

    assert console("queue", "remove", "ffffffff-ffff").code == 3
    assert console("queue", "remove", first[:1]).code == 2
    assert console("queue", "remove").code == 2
    assert len(_ids(console)) == 2


def test_what_is_being_downloaded_is_not_removed(console: Console) -> None:
    """An item that another process downloads is not removed."""
    console("queue", "add", "lanterns", "S01E01")
    anyio.run(console.storage.queue.claim_next, make_claim())
    (item_id,) = _ids(console).values()

    assert console("queue", "remove", item_id).code == 4


def test_moving_puts_items_first_in_the_order_given(console: Console) -> None:
    """Moved items come first in the given order."""
    console("queue", "add", "lanterns", "S01")
    ids = _ids(console)

    answer = console("queue", "move", ids["S1E3"], ids["S1E2"])

    assert answer.code == 0
    assert list(_ids(console)) == ["S1E3", "S1E2", "S1E1"]


def test_a_whole_series_is_moved_and_removed(console: Console) -> None:
    """`--series` chooses all items of a series; ids and a series exclude each other."""
    console.loader.series.append(
        make_series(SeriesKey("tidewater"), name="Ebbe", provider="fake", episodes=1)
    )
    console("add", "tidewater")
    console("queue", "add", "lanterns", "S01E01-E02")
    console("queue", "add", "tidewater", "S01E01")

    rows = console("queue", "move", "--series", "tidewater").rows
    assert [(row[3], row[4]) for row in rows] == [("Ebbe", "S01E01")]
    grouped = console("queue", "list", "--by-series").rows
    assert [(row[0], row[2]) for row in grouped] == [("tidewater", "1"), ("lanterns", "2")]
    assert [row[3] for row in console("queue", "list", "--search", "tide").rows] == ["Ebbe"]
    assert console("queue", "retry", "--series", "lanterns", "--json").json == {"retried": 0}
    assert console("queue", "remove", "--series", "lanterns", "--json").json == {"removed": 2}
    assert console("queue", "move", "aaaa", "--series", "tidewater").code == 2
    assert console("queue", "remove").code == 2


def test_items_of_a_resting_catalogue_are_one_line_until_it_is_asked_again(
    console: Console,
) -> None:
    """The list shows one line for the catalogue; `try-again` releases its items."""
    console("queue", "add", "lanterns", "S01E01-E03")
    name = console.loader.name
    failure = Failure(kind=RESTS, message=f"{name} is down", values={"catalogue": name})
    until = datetime.now(UTC) + timedelta(hours=1)
    place = CataloguePlace(provider=name)
    anyio.run(console.storage.queue.delay_catalogue, place, failure, until)

    listed = console("queue", "list")

    assert listed.rows == []
    assert "3 items wait until" in listed.err
    assert len(console("queue", "list", "--json").json) == 3
    assert console("queue", "try-again", "nobody").code == 2
    assert console("queue", "try-again", "--json").json == {"released": 3}
    assert len(console("queue", "list").rows) == 3


def test_failed_items_are_retried(console: Console) -> None:
    """All failed items or the given ones are retried."""
    console.fetcher.errors = [BadMediaError("a picture"), BadMediaError("a picture")]
    console("download", "lanterns", "S01E01-E02")
    ids = _ids(console)

    assert console("queue", "retry", ids["S1E1"], "--json").json == {"retried": 1}
    assert console("queue", "retry", "--json").json == {"retried": 1}
    assert console("queue", "retry", ids["S1E1"]).code == 4
    assert console("queue", "run", "--json").json["completed"] == 2


def test_clearing_takes_out_what_is_settled(console: Console) -> None:
    """`clear` removes settled items, and pending ones only if requested."""
    console("download", "lanterns", "S01E01")
    console("queue", "add", "lanterns", "S01E02")

    assert console("queue", "clear", "--json").json == {"removed": 1}
    assert console("queue", "clear", "pending", "--json").json == {"removed": 1}
    assert _ids(console) == {}


def test_running_works_everything(console: Console) -> None:
    """`queue run` prints the same result as `download`."""
    console("queue", "add", "lanterns", "S01")

    answer = console("queue", "run", "--json")

    assert answer.code == 0
    assert (answer.json["completed"], answer.json["failed"]) == (3, 0)


def test_running_an_empty_queue_is_no_error(console: Console) -> None:
    """An empty queue is a success."""
    answer = console("queue", "run")

    assert (answer.code, answer.out) == (0, "")
    assert "empty" in answer.err


def test_running_needs_a_library(console: Console) -> None:
    """Without a library folder nothing is started."""
    console("queue", "add", "lanterns", "S01")

    assert console("queue", "run", library=False).code == 8


def test_people_see_the_name_of_a_series_and_programs_its_key(console: Console) -> None:
    """The table has the name; with `--json` there are `serie_id` and `serie_name`."""
    console("queue", "add", "lanterns", "S01E01")

    (item,) = console("queue", "list", "--json").json
    (row,) = console("queue", "list").rows
    assert item["serie_id"] == "lanterns"
    assert item["serie_name"] == row[3] != "lanterns"
