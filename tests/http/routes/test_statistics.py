"""Statistics over REST."""

from datetime import timedelta
from pathlib import Path

import pytest

from aniworld_core.domain.automation import DownloadResult
from support.http_library import open_library, titan
from support.http_stage import open_server

pytestmark = pytest.mark.anyio


async def test_the_answer_has_the_weeks_of_the_viewer(tmp_path: Path) -> None:
    """Sums are numbers, and names of hosters are unchanged text."""
    async with open_server(tmp_path) as server:
        now = server.stage.clock.now()
        name = "<img src=x onerror=alert(1)>"
        done = DownloadResult(at=now, hoster=name, language="", is_success=True, bytes=5)
        await server.stage.storage.statistics.count([done])

        status, view = await server.json("GET", "/api/statistics?weeks=2&tz=Pacific/Kiritimati")

    assert status == 200
    monday = (now + timedelta(hours=14)).date()
    monday -= timedelta(days=monday.weekday())
    assert [week["start"] for week in view["weeks"]] == [
        (monday - timedelta(days=7)).isoformat(),
        monday.isoformat(),
    ]
    assert [week["completed"] for week in view["weeks"]] == [0, 1]
    assert view["downloads"] == {"completed": 1, "upgraded": 0, "failed": 0, "bytes": 5}
    assert (view["hosters"][0]["name"], view["hosters"][0]["success"]) == (name, 1)


@pytest.mark.parametrize("query", ["weeks=0", "weeks=261", "weeks=x", "tz=No/Where"])
async def test_bad_queries_are_refused(tmp_path: Path, query: str) -> None:
    """The answer is 422, as described."""
    async with open_server(tmp_path) as server:
        assert (await server.json("GET", f"/api/statistics?{query}"))[0] == 422


async def test_the_metrics_agree_with_the_page(tmp_path: Path) -> None:
    """Prometheus reads the same numbers of the library."""
    async with open_library(tmp_path, titan()) as server:
        _, view = await server.json("GET", "/api/statistics")
        text = await (await server.call("GET", "/metrics")).text()

    library = view["library"]
    assert library["series"] == 1
    for figure in ("series", "episodes", "missing", "bytes"):
        assert f'aniworld_library{{figure="{figure}"}} {float(library[figure])}' in text
