"""Bulk jobs over REST and the WebSocket."""

from pathlib import Path
from typing import Any

import anyio
import pytest

from aniworld_core.application.downloads import SeriesSelection
from aniworld_core.domain.downloads import JobAction, JobKind
from aniworld_core.testing.waiting import PATIENCE
from support.http_library import KEY, open_library, other, titan
from support.http_stage import Server
from support.socket_stage import open_sockets

pytestmark = pytest.mark.anyio

ALL: dict[str, Any] = {"selection": {}}


async def ended(server: Server, job_id: int) -> dict[str, Any]:
    """Return a job when it has ended."""
    with anyio.fail_after(PATIENCE):
        while True:
            _, job = await server.json("GET", f"/api/jobs/{job_id}")
            if job["status"] in {"done", "cancelled", "undone"}:
                return dict(job)
            await anyio.sleep(0.01)


async def test_a_job_is_counted_started_and_undone(tmp_path: Path) -> None:
    """The estimate counts, the server runs the job, and the history offers its undo."""
    async with open_library(tmp_path, titan(), other("b", "Bravo")) as server:
        body = ALL | {"kind": "download", "monitored_only": True}
        status, estimate = await server.json("POST", "/api/jobs/estimate", body)
        assert (status, estimate["series"], estimate["episodes"]) == (200, 2, 6)

        status, job = await server.json("POST", "/api/jobs", body)

        assert (status, job["kind"], job["by"]) == (202, "download", "person")
        job = await ended(server, job["id"])
        assert (job["percent"], job["changed"], job["episodes"]) == (100, 2, 6)
        assert (await server.json("GET", "/api/jobs?limit=1"))[1] == [job]
        _, entries = await server.json("GET", "/api/history?kind=bulk")
        assert [entry["job"] for entry in entries] == [job]
        status, undoing = await server.json("POST", f"/api/jobs/{job['id']}/undo")
        assert (status, undoing["status"]) == (202, "undoing")
        job = await ended(server, job["id"])
        assert (job["status"], job["is_undoable"]) == ("undone", False)
        _, summary = await server.json("GET", "/api/queue/summary")
        assert summary["pending"] == 0
        status, problem = await server.json("POST", f"/api/jobs/{job['id']}/undo")
        assert (status, problem["kind"]) == (409, "job_not_undoable")


async def test_an_edit_of_some_series(tmp_path: Path) -> None:
    """Only the chosen series are changed; empty values mean the global ones again."""
    async with open_library(tmp_path, titan(), other("b", "Bravo")) as server:
        body: dict[str, Any] = {
            "kind": "edit",
            "selection": {"keys": [KEY, "unknown"]},
            "languages": ["eng-sub", "ger-dub"],
            "quality": "480p",
            "seasons": "latest",
        }
        _, job = await server.json("POST", "/api/jobs", body)
        assert (await ended(server, job["id"]))["changed"] == 1

        _, (series, bravo) = await server.json("GET", "/api/anime")

        assert (series["languages"], series["quality"]) == (["eng-sub", "ger-dub"], "480p")
        assert series["missing_episodes"] == {"2": [1]}
        assert (bravo["languages"], bravo["quality"]) == (None, None)

        body |= {"languages": [], "quality": ""}
        status, job = await server.json("POST", "/api/jobs", body)
        assert (status, job["quality"]) == (202, "")
        assert (await ended(server, job["id"]))["changed"] == 1
        _, (series, _) = await server.json("GET", "/api/anime")
        assert (series["languages"], series["quality"]) == (None, None)
        _, totals = await server.json("GET", "/api/anime/totals?search=TITAN%20attack")
        assert (totals["series"], totals["missing"], totals["letters"]) == (1, 1, {"A": 0})


async def test_progress_is_sent_to_its_room(tmp_path: Path) -> None:
    """A client of the room gets the start and the end of a job; a later one gets its state."""
    async with open_sockets(tmp_path) as server, anyio.create_task_group() as tasks:
        await server.stage.storage.series.add(titan())
        listener = await server.listen("jobs")
        action = JobAction(kind=JobKind.EDIT, monitored=False)
        job = await server.stage.app.jobs.start(action, SeriesSelection())
        (first,) = await listener.until("job_progress")
        late = await server.connect()
        await late.send("auth", token=server.token)
        await late.next()
        assert [each["data"]["id"] for each in await late.join("jobs")] == [job.id]

        tasks.start_soon(server.stage.app.jobs.run)
        messages = [first]
        while messages[-1]["data"]["status"] != "done":
            messages.append(await listener.next())

        assert {message["type"] for message in messages} == {"job_progress"}
        assert (first["data"]["status"], first["data"]["done"]) == ("waiting", 0)
        assert (messages[-1]["data"]["changed"], messages[-1]["data"]["is_undoable"]) == (1, True)
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize("scope", ["read", "request", "control", "admin"])
async def test_names_of_api_keys_are_for_those_who_may_list_them(
    tmp_path: Path, scope: str
) -> None:
    """Jobs and history name the key that asked for them only to admins."""
    async with open_library(tmp_path, titan()) as server:
        _, phone = await server.json(
            "POST", "/api/auth/keys", {"name": "phone", "scope": "control"}
        )
        _, reader = await server.json("POST", "/api/auth/keys", {"name": "tv", "scope": scope})
        body = ALL | {"kind": "edit", "monitored": False}
        headers = {"X-Api-Key": phone["key"]}
        _, job = await server.json("POST", "/api/jobs", body, token="", headers=headers)
        await ended(server, job["id"])
        shown = {}
        for path in (f"/api/jobs/{job['id']}", "/api/jobs", "/api/history?kind=bulk"):
            answer = await server.call("GET", path, token="", headers={"X-Api-Key": reader["key"]})
            text = await answer.text()
            shown[path] = ("phone" in text, "api_key" in text)

    assert job["by_name"] is None
    assert set(shown.values()) == {(scope == "admin", True)}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"kind": "edit", "selection": {}}, "/kind"),
        ({"kind": "edit", "selection": {"keys": []}, "monitored": True}, "/selection/keys"),
        ({"kind": "edit", "selection": {"search": "none"}, "monitored": True}, "/selection"),
        ({"kind": "edit", "selection": {}, "languages": ["klingon"]}, "/languages/0"),
        ({"kind": "edit", "selection": {}, "parent": "../up"}, "/parent"),
        ({"kind": "edit", "selection": {}, "monitored": True, "files": True}, "/files"),
        ({"kind": "download", "selection": {}, "quality": "480p"}, "/quality"),
        ({"kind": "remove", "selection": {}, "monitored_only": True}, "/monitored_only"),
        ({"kind": "explode", "selection": {}}, "/kind"),
        ({"kind": "remove"}, "/selection"),
    ],
)
async def test_a_bad_job_names_the_field(tmp_path: Path, body: dict[str, Any], place: str) -> None:
    """Nothing is started, and the answer names the field."""
    async with open_library(tmp_path, titan()) as server:
        status, problem = await server.json("POST", "/api/jobs", body)

        assert status == 422
        assert [each["pointer"] for each in problem["errors"]] == [place]
        assert (await server.json("GET", "/api/jobs"))[1] == []


@pytest.mark.parametrize("number", ["4711", "0", "x", "9" * 40])
async def test_unknown_jobs(tmp_path: Path, number: str) -> None:
    """Reading, cancelling and undoing an unknown job is answered with 404."""
    async with open_library(tmp_path, titan()) as server:
        for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/undo")):
            status, problem = await server.json(method, f"/api/jobs/{number}{path}")
            assert (status, problem["kind"]) == (404, "job_not_found")
