"""What needs a decision, in one answer."""

from pathlib import Path
from typing import Any

import pytest

from aniworld_core.domain.identity import EpisodeRef, SeriesKey
from aniworld_core.domain.library import DeletedFile, FileState, LibraryFile
from aniworld_core.testing.factories import at
from support.http_library import KEY, open_library, titan

pytestmark = pytest.mark.anyio

NOTHING = {
    "losses": 0,
    "deleted": 0,
    "folders": 0,
    "unsure": 0,
    "damaged": 0,
    "suspect": 0,
    "version": 0,
    "extra": 0,
}


async def test_one_answer_has_numbers_and_pages(tmp_path: Path) -> None:
    """Numbers are those of all kinds; entries are those of the chosen kinds and page."""
    async with open_library(tmp_path, titan()) as server:

        async def ask(query: str = "") -> dict[str, Any]:
            status, answer = await server.json("GET", f"/api/library/attention{query}")
            assert status == 200
            return dict(answer)

        server.stage.library.mkdir(exist_ok=True)
        assert (await ask())["counts"] == NOTHING
        files = [
            LibraryFile(path=f"{state}/{n}.mkv", size=1, modified_ns=1, state=state)
            for state in (FileState.UNSURE, FileState.EXTRA, FileState.PRESENT)
            for n in range(3)
        ]
        await server.stage.storage.files.save(files)
        folder = server.stage.library / "Whatever"
        folder.mkdir()
        (folder / "S01E02.mkv").write_bytes(b"\x1a\x45\xdf\xa3" + bytes(2000))

        answer = await ask("?limit=2&offset=1")
        assert answer["counts"] == {**NOTHING, "folders": 1, "unsure": 3, "extra": 3}
        assert answer["decisions"] == 4
        assert [file["path"] for file in answer["files"]["unsure"]] == [
            "unsure/1.mkv",
            "unsure/2.mkv",
        ]
        assert answer["folders"] == []
        answer = await ask("?kind=folders&kind=damaged")
        assert [each["folder"] for each in answer["folders"]] == ["Whatever"]
        assert answer["files"] == {"damaged": []}
        numbers = await ask("?limit=0")
        assert (numbers["decisions"], numbers["folders"], numbers["files"]) == (4, [], {})

        body = {"items": [{"folder": "Whatever", "key": KEY}]}
        await server.json("POST", "/api/library/adopt", body)
        assert (await ask("?limit=0"))["decisions"] == 3


async def test_deleted_files_are_listed_until_somebody_decides(tmp_path: Path) -> None:
    """An episode becomes not wanted, or is left missing; a malformed request changes nothing."""
    async with open_library(tmp_path, titan()) as server:
        deleted = [
            DeletedFile(
                episode=EpisodeRef(SeriesKey(KEY), 1, number),
                path=f"T/{number}.mkv",
                noted_at=at(0),
            )
            for number in (1, 2)
        ]
        await server.stage.storage.files.note_deleted(deleted)

        async def listed() -> list[str]:
            _, answer = await server.json("GET", "/api/library/attention?kind=deleted")
            assert answer["counts"]["deleted"] == answer["decisions"] == len(answer["deleted"])
            return [file["code"] for file in answer["deleted"]]

        assert await listed() == ["S01E01", "S01E02"]
        path = "/api/library/deleted/leave-missing"
        status, _ = await server.json("POST", path, {"episodes": []})
        assert status == 422
        one = {"key": KEY, "season": 1, "episode": 1}
        status, _ = await server.json("POST", path, {"episodes": [one, {**one, "season": 9}]})
        assert status == 204
        assert await listed() == ["S01E02"]
        wanted = {"episodes": ["S01E02"], "wanted": False}
        await server.json("POST", f"/api/anime/{KEY}/wanted", wanted)
        assert await listed() == []


async def test_a_library_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """The other kinds are still listed."""
    async with open_library(tmp_path, titan()) as server:
        server.stage.library.rmdir()
        status, answer = await server.json("GET", "/api/library/attention")
    assert (status, answer["problem"]["kind"]) == (200, "library_unavailable")
    assert answer["counts"] == NOTHING
