"""Pin files to episodes through the API."""

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
