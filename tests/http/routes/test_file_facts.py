"""Facts of files through the API."""

from pathlib import Path

import anyio
import pytest

from support.http_library import FOLDER, KEY, open_library, titan

pytestmark = pytest.mark.anyio


async def test_files_of_a_series_have_facts(tmp_path: Path) -> None:
    """Facts and fingerprint are listed by series; an inspection can be requested."""
    async with open_library(tmp_path, titan()) as server:
        path = server.stage.library / FOLDER / "S01E01.mkv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\x1a\x45\xdf\xa3" + bytes(2000))
        await server.stage.app.scanner.scan(refresh=False)
        await server.stage.app.contents.inspect()

        assert (await server.json("POST", "/api/library/files/inspect"))[0] == 202
        _, files = await server.json("GET", f"/api/library/files?series={KEY}")

        assert files[0]["facts"]["height"] == 1080
        assert files[0]["facts"]["audio_languages"] == ["deu"]
        assert files[0]["fingerprint"]
        _, none = await server.json("GET", "/api/library/files?series=other&state=present")
        assert none == []


async def test_a_requested_inspection_reads_new_files_in_the_background(tmp_path: Path) -> None:
    """The answer comes at once; facts and fingerprints of all new files follow."""
    async with open_library(tmp_path, titan()) as server, anyio.create_task_group() as tasks:
        tasks.start_soon(server.stage.app.inspection.run)
        await anyio.sleep(0)
        folder = server.stage.library / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(1, 31):  # more than one batch
            (folder / f"S01E{number:02}.mkv").write_bytes(b"\x1a\x45\xdf\xa3" + bytes(2000))
        await server.stage.app.scanner.scan(refresh=False)

        assert (await server.json("POST", "/api/library/files/inspect"))[0] == 202

        with anyio.fail_after(60):
            while True:
                _, files = await server.json("GET", f"/api/library/files?series={KEY}")
                if all(file["facts"] and file["fingerprint"] for file in files):
                    break
                await anyio.sleep(0.01)
        assert len(files) == 30
        tasks.cancel_scope.cancel()
