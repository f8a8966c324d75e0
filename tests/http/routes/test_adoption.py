"""Folders of no series over REST."""

from pathlib import Path

import pytest

from support.http_library import KEY, open_library, titan

pytestmark = pytest.mark.anyio


async def test_folders_are_listed_and_adopted(tmp_path: Path) -> None:
    """Each folder has its own result; one that fails does not stop the others."""
    async with open_library(tmp_path, titan()) as server:
        folder = server.stage.library / "Whatever"
        folder.mkdir(parents=True)
        (folder / "S01E02.mkv").write_bytes(b"\x1a\x45\xdf\xa3" + bytes(2000))

        status, listed = await server.json("GET", "/api/library/adoptable")
        assert status == 200
        assert [(each["folder"], each["files"]) for each in listed] == [("Whatever", 1)]

        items = [{"folder": name, "key": KEY} for name in ("Whatever", "Gone")]
        status, report = await server.json("POST", "/api/library/adopt", {"items": items})
        assert status == 200
        assert [each["key"] for each in report["adopted"]] == [KEY]
        assert report["failures"]["Gone"]["kind"] == "folder_not_found"
        assert (await server.json("GET", "/api/library/adoptable"))[1] == []


async def test_an_adoption_is_one_change_that_can_be_undone(tmp_path: Path) -> None:
    """Undo gives the series its former folder and episodes back, and redo repeats it."""
    async with open_library(tmp_path, titan()) as server:
        before = (await server.json("GET", f"/api/anime/{KEY}"))[1]
        for number, name in ((2, "Whatever"), (3, "Further")):
            folder = server.stage.library / name
            folder.mkdir(parents=True)
            (folder / f"S01E{number:02}.mkv").write_bytes(b"\x1a\x45\xdf\xa3" + bytes(2000))
        items = [{"folder": name, "key": KEY} for name in ("Whatever", "Further")]
        number = (await server.json("POST", "/api/library/adopt", {"items": items}))[1]["change"]
        after = (await server.json("GET", f"/api/anime/{KEY}"))[1]
        assert after["folder"] == "Whatever"
        files = {e["file"] for e in after["episodes"] if e["downloaded"]}
        assert files == {"Whatever/S01E02.mkv", "Further/S01E03.mkv"}

        undone = (await server.json("POST", f"/api/library/history/{number}/undo"))[1]
        assert undone["undoes"] == number
        assert (await server.json("GET", f"/api/anime/{KEY}"))[1] == before
        await server.json("POST", f"/api/library/history/{undone['id']}/undo")
        assert (await server.json("GET", f"/api/anime/{KEY}"))[1] == after
