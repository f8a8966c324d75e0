"""Pin files to episodes, and delete files, through the API."""

from pathlib import Path

import pytest

from support.http_library import FOLDER, KEY, open_library, titan

pytestmark = pytest.mark.anyio

FILE = f"{FOLDER}/S01E01.mkv"


async def test_a_file_is_pinned_and_released(tmp_path: Path) -> None:
    """The file is the pinned episode; then its name decides again. Mistakes name their field."""
    async with open_library(tmp_path, titan()) as server:
        path = server.stage.library / FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\x1a\x45\xdf\xa3" + bytes(2000))

        async def pin(**body: str | None) -> tuple[int, list[str] | list[int]]:
            status, answer = await server.json("POST", "/api/library/files/pin", body)
            if status == 200:
                return status, answer["numbers"]
            return status, [problem["pointer"] for problem in answer["errors"]]

        assert await pin(path=FILE, key=KEY, episode="S01E02") == (200, [2])
        assert await pin(path=FILE, key=KEY, episode="S09E02") == (422, ["/episode"])
        assert await pin(path="x.mkv", key=KEY, episode="S01E02") == (422, ["/path"])
        assert await pin(path=FILE, episode=None) == (200, [1])
        assert await pin(path=FILE, episode=None) == (422, ["/path"])


async def test_a_deleted_file_is_in_the_history(tmp_path: Path) -> None:
    """Its episode is not wanted if the request says so; an unknown file names its field."""
    async with open_library(tmp_path, titan()) as server:
        path = server.stage.library / FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\x1a\x45\xdf\xa3" + bytes(2000))
        await server.stage.app.scanner.scan(refresh=False)

        body = {"path": FILE, "unwanted": True}
        status, change = await server.json("POST", "/api/library/files/delete", body)
        assert (status, change["origin"]) == (200, "removal")
        assert not path.exists()
        _, series = await server.json("GET", f"/api/anime/{KEY}")
        (episode,) = [e for e in series["episodes"] if e["code"] == "S01E01"]
        assert (episode["downloaded"], episode["monitored"]) == (False, False)
        status, answer = await server.json("POST", "/api/library/files/delete", body)
        assert (status, answer["errors"][0]["pointer"]) == (422, "/path")
        assert (await server.json("POST", f"/api/library/history/{change['id']}/undo"))[0] == 200
        assert path.exists()
