"""/api/library: rename, import, history and undo."""

from pathlib import Path
from typing import Any

import attrs
import pytest

from aniworld_core.domain.catalogue import Episode
from aniworld_core.domain.identity import FolderName
from aniworld_core.testing import make_series
from support.http_stage import open_server

pytestmark = pytest.mark.anyio


async def test_a_plan_is_shown_applied_listed_and_undone(tmp_path: Path) -> None:
    """Only the shown plan is applied; another digest is a conflict; numbers are checked."""
    async with open_server(tmp_path) as server:
        library = server.stage.library
        (library / "Alpha").mkdir(parents=True)
        (library / "Alpha/a.mkv").write_text("a")
        episode = Episode(season=1, number=1, downloaded=True, file="Alpha/a.mkv")
        series = attrs.evolve(
            make_series(episodes=0), folder=FolderName("Alpha"), episodes=(episode,)
        )
        await server.stage.storage.series.add(series)

        status, plan = await server.json("POST", "/api/library/rename/plan", {})
        assert (status, len(plan["changes"])) == (200, 1)
        assert plan["changes"][0]["source"] == "Alpha/a.mkv"
        wrong = {"digest": "0" * 64}
        status, problem = await server.json("POST", "/api/library/rename/apply", wrong)
        assert (status, problem["kind"]) == (409, "plan_changed")
        status, applied = await server.json(
            "POST", "/api/library/rename/apply", {"digest": plan["digest"]}
        )
        assert (status, applied["change"]["status"]) == (200, "done")
        assert not (library / "Alpha/a.mkv").exists()
        number = applied["change"]["id"]
        assert (await server.json("GET", "/api/library/history"))[1][0]["id"] == number
        status, undo = await server.json("POST", f"/api/library/history/{number}/undo")
        assert (status, undo["undoes"]) == (200, number)
        assert (library / "Alpha/a.mkv").read_text() == "a"
        status, problem = await server.json("POST", f"/api/library/history/{number}/undo")
        assert (status, problem["kind"]) == (409, "undo_refused")
        for unknown in ("99", "x", "9" * 30):
            assert (await server.json("GET", f"/api/library/history/{unknown}"))[0] == 404


async def test_an_import_of_a_missing_folder_names_it(tmp_path: Path) -> None:
    """A relative path and a folder that does not exist are mistakes in the field `folder`."""
    async with open_server(tmp_path) as server:
        server.stage.library.mkdir(exist_ok=True)
        for folder in ("inbox", f"{tmp_path}/inbox"):
            body = {"folder": folder}
            status, problem = await server.json("POST", "/api/library/import/plan", body)
            assert (status, problem["errors"][0]["pointer"]) == (422, "/folder")


async def test_corrections_are_part_of_the_import_and_checked(tmp_path: Path) -> None:
    """A correction changes the plan and its digest; a mistake names its field."""
    async with open_server(tmp_path) as server:
        library, inbox = server.stage.library, tmp_path / "inbox"
        library.mkdir(exist_ok=True)
        inbox.mkdir()
        (inbox / "what.mkv").write_text("a")
        series = attrs.evolve(make_series(episodes=2), folder=FolderName("Alpha"))
        await server.stage.storage.series.add(series)

        async def plan(*corrections: dict[str, object]) -> tuple[int, dict[str, Any]]:
            body = {"folder": str(inbox), "corrections": corrections}
            status, answer = await server.json("POST", "/api/library/import/plan", body)
            return status, dict(answer)

        status, before = await plan()
        assert (status, before["changes"]) == (200, [])
        assert before["matches"][0]["reason_kind"] == "series_unknown"
        chosen: dict[str, object] = {"path": "what.mkv", "key": series.key, "episode": "S01E02"}
        status, after = await plan(chosen)
        assert (status, after["matches"][0]["episodes"]) == (200, ["S01E02"])
        assert after["groups"][0]["series"]["key"] == series.key
        for code in ("S09E02", "S01E02-E01"):
            status, problem = await plan({**chosen, "episode": code})
            assert status == 422
            assert [each["pointer"] for each in problem["errors"]] == ["/corrections/0/episode"]

        body: dict[str, Any] = {"folder": str(inbox), "corrections": [chosen]}
        body["digest"] = before["digest"]
        status, _ = await server.json("POST", "/api/library/import/apply", body)
        assert status == 409
        body["digest"] = after["digest"]
        status, applied = await server.json("POST", "/api/library/import/apply", body)
        assert (status, applied["change"]["status"]) == (200, "done")
        assert not (inbox / "what.mkv").exists()


async def test_the_history_names_callers_and_pages(tmp_path: Path) -> None:
    """Requests of a signed-in person are recorded as such; a list has parts and filters."""
    async with open_server(tmp_path) as server:
        library = server.stage.library
        library.mkdir(exist_ok=True)
        for name in ("Alpha", "Beta"):
            await server.stage.storage.series.add(make_series(name.lower(), name=name))
            status, _ = await server.json("DELETE", f"/api/anime/{name.lower()}")
            assert status == 204
        response = await server.call("GET", "/api/history?limit=1&search=ALPH&kind=removed")
        (entry,) = await response.json()
        none = await server.json("GET", "/api/history?kind=added&kind=failed")
        wrong = await server.json("GET", "/api/history?kind=other&limit=0")

    assert response.headers["X-Total-Count"] == "1"
    assert (entry["kind"], entry["by"], entry["by_name"]) == ("removed", "person", None)
    assert (entry["key"], entry["title"], entry["id"]) == ("alpha", "Alpha", None)
    assert none == (200, [])
    assert wrong[0] == 422
    assert len(wrong[1]["errors"]) == 2
