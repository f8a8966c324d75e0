"""Set-up, sessions, the master password and API keys."""

import asyncio
import io
import os
from pathlib import Path
from typing import Any

import anyio
import attrs
import pytest

from aniworld_core.adapters.json_config_store import JsonConfigStore
from aniworld_core.domain.configuration import OtherConfig
from aniworld_core.testing.memory import MemoryConfigStore
from aniworld_core.testing.waiting import PATIENCE
from aniworld_http.keys import APPLICATION, AUTHENTICATOR
from aniworld_http.schemas import reading
from aniworld_http.security.rate_limits import RateLimits
from aniworld_http.security.setup_code import (
    SETUP_CODE,
    SetupCode,
    SetupCodeRequiredError,
)
from support.http_stage import PASSWORD, open_server

READY_PASSWORD = "Demo-abcdefgh12"

pytestmark = pytest.mark.anyio

OTHER = "Battery-Staple-8"


async def test_set_up_sign_in_and_sign_out(tmp_path: Path) -> None:
    """Set-up works once, and the token is valid until the sign-out."""
    async with open_server(tmp_path, signed_in=False) as server:
        assert await server.json("GET", "/api/auth/status") == (
            200,
            {"configured": False, "authenticated": False},
        )
        status, _ = await server.set_up()
        assert status == 201
        status, again = await server.set_up()
        assert (status, again["kind"]) == (409, "already_set_up")
        token = await server.sign_in()
        _, known = await server.json("GET", "/api/auth/status")
        assert known == {"configured": True, "authenticated": True}
        assert (await server.json("POST", "/api/auth/logout"))[0] == 204

        status, problem = await server.json("POST", "/api/auth/logout", token=token)

        assert (status, problem["kind"]) == (401, "invalid_token")


async def test_until_set_up_nothing_else_works(tmp_path: Path) -> None:
    """Before set-up all other operations, including the sign-in, get 403 `setup_required`."""
    async with open_server(tmp_path, signed_in=False) as server:
        for method, path in (
            ("GET", "/api/config"),
            ("POST", "/api/auth/login"),
            ("GET", "/api/x"),
        ):
            status, problem = await server.json(method, path, {})
            assert (status, problem["kind"]) == (403, "setup_required")
        assert (await server.call("GET", "/api/openapi.json")).status == 200
        assert (await server.call("GET", "/health")).status == 200


async def test_a_weak_password_gets_every_broken_rule(tmp_path: Path) -> None:
    """The response has one entry per rule, and no password is set."""
    async with open_server(tmp_path, signed_in=False) as server:
        status, problem = await server.set_up(master_password="weak")
        _, after = await server.json("GET", "/api/auth/status")

    assert status == 422
    assert {e["pointer"] for e in problem["errors"]} == {"/master_password"}
    assert len(problem["errors"]) == 4
    assert after["configured"] is False


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1"},
        {"Host": "127.0.0.1", "Origin": "http://127.0.0.1"},
        {"Host": "localhost:8000", "Sec-Fetch-Site": "same-origin"},
        {"Via": "1.1 proxy"},
    ],
)
async def test_the_first_password_needs_the_code_from_everywhere(
    tmp_path: Path, headers: dict[str, str]
) -> None:
    """Loopback is no exception, because proxies and SSH tunnels connect from there."""
    async with open_server(tmp_path, signed_in=False) as server:
        body = {"master_password": PASSWORD}
        without = await server.json("POST", "/api/auth/setup", body, headers=headers)
        empty = await server.json("POST", "/api/auth/setup", {**body, "code": " "}, headers=headers)
        wrong = await server.set_up(code="AAAAAAAAAA")
        weak = await server.set_up(master_password="weak")
        right = await server.set_up()

    assert [without[0], empty[0], wrong[0], weak[0], right[0]] == [403, 403, 403, 422, 201]
    assert without[1]["kind"] == wrong[1]["kind"] == "setup_code_required"
    assert "missing" in without[1]["detail"]
    assert "before the server was restarted" in wrong[1]["detail"]


async def test_the_demo_needs_no_code(tmp_path: Path) -> None:
    """The demo accepts a set-up without the code, and writes no file."""
    async with open_server(tmp_path, signed_in=False, needs_setup_code=False) as server:
        status, _ = await server.json("POST", "/api/auth/setup", {"master_password": PASSWORD})
        data = server.app[APPLICATION].settings.data_dir
        assert not (data / "setup-code").exists()

    assert status == 201


async def test_the_ready_password_of_the_demo_is_replaced_once(tmp_path: Path) -> None:
    """A set-up replaces the ready password as long as it is in use, and never another one."""
    options: dict[str, Any] = {"signed_in": False, "needs_setup_code": False}
    async with open_server(tmp_path, ready_password=READY_PASSWORD, **options) as server:
        master = server.app[AUTHENTICATOR].password
        await master.set_up(READY_PASSWORD)
        weak, _ = await server.json("POST", "/api/auth/setup", {"master_password": "weak"})
        folder = {"master_password": PASSWORD, "anime_directory": str(tmp_path)}
        with_folder, _ = await server.json("POST", "/api/auth/setup", folder)
        own, _ = await server.json("POST", "/api/auth/setup", {"master_password": PASSWORD})
        again, _ = await server.json("POST", "/api/auth/setup", {"master_password": READY_PASSWORD})
        assert await master.is_password(PASSWORD)

    assert (weak, with_folder, own, again) == (422, 409, 201, 409)


async def test_a_ready_password_in_use_is_not_replaced_by_others(tmp_path: Path) -> None:
    """After a sign-in with it, only its user may change the password."""
    options: dict[str, Any] = {"signed_in": False, "needs_setup_code": False}
    async with open_server(tmp_path, ready_password=READY_PASSWORD, **options) as server:
        await server.app[AUTHENTICATOR].password.set_up(READY_PASSWORD)
        _, body = await server.json("POST", "/api/auth/login", {"password": READY_PASSWORD})
        token = body["access_token"]
        stranger, _ = await server.json("POST", "/api/auth/setup", {"master_password": PASSWORD})
        still, _ = await server.json("GET", "/api/config", token=token)

    assert (stranger, still) == (409, 200)


async def test_replacing_the_ready_password_ends_its_sessions(tmp_path: Path) -> None:
    """A token that was used just before is invalid at once."""
    options: dict[str, Any] = {"signed_in": False, "needs_setup_code": False}
    async with open_server(tmp_path, ready_password=READY_PASSWORD, **options) as server:
        await server.app[AUTHENTICATOR].password.set_up(READY_PASSWORD)
        _, body = await server.json("POST", "/api/auth/login", {"password": READY_PASSWORD})
        token = body["access_token"]
        server.app[SETUP_CODE].ready_password = READY_PASSWORD  # as after a restart
        before, _ = await server.json("GET", "/api/config", token=token)
        await server.json("POST", "/api/auth/setup", {"master_password": PASSWORD})
        after, _ = await server.json("GET", "/api/config", token=token)

    assert (before, after) == (200, 401)


async def test_the_code_is_valid_once(tmp_path: Path) -> None:
    """Of twenty concurrent set-ups one succeeds; then the code is invalid."""
    store = MemoryConfigStore()
    limits = RateLimits(guesses=100)
    async with open_server(tmp_path, signed_in=False, limits=limits, config_store=store) as server:
        code = server.app[SETUP_CODE].value
        answers = await asyncio.gather(*(server.set_up(code=code) for _ in range(20)))
        # As if the hash was taken out of config.json: the used code must not count again.
        emptied = attrs.evolve(await store.load(), other=OtherConfig())
        store.config = server.app[APPLICATION].current_config.value = emptied
        again, problem = await server.set_up(code=code)

    assert sorted(status for status, _ in answers) == [201, *[409] * 19]
    assert (again, problem["kind"]) == (403, "setup_code_required")


async def test_a_restart_makes_a_new_code(tmp_path: Path) -> None:
    """The code of the earlier start is refused, and the file has the new code."""
    path = tmp_path / "setup-code"
    earlier, present = SetupCode(path), SetupCode(path)
    earlier.publish()
    present.publish()
    with pytest.raises(SetupCodeRequiredError):
        async with present.setting_up(earlier.value):
            pytest.fail("it was let in")

    assert path.read_text() == f"{present.value}\n"


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777])
async def test_the_code_file_has_mode_0600(tmp_path: Path, umask: int) -> None:
    """The mode is independent of the umask and of a file that was there before."""
    async with open_server(tmp_path, signed_in=False) as server:
        code = server.app[SETUP_CODE]
        file = server.app[APPLICATION].settings.data_dir / "setup-code"
        file.parent.mkdir(exist_ok=True)
        (tmp_path / "elsewhere").write_text("kept")
        file.symlink_to(tmp_path / "elsewhere")
        before = os.umask(umask)
        try:
            code.publish()
        finally:
            os.umask(before)
        assert not file.is_symlink()
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.read_text().strip() == code.value
        await server.sign_in()
        assert not file.exists()

    assert (tmp_path / "elsewhere").read_text() == "kept"


async def test_a_wrong_password_is_refused(tmp_path: Path) -> None:
    """The response is 401 without a reason."""
    async with open_server(tmp_path) as server:
        response = await server.call("POST", "/api/auth/login", {"password": "nope"}, token="")

    assert response.status == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_the_sixth_sign_in_of_a_minute_gets_429(tmp_path: Path) -> None:
    """Forged addresses do not help; `Retry-After` has the time."""
    async with open_server(tmp_path, signed_in=False) as server:
        await server.set_up()
        statuses = []
        for number in range(50):
            response = await server.call(
                "POST",
                "/api/auth/login",
                {"password": "nope"},
                headers={"X-Forwarded-For": f"198.51.100.{number}"},
            )
            statuses.append(response.status)

    assert statuses == [401] * 5 + [429] * 45
    assert 1 <= int(response.headers["Retry-After"]) <= 60


async def test_guesses_from_many_addresses_are_delayed(tmp_path: Path) -> None:
    """After half of the budget each guess waits longer; beyond the budget it gets 429."""
    limits = RateLimits(guesses=1000, anonymous=1000, wrong_owner=20)
    async with open_server(tmp_path, signed_in=False, limits=limits) as server:
        await server.set_up()
        answers = [
            await server.call("POST", "/api/auth/login", {"password": "nope"}) for _ in range(21)
        ]
        waits = [wait.total_seconds() for wait in server.stage.clock.slept]

    assert [answer.status for answer in answers] == [401] * 20 + [429]
    assert waits == [0.5 * step for step in range(1, 11)]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 66


async def test_a_new_password_ends_every_other_session(tmp_path: Path) -> None:
    """The session that changed the password stays valid."""
    async with open_server(tmp_path) as server:
        first = server.token
        second = await server.sign_in()
        body = {"current_password": PASSWORD, "new_password": OTHER}
        assert (await server.call("GET", "/api/config", token=first)).status == 200
        assert (await server.call("POST", "/api/auth/password", body)).status == 204
        statuses = [
            (await server.call("GET", "/api/config", token=token)).status
            for token in (first, second)
        ]

    assert statuses == [401, 200]


async def test_every_bad_field_is_named(tmp_path: Path) -> None:
    """One response names unknown, missing and wrong fields; nothing is coerced."""
    async with open_server(tmp_path) as server:
        status, problem = await server.json(
            "POST", "/api/auth/keys", {"name": 5, "scope": "root", "extra": 1}
        )
        _, missing = await server.json("POST", "/api/auth/keys", {})

    assert (status, problem["status"]) == (422, 422)
    assert [e["pointer"] for e in problem["errors"]] == ["/extra", "/name", "/scope"]
    assert [e["pointer"] for e in missing["errors"]] == ["/name", "/scope"]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b'{"password": "x"}', "text/plain", 415),
        (b"password=x", "application/x-www-form-urlencoded", 415),
        (b'{"password"', "application/json", 400),
        (b"[" * 50_000, "application/json", 400),
        (b'{"password": "\\ud800"}', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[]", "application/json", 422),
        (b'"' + b"x" * (1024**2) + b'"', "application/json", 413),
    ],
)
async def test_invalid_bodies_get_problem_documents(
    tmp_path: Path, body: bytes, content_type: str, status: int
) -> None:
    """Each response is a problem document with the reason."""
    async with open_server(tmp_path) as server:
        response = await server.client.post(
            "/api/auth/login", data=io.BytesIO(body), headers={"Content-Type": content_type}
        )
        problem = await response.json(content_type=None)

    assert response.status == status
    assert response.content_type == "application/problem+json"
    assert problem["status"] == status


async def test_a_key_is_shown_once(tmp_path: Path) -> None:
    """Lists have its name and scope, never the key."""
    async with open_server(tmp_path) as server:
        _, made = await server.json("POST", "/api/auth/keys", {"name": "tv", "scope": "read"})
        _, keys = await server.json("GET", "/api/auth/keys")
        gone = await server.call("DELETE", "/api/auth/keys/nobody")

    assert made["key"].startswith("aw_")
    assert [(k["name"], k["scope"], "key" in k) for k in keys] == [("tv", "read", False)]
    assert gone.status == 404


async def test_a_body_that_never_ends_times_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client gets 408."""
    monkeypatch.setattr(reading, "BODY_SECONDS", 0.0)
    async with open_server(tmp_path) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.client.port)
        head = "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n"
        writer.write(f"{head}Content-Type: application/json\r\n\r\n{{".encode())
        with anyio.fail_after(PATIENCE):
            line = await reader.readline()
        writer.close()

    assert line.split()[1] == b"408"


async def test_a_password_set_meanwhile_by_another_process_counts(tmp_path: Path) -> None:
    """If another process set the first password, the set-up gets 409."""
    path = tmp_path / "config.json"
    for each in ("a", "b"):
        (tmp_path / each).mkdir()
    async with (
        open_server(tmp_path / "a", signed_in=False, config_store=JsonConfigStore(path)) as one,
        open_server(tmp_path / "b", signed_in=False, config_store=JsonConfigStore(path)) as other,
    ):
        answers = await asyncio.gather(*(each.set_up() for each in (one, other)))
        _, known = await other.json("GET", "/api/auth/status")

    (_, _), (status, problem) = sorted(answers, key=lambda answer: answer[0])
    assert sorted(status for status, _ in answers) == [201, 409]
    assert (status, problem["kind"]) == (409, "already_set_up")
    assert known["configured"] is True


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("anime", "relative"),
        ("/nonexistent/anime", "does not exist"),
        ("/", "belongs to the operating system"),
    ],
)
async def test_a_folder_that_cannot_be_the_library_is_refused(
    tmp_path: Path, folder: str, said: str
) -> None:
    """The response names the field of the body, and the code stays valid."""
    async with open_server(tmp_path, signed_in=False) as server:
        status, problem = await server.set_up(anime_directory=folder)
        (error,) = problem["errors"]
        assert (status, error["pointer"]) == (422, "/anime_directory")
        assert said in error["detail"]
        assert (await server.json("GET", "/api/auth/status"))[1]["configured"] is False
        assert (await server.set_up(anime_directory=str(tmp_path)))[0] == 201
