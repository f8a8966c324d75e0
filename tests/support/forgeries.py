"""Requests that must be refused: forged tokens, and valid tokens in wrong places."""

import base64
import hashlib
from collections.abc import Iterator

import attrs

from aniworld_core.domain.access import Scope
from support.forged_tokens import Spoils, signed_with_foreign_key, tokens
from support.raw_wire import Header


@attrs.frozen
class Attempt:
    """A way to send a request.

    Attributes:
        name: Description of the defect.
        headers: Headers of the request.
        query: Query to add to the path.
        scope: Scope that the credentials have; `None` if they are invalid.
    """

    name: str
    headers: tuple[Header, ...] = ()
    query: str = ""
    scope: Scope | None = None


def attempts(spoils: Spoils) -> tuple[Attempt, ...]:
    """Return all attempts with unique names."""
    bearers = (
        Attempt(f"token: {name}", (_bearer(token),)) for name, token in tokens(spoils).items()
    )
    return (*bearers, *_wrong_schemes(spoils), *_wrong_places(spoils), *_keys(spoils))


def _wrong_schemes(spoils: Spoils) -> Iterator[Attempt]:
    good = spoils.good.encode()
    forged = signed_with_foreign_key(spoils.good).encode()
    values = {
        "nothing": b"",
        "only the scheme": b"Bearer",
        "only spaces": b"Bearer    ",
        "lower case, forged": b"bearer " + forged,
        "no scheme": good,
        "Basic": b"Basic " + base64.b64encode(b"master:Correct-Horse-7"),
        "Basic with token": b"Basic " + base64.b64encode(good + b":"),
        "Digest": b'Digest username="master", response="' + good + b'"',
        "Token": b"Token " + good,
        "JWT": b"JWT " + good,
        "DPoP": b"DPoP " + good,
        "colon": b"Bearer: " + good,
        "tab": b"Bearer\t" + good,
        "comma": b"Bearer," + good,
        "twice": b"Bearer Bearer " + good,
        "and more": b"Bearer " + good + b", Basic Og==",
        "bytes that are no text": b"Bearer \xff\xfe" + good,
        "too long": b"Bearer " + b"A" * 70_000,
    }
    for name, value in values.items():
        yield Attempt(f"scheme: {name}", ((b"Authorization", value),))


def _wrong_places(spoils: Spoils) -> Iterator[Attempt]:
    good, key = spoils.good.encode(), spoils.keys[Scope.ADMIN].encode()
    forged = _bearer(signed_with_foreign_key(spoils.good))
    yield Attempt("nothing at all")
    for name in ("token", "access_token", "authorization", "jwt", "api_key", "apikey", "x-api-key"):
        value = spoils.keys[Scope.ADMIN] if "key" in name else spoils.good
        yield Attempt(f"query: {name}", query=f"?{name}={value}")
    for name in ("access_token", "token", "session", "Authorization"):
        yield Attempt(f"cookie: {name}", ((b"Cookie", name.encode() + b"=" + good),))
    headers: dict[str, tuple[Header, ...]] = {
        "X-Access-Token": ((b"X-Access-Token", good),),
        "X-Auth-Token": ((b"X-Auth-Token", good),),
        "Proxy-Authorization": ((b"Proxy-Authorization", b"Bearer " + good),),
        "X-Api-Key with token": ((b"X-Api-Key", good),),
        "X_Api_Key": ((b"X_Api_Key", key),),
        "X-Forwarded-Authorization": ((b"X-Forwarded-Authorization", b"Bearer " + good),),
        "Sec-WebSocket-Protocol": ((b"Sec-WebSocket-Protocol", b"bearer, " + good),),
        "two tokens, good first": (_bearer(spoils.good), forged),
        "two tokens, good last": (forged, _bearer(spoils.good)),
        "the good one twice": (_bearer(spoils.good), _bearer(spoils.good)),
        "token and key": (_bearer(spoils.good), (b"X-Api-Key", key)),
        "good token, empty key": (_bearer(spoils.good), (b"X-Api-Key", b"")),
        "from this machine": ((b"X-Forwarded-For", b"127.0.0.1"),),
        "of a known user": ((b"Remote-User", b"master"), (b"X-Remote-User", b"master")),
        "of another address": ((b"X-Original-URL", b"/health"), (b"X-Rewrite-URL", b"/health")),
        "of another method": ((b"X-HTTP-Method-Override", b"OPTIONS"),),
        "like a preflight": (
            (b"Origin", b"http://localhost:3000"),
            (b"Access-Control-Request-Method", b"GET"),
        ),
        "space before the colon": ((b"Authorization ", b"Bearer " + good),),
    }
    for name, sent in headers.items():
        yield Attempt(f"headers: {name}", sent)


def _keys(spoils: Spoils) -> Iterator[Attempt]:
    admin = spoils.keys[Scope.ADMIN].encode()
    values = {
        "empty": b"",
        "of nobody": b"aw_nobody",
        "deleted": spoils.removed.encode(),
        "cut short": admin[:-1],
        "with more": admin + b"x",
        "upper case": admin.upper(),
        "without its beginning": admin.partition(b"_")[2],
        "as its digest": hashlib.sha256(admin).hexdigest().encode(),
        "two in one": admin + b"," + admin,
        "Bearer": b"Bearer " + admin,
        "sql": b"' OR 1=1 --",
        "NUL": admin + b"\0",
        "no ASCII": b"\xff" + admin,
    }
    for name, value in values.items():
        yield Attempt(f"key: {name}", ((b"X-Api-Key", value),))
    yield Attempt("key: twice", ((b"X-Api-Key", admin), (b"X-Api-Key", admin)))
    for scope in (Scope.READ, Scope.CONTROL):
        key = spoils.keys[scope].encode()
        yield Attempt(f"key: for {scope} only", ((b"X-Api-Key", key),), scope=scope)


def _bearer(token: str) -> Header:
    return (b"Authorization", b"Bearer " + token.encode())
