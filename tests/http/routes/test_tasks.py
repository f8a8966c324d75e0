"""Background tasks over REST and WebSocket."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

import aniworld_http
from aniworld_core.adapters.system_clock import SystemClock
from aniworld_core.domain.automation import TaskKind, TaskName
from aniworld_core.testing.waiting import PATIENCE
from aniworld_http.lifespan import add_background
from support.http_stage import Server, open_server

pytestmark = pytest.mark.anyio

LOCALE = Path(aniworld_http.__file__).parent / "web/locale"
_PERIODIC = sorted(name for name in TaskName if name.kind is TaskKind.PERIODIC)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """Serve with background tasks."""
    async with open_server(tmp_path, configure=add_background, clock=SystemClock()) as server:
        yield server


async def _tasks(server: Server) -> dict[str, dict[str, object]]:
    status, views = await server.json("GET", "/api/tasks")
    assert status == 200
    return {view["name"]: view for view in views}


async def test_a_server_runs_every_task_of_the_registry(server: Server) -> None:
    """Every continuous task runs, and every periodic one can be run."""
    with anyio.fail_after(PATIENCE):
        while True:
            tasks = await _tasks(server)
            idle = {
                name
                for name, view in tasks.items()
                if view["kind"] == "continuous" and not view["is_running"]
            }
            if not idle:
                break
            await anyio.sleep(0.01)
    assert list(tasks) == [name.value for name in TaskName]
    assert tasks["legacy-import"]["started_at"] is not None


@pytest.mark.parametrize("name", _PERIODIC)
async def test_each_periodic_task_runs_on_request(server: Server, name: str) -> None:
    """The answer comes at once; the result follows, completed and with a text."""
    with anyio.fail_after(PATIENCE):
        # A run of the schedule may be in the way, or the tasks have not begun.
        while (answer := await server.json("POST", f"/api/tasks/{name}/run"))[0] in {409, 503}:
            await anyio.sleep(0.01)
        assert answer[0] == 202, answer
        while True:
            view = (await _tasks(server))[name]
            if view["outcome"] is not None and not view["is_running"]:
                break
            await anyio.sleep(0.01)
    assert (view["outcome"], bool(view["result_kind"])) == ("completed", True)


@pytest.mark.parametrize(
    ("name", "status"),
    [("no-such-task", 404), ("notifications", 409), ("legacy-import", 404), ("%00", 404)],
)
async def test_other_tasks_are_refused(server: Server, name: str, status: int) -> None:
    """Unknown tasks are not found; running ones and those of the start cannot be started."""
    with anyio.fail_after(PATIENCE):
        while (await _tasks(server))["legacy-import"]["finished_at"] is None:
            await anyio.sleep(0.01)
    found, problem = await server.json("POST", f"/api/tasks/{name}/run")
    assert found == status, problem


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", [*TaskName])
def test_every_task_has_a_name_and_an_explanation(name: str, language: str) -> None:
    """The page names a task in both languages."""
    texts = json.loads((LOCALE / f"{language}.json").read_text("utf-8"))
    assert texts[f"task.{name}"]
    assert texts[f"task.{name}.hint"].endswith(".")
