"""Sign-in with an identity provider: a real one on loopback, and what attackers make of it."""

import base64
import hmac
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from support.http_stage import FREELY, Answer, Server, open_server
from support.identity_provider import CLIENT, SECRET, IdentityProvider, new_key, open_provider

pytestmark = pytest.mark.anyio

Pair: TypeAlias = tuple[Server, IdentityProvider]
Sign: TypeAlias = Callable[[dict[str, Any]], str]


@asynccontextmanager
async def _open(folder: Path) -> AsyncIterator[Pair]:
    """Serve a provider and a server that uses it."""
    async with (
        open_server(folder, limits=FREELY) as server,
        open_provider(server.stage.clock.now) as provider,
    ):
        oidc = {
            "issuer": provider.address,
            "client_id": CLIENT,
            "client_secret": SECRET,
            "public_url": "https://anime.example/tv",
            "manage_groups": ["admins"],
            "request_groups": ["anime"],
        }
        status, problem = await server.json("PUT", "/api/config", {"oidc": oidc})
        assert status == 200, problem
        yield server, provider


async def _start(server: Server) -> tuple[str, str]:
    """Begin a sign-in; return the address at the provider and the cookie."""
    response = await server.call("POST", "/login/oidc/start", {}, token="")
    assert response.status == 200, await response.text()
    (cookie,) = response.cookies.values()
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Strict")
    server.client.session.cookie_jar.clear()
    return (await response.json())["location"], cookie.value


async def _finish(server: Server, cookie: str, **body: object) -> Answer:
    headers = {"Cookie": f"aniworld_oidc={cookie}"} if cookie else {}
    return await server.json("POST", "/login/oidc/finish", body, token="", headers=headers)


async def _sign_in(server: Server, provider: IdentityProvider, **more: object) -> Answer:
    location, cookie = await _start(server)
    state = provider.approve(location)
    return await _finish(server, cookie, state=state, code="code-1", **more)


async def _me(server: Server, answer: Answer) -> Any:
    assert answer[0] == 200, answer[1]
    _, me = await server.json("GET", "/api/auth/me", token=answer[1]["access_token"])
    return me


def _reason(answer: Answer) -> str:
    assert answer[0] == 403, answer[1]
    assert answer[1]["kind"] == "provider_sign_in"
    return str(answer[1]["values"]["reason"]["kind"])


async def test_a_user_signs_in_and_gets_an_account(tmp_path: Path) -> None:
    """The first sign-in creates the account, the next ones use it and follow the groups."""
    async with _open(tmp_path) as (server, provider):
        first = await _me(server, await _sign_in(server, provider))
        provider.claims |= {"groups": ["admins", "anime"], "preferred_username": "Other"}
        second = await _me(server, await _sign_in(server, provider))
        _, users = await server.json("GET", "/api/users")
        async with server.client.get("/login") as page:
            shown = await page.text()

    assert (first["name"], first["role"]) == ("Ann", "request")
    assert (second["id"], second["name"], second["role"]) == (first["id"], "Ann", "manage")
    assert [(user["name"], user["has_password"]) for user in users] == [("Ann", False)]
    assert "Sign in with 127.0.0.1" in shown


async def test_the_redirect_address_is_the_public_one(tmp_path: Path) -> None:
    """Behind a proxy, no header of a request decides where the browser is sent back to."""
    async with _open(tmp_path) as (server, _provider):
        headers = {"X-Forwarded-Host": "evil.example"}
        response = await server.call("POST", "/login/oidc/start", {}, token="", headers=headers)
        location = (await response.json())["location"]

    assert "redirect_uri=https%3A%2F%2Fanime.example%2Ftv%2Flogin&" in location


async def test_a_name_gives_nobody_the_account_of_another(tmp_path: Path) -> None:
    """A user of the provider with the name of a local account, or of the master, gets a new one."""
    async with _open(tmp_path) as (server, provider):
        body = {"name": "ANN", "role": "manage", "password": "Battery-Staple-2"}
        _, local = await server.json("POST", "/api/users", body)
        first = await _me(server, await _sign_in(server, provider))
        provider.claims |= {"sub": "user-8", "preferred_username": "master"}
        second = await _me(server, await _sign_in(server, provider))

    assert first["id"] != local["id"]
    assert first["name"].startswith("Ann ")
    assert (second["name"], second["role"]) == ("user", "request")


WRONG_CLAIMS: Mapping[str, tuple[Mapping[str, object], str]] = {
    "other issuer": ({"iss": "https://evil.example"}, "oidc_claim"),
    "no issuer": ({"iss": None}, "oidc_claim"),
    "other audience": ({"aud": "other"}, "oidc_claim"),
    "other audiences": ({"aud": ["other"]}, "oidc_claim"),
    "no audience": ({"aud": None}, "oidc_claim"),
    "issued to another": ({"aud": ["other", CLIENT], "azp": "other"}, "oidc_claim"),
    "other nonce": ({"nonce": "other"}, "oidc_claim"),
    "no nonce": ({"nonce": None}, "oidc_claim"),
    "no subject": ({"sub": None}, "oidc_claim"),
    "subject is no text": ({"sub": 7}, "oidc_claim"),
    "no expiry": ({"exp": None}, "oidc_claim"),
    "expired": ({"exp": 1}, "oidc_expired"),
    "expiry is no number": ({"exp": "soon"}, "oidc_claim"),
    "not yet valid": ({"nbf": 99999999999}, "oidc_claim"),
    "other groups": ({"groups": ["others"]}, "oidc_no_group"),
    "no groups": ({"groups": None}, "oidc_no_group"),
    "groups are no list": ({"groups": {"admins": True}}, "oidc_no_group"),
}


async def test_a_wrong_claim_is_refused(tmp_path: Path) -> None:
    """Each has its own sentence; no account and no session is made."""
    async with _open(tmp_path) as (server, provider):
        answers = {}
        for name, (changed, _) in WRONG_CLAIMS.items():
            provider.changed = dict(changed)
            answers[name] = _reason(await _sign_in(server, provider))
        _, users = await server.json("GET", "/api/users")

    assert answers == {name: reason for name, (_, reason) in WRONG_CLAIMS.items()}
    assert users == []


async def test_an_allowed_difference_is_accepted(tmp_path: Path) -> None:
    """Several audiences, one group as a text, clocks that differ by less than a minute."""
    async with _open(tmp_path) as (server, provider):
        now = int(server.stage.clock.now().timestamp())
        answers = []
        for changed in (
            {"aud": [CLIENT, "other"], "azp": CLIENT},
            {"groups": "anime"},
            {"exp": now - 30},
            {"iat": now + 30},
        ):
            provider.changed = dict(changed)
            answers.append(await _sign_in(server, provider))

    assert [status for status, _ in answers] == [200] * 4, answers


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def _by_hand(head: Mapping[str, str], claims: Mapping[str, Any], secret: bytes) -> str:
    signed = ".".join(_encoded(json.dumps(part).encode()) for part in (head, claims))
    signature = hmac.digest(secret, signed.encode(), "sha256") if secret else b""
    return f"{signed}.{_encoded(signature)}"


def _unsigned(_provider: IdentityProvider) -> Sign:
    return lambda claims: _by_hand({"alg": "none"}, claims, b"")


def _public_key_as_secret(provider: IdentityProvider) -> Sign:
    head, secret = {"alg": "HS256", "kid": "first"}, provider.key.as_pem(private=False)
    return lambda claims: _by_hand(head, claims, secret)


def _client_secret(_provider: IdentityProvider) -> Sign:
    return lambda claims: _by_hand({"alg": "HS256"}, claims, SECRET.encode())


def _other_key(provider: IdentityProvider) -> Sign:
    return IdentityProvider(provider.now, key=new_key("first", 1)).signed


async def test_a_forged_token_is_refused(tmp_path: Path) -> None:
    """Neither `none`, nor HS256 with the public key or a secret, nor another key of that name."""
    async with _open(tmp_path) as (server, provider):
        answers = []
        for forge in (_unsigned, _public_key_as_secret, _client_secret, _other_key):
            provider.sign = forge(provider)
            answers.append(await _sign_in(server, provider))

    assert [_reason(answer) for answer in answers] == ["oidc_signature"] * 4


async def test_a_token_that_is_none_is_refused(tmp_path: Path) -> None:
    """Junk in place of an ID token is no internal error."""
    async with _open(tmp_path) as (server, provider):
        answers = []
        for junk in ("", "x", "a.b.c", "é", ".....", "e30.e30.e30"):
            provider.sign = lambda _claims, junk=junk: junk
            answers.append(await _sign_in(server, provider))

    assert {_reason(answer) for answer in answers} == {"oidc_signature"}


async def test_new_keys_of_the_provider_are_used(tmp_path: Path) -> None:
    """After a rotation, the keys are requested again; without one, they are not."""
    async with _open(tmp_path) as (server, provider):
        for _ in range(2):
            assert (await _sign_in(server, provider))[0] == 200
        before = provider.requests.count("/keys")
        provider.key = new_key("second")
        rotated = await _sign_in(server, provider)

    assert (before, rotated[0]) == (1, 200)


async def test_keys_that_are_not_understood_are_ignored(tmp_path: Path) -> None:
    """A key of another kind, curve or use, or a broken one, does not prevent a sign-in."""
    async with _open(tmp_path) as (server, provider):
        provider.other_keys = [
            {"kty": "AKP", "alg": "ML-DSA-65", "kid": "new", "pub": "AA"},
            {"kty": "EC", "crv": "BP-256", "kid": "curve", "x": "AA", "y": "AA"},
            {"kty": "OKP", "crv": "X9", "kid": "other curve", "x": "AA"},
            {"kty": "RSA", "kid": "no exponent", "n": "AA"},
            {"kty": "EC", "crv": "P-256", "kid": "not on it", "x": "AA", "y": "AA"},
            {**new_key("of encryption", 1).as_dict(private=False), "kid": "first", "use": "enc"},
            {"kid": "nothing"},
        ]
        answer = await _sign_in(server, provider)

    assert answer[0] == 200, answer[1]


async def test_an_answer_is_good_once_and_for_one_browser(tmp_path: Path) -> None:
    """Replayed, of another browser, without cookie, forged, with another state: all refused."""
    async with _open(tmp_path) as (server, provider):
        location, cookie = await _start(server)
        other_location, other_cookie = await _start(server)
        state = provider.approve(location)
        other_state = provider.approve(other_location, "code-2")
        refused = [
            await _finish(server, sent, state=given, code="code-1")
            for sent, given in [
                (other_cookie, state),
                (cookie, other_state),
                ("", state),
                (cookie[:-4] + "xxxx", state),
                (server.token, state),
                (cookie, ""),
                (cookie, "é"),
            ]
        ]
        asked = "/token" in provider.requests
        right = await _finish(server, cookie, state=state, code="code-1")
        provider.approve(location, "code-3")
        replayed = await _finish(server, cookie, state=state, code="code-3")

    assert {_reason(answer) for answer in refused} == {"oidc_state"}
    assert not asked
    assert right[0] == 200
    assert _reason(replayed) == "oidc_state"


async def test_other_refusals_say_why(tmp_path: Path) -> None:
    """A used code, a refusal by the provider, a slow person, a disabled account, a mix-up."""
    async with _open(tmp_path) as (server, provider):
        location, cookie = await _start(server)
        state = provider.approve(location)
        code = await _finish(server, cookie, state=state, code="unknown")
        denied = await _finish(server, cookie, error="access_denied")
        mixed = await _sign_in(server, provider, iss="https://evil.example")
        me = await _me(server, await _sign_in(server, provider, iss=provider.address))
        await server.call("PATCH", f"/api/users/{me['id']}", {"disabled": True})
        disabled = await _sign_in(server, provider)
        location, cookie = await _start(server)
        server.stage.clock.advance(timedelta(minutes=11))
        late = await _finish(server, cookie, state=provider.approve(location), code="code-1")

    assert [_reason(each) for each in (code, denied, mixed, disabled, late)] == [
        "oidc_code",
        "oidc_refused",
        "oidc_claim",
        "oidc_disabled",
        "oidc_expired_state",
    ]


ELSEWHERE: Mapping[str, tuple[Mapping[str, object], str]] = {
    "other issuer": ({"issuer": "https://evil.example"}, "oidc_other_issuer"),
    "no issuer": ({"issuer": None}, "oidc_other_issuer"),
    "other port": ({"token_endpoint": "http://127.0.0.1:9/token"}, "oidc_endpoint_elsewhere"),
    "metadata service": ({"jwks_uri": "http://169.254.169.254/k"}, "oidc_endpoint_elsewhere"),
    "local file": ({"jwks_uri": "file:///etc/passwd"}, "oidc_endpoint_elsewhere"),
    "no text": ({"jwks_uri": 7}, "oidc_endpoint_elsewhere"),
    "foreign page": (
        {"authorization_endpoint": "https://evil.example/"},
        "oidc_endpoint_elsewhere",
    ),
    "script": ({"authorization_endpoint": "javascript:alert(1)"}, "oidc_endpoint_elsewhere"),
}


async def test_a_provider_leads_nowhere_else(tmp_path: Path) -> None:
    """All endpoints are on the configured host: no request and no browser goes elsewhere."""
    async with _open(tmp_path) as (server, provider):
        answers = {}
        for name, (metadata, _) in ELSEWHERE.items():
            provider.metadata = dict(metadata)
            answers[name] = _reason(await server.json("POST", "/login/oidc/start", {}, token=""))

    assert answers == {name: reason for name, (_, reason) in ELSEWHERE.items()}


async def test_a_provider_that_does_not_answer_is_named(tmp_path: Path) -> None:
    """Down, or at a closed port; the next attempt after its return succeeds."""
    async with _open(tmp_path) as (server, provider):
        provider.is_down = True
        down = await server.json("POST", "/login/oidc/start", {}, token="")
        provider.is_down = False
        up = await server.json("POST", "/login/oidc/start", {}, token="")
        part = {"oidc": {"issuer": "http://127.0.0.1:9", "client_secret": "x"}}
        assert (await server.call("PUT", "/api/config", part)).status == 200
        closed = await server.json("POST", "/login/oidc/start", {}, token="")

    assert (_reason(down), up[0], _reason(closed)) == ("oidc_bad_answer", 200, "oidc_unreachable")


async def test_a_foreign_page_begins_no_sign_in(tmp_path: Path) -> None:
    """The endpoints are refused to other origins, and need a provider."""
    async with _open(tmp_path) as (server, _provider):
        headers = {"Origin": "https://evil.example"}
        foreign = [
            (await server.call("POST", f"/login/oidc/{step}", {}, token="", headers=headers)).status
            for step in ("start", "finish")
        ]
        part = {"oidc": {"issuer": "", "client_secret": ""}}
        assert (await server.call("PUT", "/api/config", part)).status == 200
        off = await server.json("POST", "/login/oidc/start", {}, token="")
        async with server.client.get("/login") as page:
            shown = await page.text()

    assert foreign == [403, 403]
    assert _reason(off) == "oidc_off"
    assert 'id="provider"' not in shown


def test_a_server_without_a_provider_does_not_load_the_library() -> None:
    """The library for ID tokens is loaded at the first of them."""
    program = "import sys, aniworld_http.app; print('joserfc' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.stdout.strip() == "False"
