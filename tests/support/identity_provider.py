"""An identity provider on loopback, with the documented endpoints and its own RSA key."""

import base64
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs
from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT = "aniworld"
SECRET = "a client secret: %/+"


@lru_cache
def new_key(kid: str, number: int = 0) -> RSAKey:
    """Return an RSA key with a name, the same for the same number."""
    return RSAKey.generate_key(2048, {"kid": kid})


@attrs.define(eq=False)
class IdentityProvider:
    """Signs in one user, and can lie about everything.

    Attributes:
        now: Return the present time.
        key: Signs the ID tokens.
        claims: Claims of the user.
        metadata: Changes of the discovery document.
        changed: Changes of the claims of ID tokens; `None` removes one.
        sign: Makes the ID token of claims.
        is_down: Whether all answers are errors.
        other_keys: Descriptions of further keys.
        requests: Paths that were requested.
    """

    now: Callable[[], datetime]
    address: str = ""
    key: RSAKey = attrs.field(factory=lambda: new_key("first"))
    claims: dict[str, Any] = attrs.field(
        factory=lambda: {"sub": "user-7", "preferred_username": "Ann", "groups": ["anime"]}
    )
    metadata: dict[str, Any] = attrs.field(factory=dict)
    changed: dict[str, Any] = attrs.field(factory=dict)
    sign: Callable[[dict[str, Any]], str] | None = None
    is_down: bool = False
    other_keys: list[dict[str, Any]] = attrs.field(factory=list)
    requests: list[str] = attrs.field(factory=list)
    _codes: dict[str, dict[str, str]] = attrs.field(factory=dict, init=False)

    def approve(self, location: str, code: str = "code-1") -> str:
        """Act as the user who signs in at an address; return the state that the browser gets."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        assert location.startswith(f"{self.address}/authorize?")
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["code_challenge_method"] == "S256"
        self._codes[code] = asked
        return asked["state"]

    def signed(self, claims: dict[str, Any]) -> str:
        """Return an ID token."""
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def app(self) -> web.Application:
        """Return the server."""
        app = web.Application(middlewares=[self._gate])
        app.router.add_get("/.well-known/openid-configuration", self._discover)
        app.router.add_get("/keys", self._keys)
        app.router.add_post("/token", self._token)
        return app

    @web.middleware
    async def _gate(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.requests.append(request.path)
        if self.is_down:
            return web.Response(status=503, text="<html>down</html>", content_type="text/html")
        response: web.StreamResponse = await handler(request)
        return response

    async def _discover(self, _request: web.Request) -> web.Response:
        document = {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
        }
        return web.json_response({**document, **self.metadata})

    async def _keys(self, _request: web.Request) -> web.Response:
        own = KeySet([self.key]).as_dict(private=False)["keys"]
        return web.json_response({"keys": [*self.other_keys, *own]})

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self._codes.pop(str(form["code"]), None)
        basic = base64.b64encode(b"aniworld:a+client+secret%3A+%25%2F%2B").decode()
        assert request.headers["Authorization"] == f"Basic {basic}"
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or challenge != asked["code_challenge"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        assert form["redirect_uri"] == asked["redirect_uri"]
        now = int(self.now().timestamp())
        claims = {
            "iss": self.address,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.claims,
            **self.changed,
        }
        whole = {name: value for name, value in claims.items() if value is not None}
        token = (self.sign or self.signed)(whole)
        return web.json_response({"id_token": token, "access_token": "x", "token_type": "Bearer"})


@asynccontextmanager
async def open_provider(now: Callable[[], datetime]) -> AsyncIterator[IdentityProvider]:
    """Serve a provider."""
    provider = IdentityProvider(now)
    async with TestServer(provider.app()) as server:
        provider.address = f"http://127.0.0.1:{server.port}"
        yield provider
