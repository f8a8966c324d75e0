"""Nobody gets anything without saying who he is: a walk over every route."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from aniworld_core.domain.access import Scope
from aniworld_core.domain.identity import SessionId
from aniworld_core.domain.session import TokenClaims
from aniworld_http.middlewares.rate_limit import RateLimits
from aniworld_http.operations import PUBLIC
from aniworld_http.routes import TABLE
from aniworld_http.security import JwtCodec
from http_stage import KEY, Server, open_server

pytestmark = pytest.mark.anyio

FREELY = RateLimits(guesses=10**6, strangers=10**6, known=10**6)
CLOSED = [operation for operation in TABLE if operation.path not in PUBLIC]


def _path(template: str) -> str:
    return re.sub(r"\{[^}]+\}", "x", template)


def _part(document: object) -> str:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _signed(header: Mapping[str, Any], payload: Mapping[str, Any], key: bytes = KEY) -> str:
    signed = f"{_part(header)}.{_part(payload)}"
    digest = {"HS384": "sha384", "HS512": "sha512"}.get(str(header.get("alg")), "sha256")
    return f"{signed}.{_part(hmac.new(key, signed.encode(), digest).digest())}"


def forged_tokens(good: str) -> dict[str, str]:
    """Tokens that must be refused, by what is wrong with them."""
    header, body, signature = good.split(".")
    payload = json.loads(base64.urlsafe_b64decode(body + "=="))
    usual = {"alg": "HS256", "typ": "JWT"}
    now = datetime.now(UTC).timestamp()
    changed: dict[str, Mapping[str, Any]] = {
        "no exp": {k: v for k, v in payload.items() if k != "exp"},
        "no iat": {k: v for k, v in payload.items() if k != "iat"},
        "no jti": {k: v for k, v in payload.items() if k != "jti"},
        "no sub": {k: v for k, v in payload.items() if k != "sub"},
        "exp as text": {**payload, "exp": "4102444800"},
        "exp 1e308": {**payload, "exp": 1e308},
        "exp negative": {**payload, "exp": -1},
        "exp past": {**payload, "exp": 1},
        "exp true": {**payload, "exp": True},
        "exp null": {**payload, "exp": None},
        "exp list": {**payload, "exp": [now]},
        "iat text": {**payload, "iat": "now"},
        "jti of nobody": {**payload, "jti": "0" * 32},
        "jti empty": {**payload, "jti": ""},
        "jti number": {**payload, "jti": 1},
        "jti null": {**payload, "jti": None},
        "jti list": {**payload, "jti": [payload["jti"]]},
        "jti sql": {**payload, "jti": "' OR 1=1 --"},
        "sub null": {**payload, "sub": None},
    }
    headers: dict[str, Mapping[str, Any]] = {
        "HS384": {**usual, "alg": "HS384"},
        "HS512": {**usual, "alg": "HS512"},
        "RS256 with our key": {**usual, "alg": "RS256"},
        "ES256": {**usual, "alg": "ES256"},
        "no alg": {"typ": "JWT"},
        "alg null": {**usual, "alg": None},
        "alg list": {**usual, "alg": ["HS256"]},
        "crit": {**usual, "crit": ["exp"]},
        "b64": {**usual, "b64": False, "crit": ["b64"]},
        "kid path": {**usual, "kid": "../../../../dev/null"},
        "kid sql": {**usual, "kid": "x' UNION SELECT 'key"},
        "jku": {**usual, "jku": "http://127.0.0.1/keys"},
        "x5u": {**usual, "x5u": "http://127.0.0.1/cert"},
        "jwk": {**usual, "jwk": {"kty": "oct", "k": _part(KEY)}},
        "zip": {**usual, "zip": "DEF"},
    }
    return {
        "none": f"{_part({'alg': 'none', 'typ': 'JWT'})}.{body}.",
        "None": f"{_part({'alg': 'None', 'typ': 'JWT'})}.{body}.",
        "nOnE with signature": f"{_part({'alg': 'nOnE'})}.{body}.{signature}",
        "empty signature": f"{header}.{body}.",
        "no signature": f"{header}.{body}",
        "changed signature": f"{header}.{body}.{_flipped(signature)}",
        "changed body": f"{header}.{_part({**payload, 'sub': 'root'})}.{signature}",
        "foreign key": _signed(usual, payload, b"x" * 32),
        "empty key": _signed(usual, payload, b""),
        "public part as key": _signed(usual, payload, hashlib.sha256(KEY).digest()),
        "empty": "",
        "three dots": "...",
        "garbage": "a.b.c",
        "padding": f"{good}=",
        "very long": f"{header}.{'A' * 8000}.{signature}",
        **{name: _signed(usual, each) for name, each in changed.items()},
        **{name: _signed(each, payload) for name, each in headers.items()},
    }


def _flipped(signature: str) -> str:
    return ("A" if signature[0] != "A" else "B") + signature[1:]


async def test_no_route_takes_a_forged_token(tmp_path: Path) -> None:
    """Every closed route refuses every forged token; more than forty of them."""
    async with open_server(tmp_path, limits=FREELY) as server:
        forged = forged_tokens(server.token)
        assert len(forged) >= 40
        assert (await server.call("GET", "/api/config")).status == 200, "the good one works"
        let_in = [
            f"{operation.method} {operation.path}: {name}"
            for operation in CLOSED
            for name, token in forged.items()
            if not await _is_refused(server, operation.method, operation.path, token)
        ]

    # Shown by `pytest -rP`: what was walked is part of the proof.
    print(f"{len(CLOSED)} routes x {len(forged)} forged tokens: {len(let_in)} let in")  # noqa: T201
    assert let_in == []


async def _is_refused(server: Server, method: str, path: str, token: str) -> bool:
    response = await server.client.request(
        method, _path(path), headers={"Authorization": f"Bearer {token}"}, json={}
    )
    asks = response.headers.get("WWW-Authenticate", "").startswith("Bearer")
    return response.status == 401 and asks and response.content_type == "application/problem+json"


async def test_no_closed_route_answers_strangers(tmp_path: Path) -> None:
    """Without any token, every route outside the public list is 401, and so is what is unknown."""
    async with open_server(tmp_path, limits=FREELY) as server:
        answers = {
            f"{operation.method} {operation.path}": await server.json(
                operation.method, _path(operation.path), {}, token=""
            )
            for operation in CLOSED
        }
        unknown = await server.call("GET", "/api/nothing", token="")
        elsewhere = await server.call("GET", "/nothing", token="")

    assert {name for name, (status, _) in answers.items() if status != 401} == set()
    assert (unknown.status, elsewhere.status) == (401, 404)


async def test_what_is_public_says_which_methods_it_knows(tmp_path: Path) -> None:
    """A stranger learns nothing from it; elsewhere he is asked who he is first."""
    async with open_server(tmp_path) as server:
        public = await server.call("TRACE", "/api/auth/status", token="")
        closed = await server.call("TRACE", "/api/config", token="")

    assert (public.status, public.headers["Allow"]) == (405, "GET,HEAD,OPTIONS")
    assert closed.status == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Basic bWFzdGVyOm1hc3Rlcg=="},
        {"Authorization": "Bearer"},
        {"Authorization": "bearer  "},
        {"X-Api-Key": "aw_nobody"},
        {"X-Api-Key": ""},
        {"Cookie": "access_token=x"},
    ],
)
async def test_other_ways_in_are_closed(tmp_path: Path, headers: Mapping[str, str]) -> None:
    """Neither other schemes nor cookies nor empty keys open anything."""
    async with open_server(tmp_path) as server:
        response = await server.call("GET", "/api/config", headers=headers, token="")

    assert response.status == 401


async def test_a_token_in_the_address_counts_for_nothing(tmp_path: Path) -> None:
    """Addresses end in logs and histories."""
    async with open_server(tmp_path) as server:
        response = await server.call("GET", f"/api/config?token={server.token}", token="")

    assert response.status == 401


async def test_keys_do_what_their_scope_says(tmp_path: Path) -> None:
    """A reading key reads, a controlling one also changes, only admin gets at keys."""
    async with open_server(tmp_path, limits=FREELY) as server:
        keys = {}
        for scope in Scope:
            _, made = await server.json("POST", "/api/auth/keys", {"name": scope, "scope": scope})
            keys[scope] = made["key"]
        refused = {scope: set[str]() for scope in Scope}
        for scope, key in keys.items():
            for operation in CLOSED:
                if operation.path == "/api/auth/keys/{id}" or operation.id == "signOut":
                    continue
                _, problem = await server.json(
                    operation.method,
                    _path(operation.path),
                    {},
                    headers={"X-Api-Key": key},
                    token="",
                )
                if isinstance(problem, dict) and problem.get("kind") == "restricted":
                    refused[scope].add(operation.id)

    needed = {o.id: o.scope for o in CLOSED if o.id not in {"removeKey", "signOut"}}
    assert refused == {
        scope: {name for name, need in needed.items() if not scope.includes(need)}
        for scope in Scope
    }
    assert all(o.scope is not Scope.READ or o.method == "GET" for o in CLOSED if o.id != "signOut")


async def test_a_removed_key_is_dead_at_once(tmp_path: Path) -> None:
    """What was believed a moment ago is not believed any more."""
    async with open_server(tmp_path) as server:
        _, made = await server.json("POST", "/api/auth/keys", {"name": "n", "scope": "read"})
        key = {"X-Api-Key": made["key"]}
        before = await server.call("GET", "/api/config", headers=key, token="")
        await server.call("DELETE", f"/api/auth/keys/{made['id']}")
        after = await server.call("GET", "/api/config", headers=key, token="")

    assert (before.status, after.status) == (200, 401)


async def test_a_token_ends_when_its_time_is_over(tmp_path: Path) -> None:
    """A token that was believed a moment ago expires all the same."""
    async with open_server(tmp_path) as server:
        before = await server.call("GET", "/api/config")
        server.stage.clock.advance(timedelta(hours=13))
        after = await server.call("GET", "/api/config")

    assert (before.status, after.status) == (200, 401)


async def test_a_good_signature_without_a_session_opens_nothing(tmp_path: Path) -> None:
    """Even who has the signing key needs a session in the database."""
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    claims = TokenClaims(
        session_id=SessionId("f" * 32),
        user="master",
        created_at=now,
        expires_at=now + timedelta(hours=1),
    )
    async with open_server(tmp_path) as server:
        token = JwtCodec(KEY).encode(claims)
        assert jwt.get_unverified_header(token)["alg"] == "HS256"
        response = await server.call("GET", "/api/config", token=token)

    assert response.status == 401
