"""The queue over REST: lists, adding, changing and removing items, start and stop."""

import json
import os
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest

from aniworld_core.domain.downloads import Claim, DownloadItem
from aniworld_core.domain.identity import ItemId
from aniworld_core.errors import (
    ProviderUnavailableError,
    SourceGoneError,
    StorageUnavailableError,
)
from aniworld_core.testing.fakes import FakeFetcher
from aniworld_core.testing.waiting import PATIENCE
from support.http_library import FOLDER, KEY, open_library, other, titan
from support.http_stage import Server

pytestmark = pytest.mark.anyio

ITEM_FIELDS = {
    "id",
    "serie_id",
    "serie_folder",
    "serie_name",
    "episode",
    "status",
    "priority",
    "progress",
    "error",
    "retry_count",
    "language",
    "provider",
    "added_at",
    "started_at",
    "completed_at",
}
PROGRESS_FIELDS = {"percent", "downloaded_bytes", "total_bytes", "speed_mbps", "eta_seconds"}


async def queued(server: Server, *episodes: object, **fields: object) -> list[dict[str, Any]]:
    """Queue episodes and return the new items."""
    body = {"serie_id": KEY, "episodes": list(episodes), **fields}
    status, submitted = await server.json("POST", "/api/queue/add", body)
    assert status == 201, submitted
    return list(submitted["items"])


async def statuses(server: Server) -> dict[str, str]:
    """Return the status of every item, by episode."""
    items = await server.stage.storage.queue.find()
    return {item.episode.code: item.status.value for item in items}


async def until(server: Server, wanted: dict[str, str]) -> None:
    """Wait until the queue status fulfils a condition."""
    with anyio.fail_after(PATIENCE):
        while await statuses(server) != wanted:
            await anyio.sleep(0.001)


def hold(server: Server) -> FakeFetcher:
    """Make transfers wait in the middle of their files."""
    server.stage.fetcher.gate = anyio.Event()
    return server.stage.fetcher


def pointers(problem: dict[str, Any]) -> list[str]:
    """Return the pointers of a problem document."""
    return [error["pointer"] for error in problem["errors"]]


async def test_an_empty_queue_has_every_documented_field(tmp_path: Path) -> None:
    """Lists are empty and numbers are zero."""
    async with open_library(tmp_path) as server:
        status, body = await server.json("GET", "/api/queue/status")
    assert status == 200
    assert (body["is_running"], body["is_paused"]) == (False, False)
    for name in ("active_downloads", "pending_queue", "completed_downloads", "failed_downloads"):
        assert body[name] == []
    assert body["statistics"]["total_items"] == 0


async def test_both_forms_of_episodes_are_queued(tmp_path: Path) -> None:
    """Codes and numbers can be mixed; films are season 0; each episode is queued once."""
    async with open_library(tmp_path, titan()) as server:
        place = {"season": 0.0, "episode": 1}
        items = await queued(server, "s01e01", place, "S01E01", serie_folder=FOLDER, serie_name="x")
    assert [(i["episode"]["season"], i["episode"]["episode"]) for i in items] == [(0, 1), (1, 1)]
    item = items[1]
    assert set(item) >= ITEM_FIELDS
    assert set(item["progress"]) >= PROGRESS_FIELDS
    assert (item["serie_id"], item["serie_folder"]) == (KEY, FOLDER)
    assert (item["serie_name"], item["status"]) == ("Attack on Titan", "pending")
    assert item["episode"]["title"]


@pytest.mark.parametrize(
    ("given", "shown"),
    [(0, "low"), (1, "normal"), (2, "high"), ("low", "low"), ("high", "high"), (None, "normal")],
)
async def test_priorities_are_numbers_or_names(tmp_path: Path, given: object, shown: str) -> None:
    """Priority numbers and names are equivalent; the default is normal."""
    async with open_library(tmp_path, titan()) as server:
        fields = {} if given is None else {"priority": given}
        (item,) = await queued(server, "S01E01", **fields)
    assert item["priority"] == shown


async def test_what_need_not_be_queued_is_skipped(tmp_path: Path) -> None:
    """Queued, downloaded and announced episodes are reported as skipped."""
    async with open_library(tmp_path, titan()) as server:
        series = titan()
        await server.stage.storage.series.mark_downloaded(
            series.ref(series.episode(2, 1)), "x.mkv", None
        )
        await queued(server, "S01E01")
        body = {"serie_id": KEY, "episodes": ["S01E01", "S01E02", "S01E03", "S02E01"]}
        status, submitted = await server.json("POST", "/api/queue/add", body)
        assert status == 201
        assert [i["episode"]["episode"] for i in submitted["items"]] == [2]
        assert submitted["skipped"] == [
            {
                "episode": "S01E01",
                "reason": "already in the queue",
                "reason_kind": "already_queued_episode",
                "reason_values": {},
            },
            {
                "episode": "S01E03",
                "reason": "not yet available",
                "reason_kind": "not_announced_yet",
                "reason_values": {},
            },
            {
                "episode": "S02E01",
                "reason": "already downloaded",
                "reason_kind": "already_downloaded",
                "reason_values": {},
            },
        ]
        _, again = await server.json("POST", "/api/queue/add", {**body, "episodes": ["S01E01"]})
        assert again["items"] == []


async def test_an_unknown_series_is_404(tmp_path: Path) -> None:
    """A valid key that the library does not have gets 404."""
    async with open_library(tmp_path) as server:
        body = {"serie_id": "nobody", "episodes": ["S01E01"]}
        status, problem = await server.json("POST", "/api/queue/add", body)
    assert (status, problem["kind"]) == (404, "series_not_found")


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"episodes": ["S09E99"]}, ["/episodes/0"]),
        (
            {"episodes": ["S01E01", {"season": 7, "episode": 1}, "S08E01"]},
            ["/episodes/1", "/episodes/2"],
        ),
        ({"episodes": ["first"]}, ["/episodes/0"]),
        ({"episodes": ["S01"]}, ["/episodes/0"]),
        ({"episodes": [{"season": 1}]}, ["/episodes/0/episode"]),
        ({"episodes": [{"season": 1, "episode": 1, "title": "x"}]}, ["/episodes/0/title"]),
        ({"episodes": [{"season": -1, "episode": 1}]}, ["/episodes/0/season"]),
        ({"episodes": [{"season": 1.5, "episode": 1}]}, ["/episodes/0/season"]),
        ({"episodes": [5]}, ["/episodes/0"]),
        ({"episodes": []}, ["/episodes"]),
        ({"episodes": "S01E01"}, ["/episodes"]),
        ({"serie_folder": "/etc"}, ["/serie_folder"]),
        ({"serie_folder": "../x", "episodes": ["S09E09"]}, ["/serie_folder", "/episodes/0"]),
        ({"serie_id": "Attack on Titan"}, ["/serie_id"]),
        ({"priority": 3}, ["/priority"]),
        ({"priority": "urgent"}, ["/priority"]),
        ({"priority": True}, ["/priority"]),
        ({"folder": "x"}, ["/folder"]),
    ],
)
async def test_a_bad_request_queues_nothing(
    tmp_path: Path, change: dict[str, object], wanted: list[str]
) -> None:
    """Each invalid field is named, and nothing is queued."""
    async with open_library(tmp_path, titan()) as server:
        body = {"serie_id": KEY, "episodes": ["S01E01"], **change}
        status, problem = await server.json("POST", "/api/queue/add", body)
        assert (status, pointers(problem)) == (422, wanted)
        assert await statuses(server) == {}


async def test_items_are_paged_filtered_and_searched(tmp_path: Path) -> None:
    """`X-Total-Count` is the number of all matches."""
    async with open_library(tmp_path, titan(), other("bleach", "Bleach")) as server:
        await queued(server, "S01E01", "S01E02", "S02E01")
        await queued(server, "S01E02", serie_id="bleach")

        async def found(query: str) -> tuple[int, str]:
            response = await server.call("GET", f"/api/queue/items?{query}")
            assert response.status == 200
            return len(await response.json()), response.headers["X-Total-Count"]

        assert await found("") == (4, "4")
        assert await found("limit=2&offset=1") == (2, "4")
        assert await found("serie_id=bleach") == (1, "1")
        assert await found("status=pending") == (4, "4")
        assert await found("status=failed&status=completed") == (0, "0")
        assert await found("search=TITAN&limit=1") == (1, "3")
        assert await found("search=s01e02") == (2, "2")
        status, problem = await server.json("GET", "/api/queue/items?status=lost")
        assert (status, pointers(problem)) == (422, ["/status/0"])


async def test_a_summary_fits_on_a_dashboard(tmp_path: Path) -> None:
    """The summary is smaller than half a kilobyte."""
    async with open_library(tmp_path, titan()) as server:
        await queued(server, "S01E01", "S01E02")
        response = await server.call("GET", "/api/queue/summary")
        body = await response.json()
    assert (body["pending"], body["downloading"], body["failed"]) == (2, 0, 0)
    assert (body["is_running"], body["speed_mbps"]) == (False, 0.0)
    assert len(json.dumps(body)) < 512


async def test_items_leave_the_queue(tmp_path: Path) -> None:
    """Items are removed one by one or several at once; unknown ids get 404 or are ignored."""
    async with open_library(tmp_path, titan()) as server:
        ids = [item["id"] for item in await queued(server, "S01E01", "S01E02", "S02E01")]
        assert (await server.json("DELETE", f"/api/queue/{ids[0]}")) == (204, None)
        status, problem = await server.json("DELETE", f"/api/queue/{ids[0]}")
        assert (status, problem["kind"]) == (404, "item_not_found")
        body = {"item_ids": [*ids, ids[1], "no-such-item"]}
        assert await server.json("POST", "/api/queue/remove", body) == (200, {"removed": 2})
        status, problem = await server.json("POST", "/api/queue/remove", {"item_ids": []})
        assert (status, pointers(problem)) == (422, ["/item_ids"])
        assert await statuses(server) == {}


async def test_an_active_item_is_cancelled_first(tmp_path: Path) -> None:
    """The transfer of an active item is cancelled without a failure; the next item starts."""
    async with open_library(tmp_path, titan()) as server:
        fetcher = hold(server)
        ids = [item["id"] for item in await queued(server, "S01E01", "S01E02")]
        await server.json("POST", "/api/queue/start")
        with anyio.fail_after(PATIENCE):
            await fetcher.waiting.wait()
        await until(server, {"S01E01": "downloading", "S01E02": "pending"})
        assert (await server.json("DELETE", f"/api/queue/{ids[0]}"))[0] == 204
        await until(server, {"S01E02": "downloading"})
        names = [type(event).__name__ for event in server.stage.bus.events]
        assert "ItemRemoved" in names
        assert "DownloadFailed" not in names
        removed = await server.json("POST", "/api/queue/remove", {"item_ids": [ids[1]]})
        assert removed == (200, {"removed": 1})
        assert server.stage.files() == []


async def test_the_queue_is_worked_to_its_end(tmp_path: Path) -> None:
    """Pending items are downloaded; the files are in the library and the totals are correct."""
    async with open_library(tmp_path, titan()) as server:
        await queued(server, "S01E01", "S01E02")
        state = {"is_running": True, "is_paused": False}
        assert await server.json("POST", "/api/queue/start") == (200, state)
        assert await server.json("POST", "/api/queue/start") == (200, state)
        await until(server, {"S01E01": "completed", "S01E02": "completed"})
        _, body = await server.json("GET", "/api/queue/status")
        assert len(body["completed_downloads"]) == 2
        assert body["statistics"]["completed_count"] == 2
        item = body["completed_downloads"][0]
        assert (item["progress"]["percent"], item["language"]) == (100.0, "ger-dub")
        assert (item["provider"], item["error"]) == ("fake", None)
        assert item["started_at"].endswith("Z")
        assert item["completed_at"].endswith("Z")
        assert len(server.stage.files()) == 2
        assert await server.json("DELETE", "/api/queue/completed") == (200, {"removed": 2})
        assert await server.json("DELETE", "/api/queue/completed") == (200, {"removed": 0})


async def test_stopping_puts_items_back_and_keeps_what_was_fetched(tmp_path: Path) -> None:
    """Stopping requeues active items with their bytes; it is idempotent."""
    async with open_library(tmp_path, titan()) as server:
        fetcher = hold(server)
        await queued(server, "S01E01")
        await server.json("POST", "/api/queue/start")
        with anyio.fail_after(PATIENCE):
            await fetcher.waiting.wait()
        state = {"is_running": False, "is_paused": False}
        assert await server.json("POST", "/api/queue/stop") == (200, state)
        assert await server.json("POST", "/api/queue/stop") == (200, state)
        assert await statuses(server) == {"S01E01": "pending"}
        assert server.stage.leftovers()
        fetcher.gate = None
        await server.json("POST", "/api/queue/start")
        await until(server, {"S01E01": "completed"})


async def test_pausing_starts_nothing_until_resumed(tmp_path: Path) -> None:
    """While paused, no transfer starts; pausing and resuming are idempotent."""
    async with open_library(tmp_path, titan()) as server:
        await queued(server, "S01E01")
        paused = {"is_running": False, "is_paused": True}
        assert await server.json("POST", "/api/queue/pause") == (200, paused)
        assert await server.json("POST", "/api/queue/pause") == (200, paused)
        _, state = await server.json("POST", "/api/queue/start")
        assert state == {"is_running": True, "is_paused": True}
        slept = len(server.stage.clock.slept)
        with anyio.fail_after(PATIENCE):
            while len(server.stage.clock.slept) < slept + 3:
                await anyio.sleep(0.001)
        assert await statuses(server) == {"S01E01": "pending"}
        going = {"is_running": True, "is_paused": False}
        assert await server.json("POST", "/api/queue/resume") == (200, going)
        assert await server.json("POST", "/api/queue/resume") == (200, going)
        await until(server, {"S01E01": "completed"})


async def test_a_queue_without_a_library_is_not_started(tmp_path: Path) -> None:
    """Without a library folder the start gets 409."""
    async with open_library(tmp_path, titan(), has_library=False) as server:
        status, problem = await server.json("POST", "/api/queue/start")
    assert (status, problem["kind"]) == (409, "library_not_set")


async def test_failed_items_are_retried_or_cleared(tmp_path: Path) -> None:
    """All failed items or the given ones are retried; other items cannot be retried."""
    async with open_library(tmp_path, titan()) as server:
        server.stage.fetcher.errors = [SourceGoneError("x", "gone") for _ in range(4)]
        first, second = [i["id"] for i in await queued(server, "S01E01", "S01E02")]
        await server.json("POST", "/api/queue/start")
        await until(server, {"S01E01": "failed", "S01E02": "failed"})
        await server.json("POST", "/api/queue/stop")
        _, body = await server.json("GET", "/api/queue/status")
        assert body["failed_downloads"][0]["error"]
        retry = "/api/queue/retry"
        assert await server.json("POST", retry, {"item_ids": [first]}) == (200, {"retried": 1})
        assert (await server.json("POST", retry, {"item_ids": [first]}))[0] == 409
        assert (await server.json("POST", retry, {"item_ids": ["nobody"]}))[0] == 404
        assert await server.json("DELETE", "/api/queue/failed") == (200, {"removed": 1})
        assert await server.json("POST", retry) == (200, {"retried": 0})
        assert await server.json("POST", retry, {}) == (200, {"retried": 0})
        assert (await server.json("POST", retry, {"ids": []}))[0] == 422
        assert second not in str(await server.json("GET", "/api/queue/items"))


async def test_pending_items_are_put_first(tmp_path: Path) -> None:
    """Moved items are first in the given order, within their priority."""
    async with open_library(tmp_path, titan()) as server:
        items = await queued(server, "S00E01", "S01E01", "S01E02")
        (high,) = await queued(server, "S02E01", priority="high")
        ids = [item["id"] for item in items]
        body = {"item_ids": [ids[2], ids[1]]}
        status, moved = await server.json("POST", "/api/queue/reorder", body)
        assert (status, [i["id"] for i in moved["items"]]) == (200, [ids[2], ids[1]])
        _, state = await server.json("GET", "/api/queue/status")
        order = [item["id"] for item in state["pending_queue"]]
        assert order == [high["id"], ids[2], ids[1], ids[0]]
        assert (await server.json("POST", "/api/queue/reorder", {"item_ids": ["x"]}))[0] == 404
        assert (await server.json("POST", "/api/queue/reorder", {}))[0] == 422


async def test_a_filter_selects_what_is_changed(tmp_path: Path) -> None:
    """Retry, move and remove take a filter instead of ids; the numbers are those of the lists."""
    async with open_library(tmp_path, titan(), other("black-clover", "Black Clover")) as server:
        await queued(server, "S00E01", "S01E01", "S02E01")
        clover = {"serie_id": "black-clover", "episodes": ["S01E01", "S01E02"]}
        await server.json("POST", "/api/queue/add", clover)
        of_clover = {"serie_id": ["black-clover"], "status": ["pending"]}

        _, groups = await server.json("GET", "/api/queue/series")
        assert {(g["serie_id"], g["serie_name"], g["items"]) for g in groups} == {
            (KEY, "Attack on Titan", 3),
            ("black-clover", "Black Clover", 2),
        }
        status, moved = await server.json("POST", "/api/queue/reorder", {"filter": of_clover})
        assert (status, moved["moved"]) == (200, 2)
        _, groups = await server.json("GET", "/api/queue/series")
        assert [g["counts"] for g in groups] == [{"pending": 2}, {"pending": 3}]
        assert [i["episode"]["episode"] for i in moved["items"]] == [1, 2]
        _, found = await server.json("GET", "/api/queue/series?search=clover&limit=1")
        assert [g["items"] for g in found] == [2]
        _, first = await server.json("GET", "/api/queue/items?limit=2&order=next")
        assert {item["serie_id"] for item in first} == {"black-clover"}

        nothing = {"filter": {"status": ["pending"]}}
        assert await server.json("POST", "/api/queue/retry", nothing) == (200, {"retried": 0})
        for body in ({}, {"item_ids": ["x"], "filter": {}}):
            assert (await server.json("POST", "/api/queue/remove", body))[0] == 422
        removed = await server.json("POST", "/api/queue/remove", {"filter": {"search": "clover"}})
        assert removed == (200, {"removed": 2})
        assert sorted(await statuses(server)) == ["S00E01", "S01E01", "S02E01"]


async def test_items_of_a_resting_catalogue_are_one_entry(tmp_path: Path) -> None:
    """The list can leave them out; they are listed as one entry and released on request."""
    async with open_library(tmp_path, titan()) as server:
        await queued(server, "S00E01", "S01E01", "S01E02")
        pause = timedelta(minutes=5)
        server.stage.loader.error = ProviderUnavailableError("fake", "busy", retry_after=pause)
        await server.json("POST", "/api/queue/start")
        with anyio.fail_after(PATIENCE):
            while not (await server.json("GET", "/api/queue/resting"))[1]:
                await anyio.sleep(0.001)
        await server.json("POST", "/api/queue/stop")

        _, ((resting),) = await server.json("GET", "/api/queue/resting")
        assert (resting["catalogue"], resting["items"]) == ("fake", 3)
        assert resting["reason_kind"] == "provider_unavailable"
        assert resting["until"]
        assert await server.json("GET", "/api/queue/items?resting=false") == (200, [])
        _, items = await server.json("GET", "/api/queue/items?error_kind=catalogue_rests")
        assert len(items) == 3
        again = "/api/queue/resting/try"
        assert await server.json("POST", again, {"catalogue": "x"}) == (200, {"released": 0})
        assert await server.json("POST", again) == (200, {"released": 3})
        assert await server.json("GET", "/api/queue/resting") == (200, [])


async def test_nothing_is_told_or_done_without_a_token(tmp_path: Path) -> None:
    """Every operation of the queue gets 401 without a token."""
    async with open_library(tmp_path) as server:
        paths = [("GET", name) for name in ("status", "items", "summary")]
        names = ("add", "remove", "start", "stop", "pause", "resume", "retry", "reorder")
        paths += [("POST", name) for name in names]
        paths += [("DELETE", name) for name in ("completed", "failed", "some-id")]
        for method, name in paths:
            response = await server.call(method, f"/api/queue/{name}", token="")
            assert (response.status, name) == (401, name)


async def test_a_queue_whose_database_was_gone_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a database outage the queue continues without a request."""
    async with open_library(tmp_path, titan()) as server:
        kind = type(server.stage.storage.queue)
        claim_next = kind.claim_next
        refused = anyio.Event()

        async def locked_once(
            queue: Any, claim: Claim, *, only: Collection[ItemId] | None
        ) -> DownloadItem | None:
            if refused.is_set():
                return await claim_next(queue, claim, only=only)
            refused.set()
            raise StorageUnavailableError("it is locked")

        monkeypatch.setattr(kind, "claim_next", locked_once)
        await queued(server, "S01E01")
        await server.json("POST", "/api/queue/start")
        await until(server, {"S01E01": "completed"})
        assert refused.is_set()
        _, state = await server.json("GET", "/api/queue/status")
        assert state["is_running"] is True


async def test_an_episode_is_replaced_on_request(tmp_path: Path) -> None:
    """With `replace` the old file goes to the recycle bin after a check of the new one."""
    async with open_library(tmp_path, titan()) as server:
        series, old = titan(), f"{FOLDER}/old.mkv"
        path = server.stage.library / old
        path.parent.mkdir(parents=True)
        path.write_bytes(b"old")
        os.utime(path, (0, 0))
        ref = series.ref(series.episode(1, 1))
        await server.stage.storage.series.mark_downloaded(ref, old, None)
        body = {"serie_id": KEY, "episodes": ["S01E01"], "replace": False}
        _, skipped = await server.json("POST", "/api/queue/add", body)
        status, wrong = await server.json("POST", "/api/queue/add", {**body, "replace": "yes"})
        assert (status, pointers(wrong)) == (422, ["/replace"])
        await queued(server, "S01E01", replace=True)
        assert path.read_bytes() == b"old"

        await server.json("POST", "/api/queue/start")
        await until(server, {"S01E01": "completed"})
        _, detail = await server.json("GET", f"/api/anime/{KEY}")

        assert skipped["skipped"] == [
            {
                "episode": "S01E01",
                "reason": "already downloaded",
                "reason_kind": "already_downloaded",
                "reason_values": {},
            }
        ]
        assert not path.exists()
        binned = (server.stage.library / ".recycle").rglob("old.mkv")
        assert [p.read_bytes() for p in binned] == [b"old"]
        file = next(e["file"] for e in detail["episodes"] if (e["season"], e["episode"]) == (1, 1))
        assert (server.stage.library / file).read_bytes() == server.stage.fetcher.content
