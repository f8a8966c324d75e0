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
