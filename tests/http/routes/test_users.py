"""Accounts over REST and the WebSocket: sign-in, roles, and their end."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from aniworld_core.domain.access import Role, Scope
from aniworld_core.domain.automation import HistoryQuery
from aniworld_http.operations import Operation
from aniworld_http.routes import TABLE
from aniworld_http.security.rate_limits import RateLimits
from support.http_library import KEY, LINK, open_library, titan
from support.http_stage import FREELY, PASSWORD, Answer, Server, open_server
from support.socket_stage import open_sockets

pytestmark = pytest.mark.anyio

OWN = "Battery-Staple-2"
NEW = "Another-Horse-3"
CLOSED = [operation for operation in TABLE if not operation.policy.is_public]


async def _user(server: Server, name: str = "Ann", role: str = "view") -> dict[str, Any]:
    """Create an account with the password OWN."""
    body = {"name": name, "role": role, "password": OWN}
    status, user = await server.json("POST", "/api/users", body)
    assert status == 201, user
    return dict(user)


async def _sign_in(server: Server, name: str | None, password: str = OWN) -> Answer:
    body = {"password": password, **({} if name is None else {"username": name})}
    return await server.json("POST", "/api/auth/login", body, token="")


async def _token(server: Server, name: str, password: str = OWN) -> str:
    status, body = await _sign_in(server, name, password)
    assert status == 200, body
    return str(body["access_token"])


async def test_an_account_signs_in_with_its_name(tmp_path: Path) -> None:
    """The answer has the documented form, and `me` says who it is."""
    async with open_server(tmp_path) as server:
        user = await _user(server, role="request")
        _, signed_in = await _sign_in(server, "ann")
        _, me = await server.json("GET", "/api/auth/me", token=signed_in["access_token"])
        _, status = await server.json("GET", "/api/auth/status", token=signed_in["access_token"])

    assert set(signed_in) >= {"access_token", "token_type", "expires_at"}
    assert me == {
        "id": user["id"],
        "name": "Ann",
        "role": "request",
        "scope": "request",
        "language": None,
    }
    assert status == {"configured": True, "authenticated": True}
    assert "password" not in str({name for name in user if name != "has_password"})


@pytest.mark.parametrize("name", [None, "", "master", "MASTER"])
async def test_the_master_password_stays(tmp_path: Path, name: str | None) -> None:
    """It needs no name, and `me` has neither name nor role."""
    async with open_server(tmp_path) as server:
        await _user(server)
        status, signed_in = await _sign_in(server, name, PASSWORD)
        _, me = await server.json("GET", "/api/auth/me", token=signed_in["access_token"])

    assert status == 200
    assert (me["id"], me["name"], me["role"], me["scope"]) == ("master", None, None, "admin")


async def test_each_password_opens_its_own_account_only(tmp_path: Path) -> None:
    """Neither the password of another account nor the master password opens an account."""
    async with open_server(tmp_path, limits=FREELY) as server:
        await _user(server)
        answers = [
            await _sign_in(server, name, password)
            for name, password in [("Ann", PASSWORD), (None, OWN), ("Bob", OWN), ("Bob", PASSWORD)]
        ]

    assert [status for status, _ in answers] == [401] * 4
    # An unknown name is answered like a wrong password.
    assert answers[0][1] == answers[2][1] == answers[3][1]
    assert answers[0][1]["kind"] == "bad_sign_in"


def _path(template: str) -> str:
    return re.sub(r"\{[^}]+\}", "x", template)


def _allowed(role: Role, operation: Operation) -> bool:
    has_other_reason = operation.id == "signOut" or operation.policy.takes_media_link
    return (
        has_other_reason or operation.policy.is_for_oneself or role.scope.includes(operation.scope)
    )


async def test_every_operation_asks_for_the_role(tmp_path: Path) -> None:
    """Each role may use the operations of its scope, and those about the own account."""
    refused: dict[Role, set[str]] = {}
    async with open_server(tmp_path, limits=FREELY) as server:
        for role in Role:
            await _user(server, role, role)
            token = await _token(server, role)
            answers = {
                o.id: await server.json(o.method, _path(o.path), {}, token=token)
                for o in CLOSED
                # These have other reasons: no own session is left, and links in the path.
                if o.id != "signOut" and not o.policy.takes_media_link
            }
            refused[role] = {
                name
                for name, (status, body) in answers.items()
                if status == 403 and body["kind"] == "restricted"
            }
            assert 401 not in {status for status, _ in answers.values()}

    assert refused == {role: {o.id for o in CLOSED if not _allowed(role, o)} for role in Role}
    assert refused[Role.MANAGE] == set()


@pytest.mark.parametrize(
    ("role", "operations"),
    [
        (Role.VIEW, {"listAnime", "getQueueStatus", "getCalendar", "listHistory"}),
        (Role.REQUEST, {"searchAnime", "addAnime", "addToQueue", "retryItems"}),
        (Role.MANAGE, {"removeAnime", "removeItem", "pauseQueue", "putConfig", "createUser"}),
    ],
)
def test_roles_differ_as_documented(role: Role, operations: set[str]) -> None:
    """The smallest role for some operations, written down apart from their records."""
    needed = {o.id: next(r for r in Role if _allowed(r, o)) for o in TABLE}

    assert {needed[name] for name in operations} == {role}


async def test_a_refusal_names_the_role(tmp_path: Path) -> None:
    """The message says what the role is and what is needed."""
    async with open_server(tmp_path) as server:
        await _user(server)
        _, problem = await server.json(
            "POST", "/api/queue/pause", token=await _token(server, "Ann")
        )

    assert "it needs the role manage, this user has view" in problem["detail"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", "", None),
        ("PATCH", "", {"disabled": True}),
        ("PATCH", "", {"password": NEW}),
        ("POST", "/sign-out", None),
    ],
)
async def test_sessions_keys_and_sockets_end_at_once(
    tmp_path: Path, method: str, path: str, body: Mapping[str, object] | None
) -> None:
    """Removed, disabled, with a new password: all end. Signed out: keys stay. Others stay."""
    async with open_sockets(tmp_path) as server:
        user, token = await _user(server), await _token(server, "Ann")
        _, key = await server.json(
            "POST", "/api/auth/keys", {"name": "tv", "scope": "read"}, token=token
        )
        headers = {"X-Api-Key": key["key"]}
        listener = await server.connect()
        await listener.send("auth", token=token)
        assert (await listener.next())["type"] == "connected"
        before = await server.call("GET", "/api/anime", headers=headers, token="")

        await server.call(method, f"/api/users/{user['id']}{path}", body)

        with_token = await server.call("GET", "/api/anime", token=token)
        with_key = await server.call("GET", "/api/anime", headers=headers, token="")
        others = await server.call("GET", "/api/anime")
        assert await listener.close_code() == 4401

    assert (before.status, with_token.status, others.status) == (200, 401, 200)
    assert with_key.status == (200 if path else 401)


async def test_a_smaller_role_applies_at_once_also_to_keys(tmp_path: Path) -> None:
    """A key has at most the scope of the role that its owner has now."""
    async with open_server(tmp_path, limits=FREELY) as server:
        user = await _user(server, role="manage")
        token = await _token(server, "Ann")
        _, key = await server.json(
            "POST", "/api/auth/keys", {"name": "tv", "scope": "admin"}, token=token
        )
        headers = {"X-Api-Key": key["key"]}
        before = await server.call("GET", "/api/users", headers=headers, token="")
        await server.call("PATCH", f"/api/users/{user['id']}", {"role": "view"})
        after = [
            (await server.call("GET", path, headers=sent, token=used)).status
            for path in ("/api/users", "/api/anime")
            for sent, used in ((headers, ""), ({}, token))
        ]

    assert (before.status, after) == (200, [403, 403, 200, 200])


@pytest.mark.parametrize("role", Role)
async def test_keys_have_at_most_the_scope_of_the_role(tmp_path: Path, role: Role) -> None:
    """A larger scope is refused; everybody sees and deletes the own keys, managers all."""
    async with open_server(tmp_path, limits=FREELY) as server:
        _, foreign = await server.json("POST", "/api/auth/keys", {"name": "m", "scope": "read"})
        await _user(server, role=role)
        token = await _token(server, "Ann")
        made = {
            scope: await server.json(
                "POST", "/api/auth/keys", {"name": scope, "scope": scope}, token=token
            )
            for scope in Scope
        }
        _, keys = await server.json("GET", "/api/auth/keys", token=token)
        own = [key["id"] for key in keys if key["user"] == "Ann"]
        removed = [
            (await server.call("DELETE", f"/api/auth/keys/{each}", token=token)).status
            for each in (own[0], foreign["id"])
        ]

    allowed = {scope for scope in Scope if role.scope.includes(scope)}
    assert {scope for scope, (status, _) in made.items() if status == 201} == allowed
    assert {status for scope, (status, _) in made.items() if scope not in allowed} <= {422}
    is_manager = role is Role.MANAGE
    assert len(keys) == len(allowed) + is_manager
    assert removed == [204, 204 if is_manager else 404]


async def test_the_own_password_and_sessions(tmp_path: Path) -> None:
    """A user changes the own password, sees the own sessions, and ends the others."""
    async with open_server(tmp_path, limits=FREELY) as server:
        await _user(server)
        first, second, third = [await _token(server, "Ann") for _ in range(3)]
        _, sessions = await server.json("GET", "/api/auth/sessions", token=first)
        (current,) = [each["id"] for each in sessions if each["is_current"]]
        others = [each["id"] for each in sessions if each["id"] != current]
        ended = await server.call("DELETE", f"/api/auth/sessions/{others[0]}", token=first)
        rest = await server.json("DELETE", "/api/auth/sessions", token=first)
        alive = [
            (await server.call("GET", "/api/anime", token=each)).status
            for each in (first, second, third)
        ]
        wrong = await server.json(
            "POST",
            "/api/auth/password",
            {"current_password": PASSWORD, "new_password": NEW},
            token=first,
        )
        right = await server.call(
            "POST",
            "/api/auth/password",
            {"current_password": OWN, "new_password": NEW},
            token=first,
        )
        signed_in = [
            (await _sign_in(server, name, password))[0]
            for name, password in (("Ann", OWN), ("Ann", NEW), (None, PASSWORD))
        ]

    assert (len(sessions), ended.status, rest) == (3, 204, (200, {"ended": 1}))
    assert alive == [200, 401, 401]
    assert (wrong[0], wrong[1]["kind"], right.status) == (403, "wrong_password", 204)
    assert signed_in == [401, 200, 200]


async def test_the_language_of_an_account(tmp_path: Path) -> None:
    """An account stores the language of its pages; the master password has none."""
    async with open_server(tmp_path) as server:
        await _user(server)
        token = await _token(server, "Ann")
        _, chosen = await server.json("PATCH", "/api/auth/me", {"language": "de"}, token=token)
        _, stored = await server.json("GET", "/api/auth/me", token=token)
        _, browser = await server.json("PATCH", "/api/auth/me", {"language": ""}, token=token)
        master = await server.call("PATCH", "/api/auth/me", {"language": "de"})

    assert (chosen["language"], stored["language"], browser["language"]) == ("de", "de", None)
    assert master.status == 403


async def test_two_managers_edit_one_account(tmp_path: Path) -> None:
    """The second gets 409 when it sends the revision that it saw."""
    async with open_server(tmp_path) as server:
        user = await _user(server)
        path = f"/api/users/{user['id']}"
        first = await server.json("PATCH", path, {"role": "manage", "revision": 0})
        second = await server.json("PATCH", path, {"role": "request", "revision": 0})
        _, kept = await server.json("GET", path)

    assert (first[0], second[0], second[1]["kind"]) == (200, 409, "user_changed")
    assert kept["role"] == "manage"


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"name": "x" * 300, "role": "view"}, ["/name"]),
        ({"name": "x" * 200, "role": "view"}, ["/name"]),
        ({"name": "a\u202eb", "role": "view"}, ["/name"]),
        ({"name": "a\u0000b", "role": "view"}, ["/name"]),
        ({"name": "Bob", "role": "owner"}, ["/role"]),
        ({"name": "Bob", "role": "view", "password": "short"}, ["/password"] * 4),
        ({"name": "Bob", "role": "view", "language": "fr"}, ["/language"]),
        ({"role": "view"}, ["/name"]),
    ],
)
async def test_bad_fields_are_named(
    tmp_path: Path, body: Mapping[str, object], pointers: list[str]
) -> None:
    """Every bad field has an entry that points at it."""
    async with open_server(tmp_path) as server:
        status, problem = await server.json("POST", "/api/users", body)

    assert status == 422
    assert [each["pointer"] for each in problem["errors"]] == pointers


async def test_unknown_accounts_are_404_and_taken_names_409(tmp_path: Path) -> None:
    """Nothing is created by a change, and no name is used twice."""
    async with open_server(tmp_path) as server:
        await _user(server)
        unknown = [
            (await server.call(method, f"/api/users/nobody{path}", body)).status
            for method, path, body in [
                ("GET", "", None),
                ("PATCH", "", {"role": "view"}),
                ("DELETE", "", None),
                ("POST", "/sign-out", None),
            ]
        ]
        taken = await server.json("POST", "/api/users", {"name": "ANN", "role": "view"})

    assert unknown == [404] * 4
    assert (taken[0], taken[1]["kind"]) == (409, "user_exists")


async def test_guesses_are_bounded_for_each_account(tmp_path: Path) -> None:
    """Known and unknown names are refused after the same number of guesses from any address.

    Neither the master password nor a user at a known address is locked out by them.
    """
    limits = RateLimits(guesses=10**6, anonymous=10**6, wrong_anonymous=10**6, sign_ins=3)
    async with open_server(tmp_path, limits=limits) as server:
        await _user(server)
        await _user(server, "Bob")
        await _token(server, "Bob")
        answers = {
            name: [(await _sign_in(server, name, "wrong"))[0] for _ in range(5)]
            for name in ("Ann", "nobody")
        }
        master = await _sign_in(server, None, PASSWORD)
        known = [(await _sign_in(server, "bob"))[0] for _ in range(5)]

    assert answers == {name: [401, 401, 401, 429, 429] for name in ("Ann", "nobody")}
    assert (master[0], known) == (200, [200] * 5)


async def test_the_history_names_the_user(tmp_path: Path) -> None:
    """What a user or one of its keys does is recorded with the name of the account."""
    async with open_library(tmp_path, offered=[titan()]) as server:
        await _user(server, role="manage")
        token = await _token(server, "Ann")
        _, key = await server.json(
            "POST", "/api/auth/keys", {"name": "tv", "scope": "control"}, token=token
        )
        await server.call("POST", "/api/anime/add", {"link": LINK}, token=token)
        headers = {"X-Api-Key": key["key"]}
        await server.call("DELETE", f"/api/anime/{KEY}", headers=headers, token="")
        page = await server.stage.storage.history.find(HistoryQuery())

    assert [(each.kind.value, each.by.kind.value, each.by.name) for each in page.items] == [
        ("removed", "api_key", "tv (Ann)"),
        ("added", "person", "Ann"),
    ]


async def test_paths_need_the_master_password_from_a_manager(tmp_path: Path) -> None:
    """The own password of a manager does not confirm a change of where files are written."""
    async with open_server(tmp_path, limits=FREELY) as server:
        await _user(server, role="manage")
        token = await _token(server, "Ann")
        folder = tmp_path / "elsewhere"
        folder.mkdir()
        part = {"other": {"anime_directory": str(folder)}}
        answers = [
            (
                await server.call(
                    "PUT", "/api/config", {**part, "current_password": password}, token=token
                )
            ).status
            for password in (OWN, PASSWORD)
        ]

    assert answers == [403, 200]
