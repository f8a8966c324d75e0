"""/api/config: read, change and check the configuration, and restore backups."""

from pathlib import Path

import pytest

from aniworld_http.security.rate_limits import RateLimits
from support.http_stage import PASSWORD, Server, open_server

pytestmark = pytest.mark.anyio


async def test_secrets_are_hidden(tmp_path: Path) -> None:
    """The password hash and the addresses of notifications are hidden."""
    async with open_server(tmp_path) as server:
        await server.call("PUT", "/api/config", {"notifications": {"urls": ["json://u:p@h"]}})
        status, config = await server.json("GET", "/api/config")
        hashed = server.stage.app.current_config.value.other.master_password_hash

    assert status == 200
    assert hashed
    assert hashed not in str(config)
    assert config["notifications"]["urls"] == ["********"]


async def test_a_view_can_be_sent_back(tmp_path: Path) -> None:
    """Sending a view back keeps hidden values, applies changes, and keeps the password."""
    async with open_server(tmp_path) as server:
        _, config = await server.json("GET", "/api/config")
        config["downloads"]["connections"] = 3
        status, after = await server.json("PUT", "/api/config", config)
        await server.sign_in()

    assert (status, after["downloads"]["connections"]) == (200, 3)


async def test_a_secret_is_asked_for_again_at_another_address(tmp_path: Path) -> None:
    """A new address for a stored secret is refused with its pointer by PUT and validate."""
    own = {"name": "tv", "base_url": "http://192.168.1.2", "password": "S3CRET-1"}
    stored = {
        "jellyfin": {"servers": [own]},
        "archive": {"base_url": "https://a.example", "password": "S3CRET-2"},
    }
    evil: dict[str, dict[str, object]] = {
        "/providers/jellyfin/servers/0/password": {
            "jellyfin": {"servers": [{**own, "base_url": "http://evil", "password": "********"}]}
        },
        "/providers/archive/password": {"archive": {"base_url": "https://evil"}},
    }
    async with open_server(tmp_path) as server:
        await server.call("PUT", "/api/config", {"providers": stored})
        for pointer, change in evil.items():
            status, problem = await server.json("PUT", "/api/config", {"providers": change})
            _, checked = await server.json("POST", "/api/config/validate", {"providers": change})
            assert (status, [e["pointer"] for e in problem["errors"]]) == (422, [pointer])
            assert [e["pointer"] for e in checked["errors"]] == [pointer]
        again = {"archive": {"base_url": "https://evil", "password": "own"}}
        status, _ = await server.json("PUT", "/api/config", {"providers": again})
        shown = server.stage.app.current_config.value.providers["jellyfin"].servers[0]

    assert status == 200
    assert (shown.base_url, shown.password) == (own["base_url"], own["password"])


async def test_every_wrong_setting_is_named(tmp_path: Path) -> None:
    """Every invalid setting is named with its pointer; nothing changes."""
    body = {"downloads": {"connections": 99, "concurrent": "two"}, "name": ""}
    async with open_server(tmp_path) as server:
        _, before = await server.json("GET", "/api/config")
        status, problem = await server.json("PUT", "/api/config", body)
        _, after = await server.json("GET", "/api/config")

    assert status == 422
    assert {e["pointer"] for e in problem["errors"]} == {
        "/downloads/connections",
        "/downloads/concurrent",
        "/name",
    }
    assert before == after


@pytest.mark.parametrize(
    "change",
    [
        {"other": {"anime_directory": "/var"}},
        {"data_dir": "/var"},
        {"backup": {"path": "/var"}},
        {"logging": {"file": "server.log"}},
    ],
)
async def test_a_path_needs_the_password(tmp_path: Path, change: dict[str, object]) -> None:
    """Changing a folder requires the password."""
    async with open_server(tmp_path) as server:
        without = await server.json("PUT", "/api/config", change)
        wrong = await server.json("PUT", "/api/config", {**change, "current_password": "no"})
        right = await server.json("PUT", "/api/config", {**change, "current_password": PASSWORD})
        same = await server.json("PUT", "/api/config", change)

    assert [without[0], wrong[0], right[0], same[0]] == [422, 403, 200, 200]
    assert (wrong[1]["kind"], wrong[1]["errors"][0]["pointer"]) == (
        "wrong_password",
        "/current_password",
    )
    assert without[1]["errors"][0]["pointer"] == "/current_password"
    assert "current_password" not in right[1]


@pytest.mark.parametrize("path", ["/api/config/validate", "/api/config"])
async def test_a_password_that_is_no_text_is_refused(tmp_path: Path, path: str) -> None:
    """A password that is not text is refused, even if no password is needed."""
    async with open_server(tmp_path) as server:
        method = "PUT" if path == "/api/config" else "POST"
        status, problem = await server.json(method, path, {"current_password": {}})

    assert status == 422
    assert [error["pointer"] for error in problem["errors"]] == ["/current_password"]


async def test_the_password_is_not_guessed_here_either(tmp_path: Path) -> None:
    """Wrong passwords count against the limit for signing in."""
    async with open_server(tmp_path, limits=RateLimits(guesses=5)) as server:
        body = {"data_dir": "/var", "current_password": "no"}
        statuses = [(await server.call("PUT", "/api/config", body)).status for _ in range(7)]

    assert statuses == [403] * 5 + [429] * 2


async def test_the_hash_cannot_be_set(tmp_path: Path) -> None:
    """The password hash cannot be set through the API."""
    async with open_server(tmp_path) as server:
        before = server.stage.app.current_config.value.other.master_password_hash
        await server.call("PUT", "/api/config", {"other": {"master_password_hash": "mine"}})
        after = server.stage.app.current_config.value.other.master_password_hash

    assert before == after


async def test_checking_changes_nothing(tmp_path: Path) -> None:
    """Checking returns all errors and warnings and changes nothing."""
    async with open_server(tmp_path) as server:
        _, good = await server.json("POST", "/api/config/validate", {"name": "A", "odd": 1})
        _, bad = await server.json("POST", "/api/config/validate", {"name": 1})
        _, config = await server.json("GET", "/api/config")

    assert (good["valid"], [w["pointer"] for w in good["warnings"]]) == (True, ["/odd"])
    assert (bad["valid"], [e["pointer"] for e in bad["errors"]]) == (False, ["/name"])
    assert config["name"] == "Aniworld"


async def test_former_versions_come_back(tmp_path: Path) -> None:
    """A backup is listed, restored and deleted by its name."""
    async with open_server(tmp_path) as server:
        status, made = await server.json("POST", "/api/config/backups")
        await server.call("PUT", "/api/config", {"name": "Other"})
        listing = await server.call("GET", "/api/config/backups")
        names = [each["name"] for each in await listing.json()]
        path = f"/api/config/backups/{made['name']}"
        _, restored = await server.json("POST", f"{path}/restore")
        removed = (await server.call("DELETE", path)).status
        again = (await server.call("DELETE", path)).status

    assert status == 201
    assert made["name"] in names
    assert listing.headers["X-Total-Count"] == str(len(names))
    assert restored["name"] == "Aniworld"
    assert (removed, again) == (204, 404)


@pytest.mark.parametrize("name", ["..%2fconfig.json", "..%5cx", "%00", "%2e%2e", "a" * 300])
async def test_only_listed_names_are_restored(tmp_path: Path, name: str) -> None:
    """A name that is not listed is refused; no path is built from it."""
    async with open_server(tmp_path) as server:
        response = await server.call("POST", f"/api/config/backups/{name}/restore")

    assert response.status in {400, 404}


async def test_an_unchanged_configuration_is_not_sent_again(tmp_path: Path) -> None:
    """A request with the tag gets 304 until the configuration changes."""
    async with open_server(tmp_path) as server:
        tag = (await server.call("GET", "/api/config")).headers["ETag"]
        same = await server.call("GET", "/api/config/", headers={"If-None-Match": tag})
        await server.call("PUT", "/api/config", {"name": "Other"})
        changed = await server.call("GET", "/api/config", headers={"If-None-Match": tag})

    assert (same.status, changed.status) == (304, 200)


async def _backup_of_another_library(server: Server, change: dict[str, object]) -> str:
    """Make a backup, then change a folder; return the path for the restore."""
    _, made = await server.json("POST", "/api/config/backups")
    status, _ = await server.json("PUT", "/api/config", {**change, "current_password": PASSWORD})
    assert status == 200
    return f"/api/config/backups/{made['name']}/restore"


@pytest.mark.parametrize(
    "change",
    [{"other": {"anime_directory": "/var"}}, {"data_dir": "/var"}],
)
async def test_restoring_asks_for_what_a_change_would(
    tmp_path: Path, change: dict[str, object]
) -> None:
    """Restoring a backup with another folder requires the password."""
    async with open_server(tmp_path) as server:
        path = await _backup_of_another_library(server, change)
        _, before = await server.json("GET", "/api/config")
        without = await server.json("POST", path)
        wrong = await server.json("POST", path, {"current_password": "no"})
        unknown = await server.json("POST", path, {"password": PASSWORD})
        _, meanwhile = await server.json("GET", "/api/config")
        right = await server.json("POST", path, {"current_password": PASSWORD})
        same = await server.json("POST", path)

    assert [without[0], wrong[0], unknown[0], right[0], same[0]] == [422, 403, 422, 200, 200]
    assert without[1]["errors"][0]["pointer"] == "/current_password"
    assert meanwhile == before != right[1]
    assert "current_password" not in right[1]


async def test_the_password_is_not_guessed_by_restoring(tmp_path: Path) -> None:
    """Wrong passwords for a restore count against the limit for signing in."""
    async with open_server(tmp_path, limits=RateLimits(guesses=5)) as server:
        await server.call("POST", "/api/config/backups")
        _, backups = await server.json("GET", "/api/config/backups")
        change = {"data_dir": "/var", "current_password": PASSWORD}
        await server.call("PUT", "/api/config", change)  # It counts as one of the five.
        path = f"/api/config/backups/{backups[0]['name']}/restore"
        body = {"current_password": "no"}
        statuses = [(await server.call("POST", path, body)).status for _ in range(6)]

    assert statuses == [403] * 4 + [429] * 2


@pytest.mark.parametrize("path", ["anime", "./anime", "{}/nothing", "{}/a-file"])
@pytest.mark.parametrize("pointer", ["/other/anime_directory", "/data_dir", "/backup/path"])
async def test_folders_that_cannot_be_used(tmp_path: Path, pointer: str, path: str) -> None:
    """A relative or missing folder is a warning in a check and an error in a change."""
    (tmp_path / "a-file").write_text("")
    change: dict[str, object] = {}
    *sections, name = pointer.split("/")[1:]
    inner = change
    for section in sections:
        inner = inner.setdefault(section, {})  # type: ignore[assignment]
    inner[name] = path.format(tmp_path)
    async with open_server(tmp_path) as server:
        _, checked = await server.json("POST", "/api/config/validate", change)
        body = {**change, "current_password": PASSWORD}
        status, problem = await server.json("PUT", "/api/config", body)
        _, stored = await server.json("GET", "/api/config")
        again = await server.json("PUT", "/api/config", stored)

    assert [warning["pointer"] for warning in checked["warnings"]] == [pointer]
    assert (status, [error["pointer"] for error in problem["errors"]]) == (422, [pointer])
    assert again[0] == 200


async def test_a_change_can_be_limited_to_the_version_that_was_read(tmp_path: Path) -> None:
    """With `If-Match`, a change after somebody else's is a conflict and changes nothing."""
    async with open_server(tmp_path) as server:
        tag = (await server.call("GET", "/api/config")).headers["ETag"]
        mine, theirs = {"downloads": {"concurrent": 3}}, {"downloads": {"concurrent": 5}}
        changed = await server.call("PUT", "/api/config", theirs, headers={"If-Match": tag})
        assert changed.status == 200
        status, problem = await server.json("PUT", "/api/config", mine, headers={"If-Match": tag})
        assert (status, problem["kind"]) == (409, "config_changed")
        assert server.stage.app.current_config.value.downloads.concurrent == 5
        fresh = changed.headers["ETag"]
        again = await server.call("PUT", "/api/config", mine, headers={"If-Match": fresh})
        assert again.status == 200
        assert (await server.call("PUT", "/api/config", mine)).status == 200


async def test_sections_of_the_settings_have_addresses(tmp_path: Path) -> None:
    """Each is the settings page; other paths below it are not found."""
    async with open_server(tmp_path) as server:
        for path, expected in {
            "/settings/media_servers": 200,
            "/settings/downloads": 200,
            "/settings/Downloads": 404,
            "/settings/a/b": 404,
        }.items():
            assert (await server.call("GET", path)).status == expected, path


async def test_settings_say_what_empty_and_overridden_values_mean(tmp_path: Path) -> None:
    """The page gets the value in use, the installed adapters, and words of both languages."""
    async with open_server(tmp_path) as server:
        _, views = await server.json("GET", "/api/config/settings")
    by_pointer = {view["pointer"]: view for view in views}
    assert by_pointer["/network/user_agent"]["usual"].startswith("Aniworld/")
    assert by_pointer["/data_dir"]["usual"] == str(tmp_path / "data")
    assert by_pointer["/data_dir"]["is_fixed"]
    assert by_pointer["/other/anime_directory"]["overridden_by"] == "ANIME_DIRECTORY"
    kind = by_pointer["/media_servers/servers/*/kind"]
    assert {"jellyfin", "kodi", "plex"} <= set(kind["suggestions"])
    assert kind["kind"] == "choice"
    words = by_pointer["/downloads/concurrent"]["words"].lower()
    assert "downloads" in words
    assert "gleichzeitig" in words
    assert not by_pointer["/downloads/concurrent"]["is_advanced"]
    assert by_pointer["/downloads/stall_timeout"]["is_advanced"]
