"""Choose and create folders of the server on pages."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from support.http_stage import Server, open_server

pytestmark = pytest.mark.anyio

FOLDERS = "/api/config/folders"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set the home folder of the server's user."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    return home


async def listed(server: Server, path: object, **more: object) -> tuple[int, Any]:
    """Request a listing."""
    query = urlencode({"path": str(path), **more})
    return await server.json("GET", f"{FOLDERS}?{query}")


def names(listing: Any) -> list[str]:
    """Return the names in a listing."""
    return [each["name"] for each in listing["folders"]]


async def test_only_folders_of_the_places_are_listed(tmp_path: Path, home: Path) -> None:
    """Hidden folders, files and links to the outside are left out; links inside are followed."""
    outside = tmp_path / "outside"
    outside.mkdir()
    for name in ("beta", "Alpha", ".hidden", "Größe", "\u202eltr"):
        (home / name).mkdir()
    (home / "file").write_text("x")
    (home / "escape").symlink_to(outside)
    (home / "broken").symlink_to(home / "nothing")
    (home / "inner").symlink_to(home / "beta")
    async with open_server(tmp_path) as server:
        status, body = await listed(server, home)
        assert status == 200
        assert names(body) == ["Alpha", "beta", "Größe", "inner"]
        assert body["parent"] is None
        assert str(home) in body["places"]
        status, inner = await listed(server, home / "inner")
        assert (status, inner["path"]) == (200, str(home / "beta"))
        assert inner["parent"] == str(home)
        for path in (outside, home / "escape", home / "..", "/", "/etc", f"{home}/../outside"):
            status, problem = await listed(server, path)
            assert status == 422, path
            assert problem["kind"] == "unsafe_path"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("relative", 422),
        ("{home}/gone", 404),
        ("{home}/file", 404),
        ("{home}/\x00", 422),
        ("{home}/" + "x" * 300, 422),
        ("{home}/" + "x/" * 3000, 422),
        ("{home}/\u202egnp", 404),
        ("{home}/loop", 404),
        ("{home}/../loop", 422),
    ],
)
async def test_bad_paths_have_a_reason(tmp_path: Path, home: Path, path: str, status: int) -> None:
    """Neither a listing nor a new folder breaks on any path."""
    (home / "file").write_text("x")
    for place in (home, home.parent):
        (place / "loop").symlink_to("loop")
    path = path.format(home=home)
    async with open_server(tmp_path) as server:
        found, _ = await listed(server, path)
        made, _ = await server.json("POST", FOLDERS, {"path": f"{path}/new"})
    assert found == status
    assert made == status


async def test_a_large_folder_is_paged(tmp_path: Path, home: Path) -> None:
    """The number of folders is known without a listing of all."""
    for number in range(450):
        (home / f"S{number:03}").mkdir()
    async with open_server(tmp_path) as server:
        response = await server.call("GET", f"{FOLDERS}?path={home}&limit=200&offset=400")
        _, last = await listed(server, home, limit=200, offset=400)
        status, _ = await listed(server, home, limit=501)
    assert response.headers["X-Total-Count"] == "450"
    assert names(last) == [f"S{number:03}" for number in range(400, 450)]
    assert status == 422


async def test_a_folder_is_created_once(tmp_path: Path, home: Path) -> None:
    """A taken name is a conflict, and nothing is created outside or two levels deep."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (home / "escape").symlink_to(outside)
    async with open_server(tmp_path) as server:
        wanted = home / "Anime ✓"
        status, body = await server.json("POST", FOLDERS, {"path": str(wanted)})
        assert (status, body) == (201, {"path": str(wanted)})
        assert wanted.is_dir()
        again, _ = await server.json("POST", FOLDERS, {"path": str(wanted)})
        assert again == 409
        for path, expected in {
            str(home / "a" / "b"): 404,
            str(home / "escape" / "x"): 422,
            str(outside / "x"): 422,
            str(home / ".."): 422,
            str(home / ("n" * 256)): 422,
            # They would be missing in the listing.
            str(home / ".hidden"): 422,
            str(home / "mark\u202e"): 422,
            str(home / "delete\x7f"): 422,
        }.items():
            status, _ = await server.json("POST", FOLDERS, {"path": path})
            assert status == expected, path
    assert list(outside.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads and writes every folder")
async def test_permissions_are_shown(tmp_path: Path, home: Path) -> None:
    """A folder that cannot be read or written says so."""
    (home / "closed").mkdir(mode=0)
    async with open_server(tmp_path) as server:
        _, body = await listed(server, home)
        assert [each["is_readable"] for each in body["folders"]] == [False]
        status, _ = await listed(server, home / "closed")
        assert status == 422
    (home / "closed").chmod(0o700)


async def test_a_folder_beside_others_is_tested(tmp_path: Path, home: Path) -> None:
    """A folder inside another library folder, around one, or in the data folder is refused."""
    library = home / "anime"
    (library / "old").mkdir(parents=True)
    async with open_server(tmp_path) as server:
        data = server.stage.app.settings.data_dir
        (data / "inner").mkdir(parents=True)
        for path, others, kind in (
            (library / "old", [str(library)], "inside_other_folder"),
            (library, [str(library)], "inside_other_folder"),
            (home, [str(library)], "contains_other_folder"),
            (data / "inner", [], "inside_other_folder"),
            (library, [str(home / "anime-2")], None),
        ):
            body = {"path": str(path), "others": others}
            _, trial = await server.json("POST", "/api/config/test/folder", body)
            assert trial["problem_kind"] == kind, path


async def test_browsing_needs_the_scope_admin(tmp_path: Path, home: Path) -> None:
    """A key for reading cannot see folders of the server."""
    async with open_server(tmp_path) as server:
        _, made = await server.json("POST", "/api/auth/keys", {"name": "r", "scope": "control"})
        key = {"X-Api-Key": made["key"]}
        status, _ = await server.json("GET", FOLDERS, headers=key, token="")
    assert status == 403
