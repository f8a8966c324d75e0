"""Tests of settings before they are saved."""

import errno
import os
from pathlib import Path

import pytest

from support.http_stage import open_server

pytestmark = pytest.mark.anyio

PREVIEW = "/api/config/naming-preview"


async def test_names_are_shown_before_they_are_used(tmp_path: Path) -> None:
    """Given templates override the configured ones in the preview, and nothing is stored."""
    async with open_server(tmp_path) as server:
        status, body = await server.json("POST", PREVIEW, {"episode": "{code} {title}"})
        _, config = await server.json("GET", "/api/config")
    assert status == 200
    assert "Attack on Titan (2013)/Season 01/S01E05 Erste Schlacht.mp4" in body["paths"]
    assert config["naming"]["episode"] != "{code} {title}"


async def test_a_wrong_template_is_blamed_on_its_field(tmp_path: Path) -> None:
    """A template with an unknown placeholder gets 422 with its pointer."""
    async with open_server(tmp_path) as server:
        status, body = await server.json("POST", PREVIEW, {"season_folder": "{sesaon}"})
    assert status == 422
    assert [error["pointer"] for error in body["errors"]] == ["/season_folder"]


async def test_a_trial_tells_of_each_address(tmp_path: Path) -> None:
    """Without an address no notification is sent; otherwise each address has a result."""
    async with open_server(tmp_path) as server:
        status, body = await server.json("POST", "/api/notifications/test")
    assert (status, body) == (200, {"results": []})


FOLDER = "/api/config/test/folder"


async def test_a_good_folder_is_usable_and_left_as_it_was(tmp_path: Path) -> None:
    """The test reads and writes the folder, reports its size, and leaves no file."""
    folder = tmp_path / "films"
    folder.mkdir()
    async with open_server(tmp_path) as server:
        status, body = await server.json("POST", FOLDER, {"path": str(folder)})
    assert status == 200
    assert body["is_usable"], body
    assert body["is_readable"]
    assert body["is_writable"]
    assert 0 < body["free_bytes"] <= body["total_bytes"]
    assert body["problem"] is None
    assert list(folder.iterdir()) == []


async def test_a_missing_folder_and_a_file_are_not(tmp_path: Path) -> None:
    """A missing folder and a file have a reason; nothing is created."""
    (tmp_path / "file").write_text("x")
    async with open_server(tmp_path) as server:
        _, missing = await server.json("POST", FOLDER, {"path": str(tmp_path / "gone")})
        _, file = await server.json("POST", FOLDER, {"path": str(tmp_path / "file")})
    assert (missing["exists"], missing["is_usable"]) == (False, False)
    assert missing["problem"] == "there is no such folder"
    assert (file["exists"], file["is_directory"], file["is_usable"]) == (True, False, False)
    assert not (tmp_path / "gone").exists()


async def test_paths_mean_what_they_mean_in_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`~` is the home folder; a relative path is refused, as it is when it is saved."""
    (tmp_path / "anime").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    async with open_server(tmp_path) as server:
        _, home = await server.json("POST", FOLDER, {"path": "~/anime"})
        _, relative = await server.json("POST", FOLDER, {"path": "anime"})
        _, unknown = await server.json("POST", FOLDER, {"path": "~nobody-here/anime"})
    assert (home["is_usable"], home["path"]) == (True, str(tmp_path / "anime"))
    assert (relative["is_usable"], relative["problem_kind"]) == (False, "relative_path")
    assert (unknown["is_usable"], unknown["problem_kind"]) == (False, "relative_path")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (errno.ENOTCONN, "mount_gone"),
        (errno.ESTALE, "stale_mount"),
        (errno.EHOSTDOWN, "host_down"),
        (errno.EIO, "io_error"),
    ],
)
async def test_a_network_drive_that_went_away_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, kind: str
) -> None:
    """The reason is a message with a kind, which pages translate."""
    real = os.scandir

    def scan(path: str | Path) -> object:
        if Path(path) == tmp_path / "mounted":
            raise OSError(code, os.strerror(code))
        return real(path)

    (tmp_path / "mounted").mkdir()
    monkeypatch.setattr(os, "scandir", scan)
    async with open_server(tmp_path) as server:
        _, body = await server.json("POST", FOLDER, {"path": str(tmp_path / "mounted")})
    assert (body["is_usable"], body["problem_kind"]) == (False, "cannot_be_read")
    assert body["problem_values"]["reason"]["kind"] == kind


async def test_a_folder_that_refuses_files_is_not_usable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A readable folder that is not writable is reported as such."""

    def refuse(**_given: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    async with open_server(tmp_path) as server:
        _, body = await server.json("POST", FOLDER, {"path": str(tmp_path)})
    assert (body["is_readable"], body["is_writable"], body["is_usable"]) == (True, False, False)
    assert body["problem"] == f"it cannot be written: {os.strerror(errno.EROFS)}"


@pytest.mark.parametrize(
    ("kind", "place", "is_network"),
    [("nfs4", "attic", True), ("ext4", "attic", False), ("nfs4", "attic\\040of", False)],
)
async def test_a_folder_of_another_machine_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, place: str, is_network: bool
) -> None:
    """A network file system is recognised by the deepest mount above the folder."""
    folder = tmp_path / "attic" / "films"
    folder.mkdir(parents=True)
    table = tmp_path / "mountinfo"
    table.write_text(
        f"30 1 0:29 / {tmp_path}/{place} rw,relatime shared:1 - {kind} host:/films rw\n"
        "22 1 0:21 / / rw,relatime shared:2 - btrfs /dev/sda1 rw\nodd line\n"
    )
    monkeypatch.setattr("aniworld_http.checks.folder._MOUNTS", table)
    async with open_server(tmp_path) as server:
        _, body = await server.json("POST", FOLDER, {"path": str(folder)})
    assert body["is_network"] is is_network
    assert body["filesystem"] == ("btrfs" if "040" in place else kind)


async def test_only_admins_try_folders(tmp_path: Path) -> None:
    """Other callers get 403; an invalid path is reported at its field."""
    async with open_server(tmp_path) as server:
        _, key = await server.json("POST", "/api/auth/keys", {"name": "tv", "scope": "control"})
        headers = {"X-Api-Key": key["key"]}
        body = {"path": str(tmp_path)}
        control = await server.call("POST", FOLDER, body, token="", headers=headers)
        status, problem = await server.json("POST", FOLDER, {"path": "a\0b"})
        empty, _ = await server.json("POST", FOLDER, {"path": "  "})
    assert (control.status, status, empty) == (403, 422, 422)
    assert [error["pointer"] for error in problem["errors"]] == ["/path"]
