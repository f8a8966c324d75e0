"""Tokens that must be refused everywhere."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Final

import attrs

from aniworld_core.domain.access import Scope

_USUAL: Final = {"alg": "HS256", "typ": "JWT"}
_DIGESTS: Final = {"HS384": "sha384", "HS512": "sha512"}
_FAR: Final = 4_102_444_800.0  # 2100-01-01


@attrs.frozen(kw_only=True)
class Spoils:
    """Tokens and keys that an attacker may have.

    Attributes:
        good: Valid token, to be modified or sent in a wrong place.
        revoked: Token of a session that was ended.
        expired: Token of an expired session.
        secret: Signing key of tokens.
        keys: An API key of each scope.
        removed: An API key that was deleted.
    """

    good: str
    revoked: str
    expired: str
    secret: bytes
    keys: Mapping[Scope, str]
    removed: str


def tokens(spoils: Spoils) -> dict[str, str]:
    """Return forged tokens by the name of their defect."""
    return {
        **_broken(spoils),
        **_unsigned(spoils),
        **{
            f"claims: {name}": _signed(_USUAL, each, spoils.secret)
            for name, each in _claims(_payload(spoils.good)).items()
        },
        **{
            f"header: {name}": _signed(each, _payload(spoils.good), spoils.secret)
            for name, each in _headers(spoils.secret).items()
        },
        "revoked session": spoils.revoked,
        "expired session": spoils.expired,
        "API key": spoils.keys[Scope.ADMIN],
    }


def _broken(spoils: Spoils) -> dict[str, str]:
    good = spoils.good
    header, body, signature = good.split(".")
    return {
        "empty": "",
        "dots": "..",
        "three dots": "...",
        "garbage": "a.b.c",
        "null": "null",
        "padded": f"{good}=",
        "signature padded": f"{header}.{body}.{signature}==",
        "signature with junk": f"{header}.{body}.{signature}*",
        "line in signature": f"{header}.{body}.{signature[:9]} {signature[9:]}",
        "cut short": good[:-1],
        "header cut off": f"{body}.{signature}",
        "first letter cut off": good[1:],
        "doubled": good + good,
        "two in one": f"{good},{good}",
        "four parts": f"{good}.{signature}",
        "five parts": f"{header}..{body}.{signature}.{signature}",
        "upper case": good.upper(),
        "backwards": good[::-1],
        "quoted": f'"{good}"',
        "percent": good.replace(".", "%2E"),
        "nested": _part(good),
        "very long": f"{header}.{'A' * 6000}.{signature}",
        "too long for a header": f"{header}.{'A' * 20_000}.{signature}",
        "NUL": f"{good}\0",
        "NUL inside": f"{header}\0.{body}.{signature}",
        "no ASCII": f"{good}\u00e9",
        "full-width dots": good.replace(".", "\uff0e"),
        "payload is a list": _signed(_USUAL, [_payload(good)], spoils.secret),
        "payload is text": _signed(_USUAL, "master", spoils.secret),
        "payload is no JSON": _signed(_USUAL, b"{", spoils.secret),
        "header is no JSON": _signed(b"{", _payload(good), spoils.secret),
        "header is a list": _signed([_USUAL], _payload(good), spoils.secret),
    }


def _unsigned(spoils: Spoils) -> dict[str, str]:
    header, body, signature = spoils.good.split(".")
    payload, secret = _payload(spoils.good), spoils.secret
    flipped = ("A" if signature[0] != "A" else "B") + signature[1:]
    return {
        "alg none": f"{_part({'alg': 'none', 'typ': 'JWT'})}.{body}.",
        "alg None": f"{_part({'alg': 'None', 'typ': 'JWT'})}.{body}.",
        "alg NONE without dot": f"{_part({'alg': 'NONE', 'typ': 'JWT'})}.{body}",
        "alg nOnE with signature": f"{_part({'alg': 'nOnE'})}.{body}.{signature}",
        "signature empty": f"{header}.{body}.",
        "signature missing": f"{header}.{body}",
        "signature changed": f"{header}.{body}.{flipped}",
        "signature all zero": f"{header}.{body}.{'A' * len(signature)}",
        "body changed": f"{header}.{_part({**payload, 'sub': 'root'})}.{signature}",
        "foreign key": signed_with_foreign_key(spoils.good),
        "empty key": _signed(_USUAL, payload, b""),
        "key of zeros": _signed(_USUAL, payload, b"\0" * 32),
        "digest as key": _signed(_USUAL, payload, hashlib.sha256(secret).digest()),
        "key as hex": _signed(_USUAL, payload, secret.hex().encode()),
    }


def _claims(good: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return correctly signed tokens with changed claims."""
    without = {f"no {name}": _without(good, name) for name in good}
    return {
        **without,
        "none": {},
        "exp as text": {**good, "exp": str(_FAR)},
        "exp 1e308": {**good, "exp": 1e308},
        "exp negative": {**good, "exp": -1},
        "exp past": {**good, "exp": 1},
        "exp true": {**good, "exp": True},
        "exp null": {**good, "exp": None},
        "exp list": {**good, "exp": [_FAR]},
        "iat text": {**good, "iat": "now"},
        "iat future": {**good, "iat": _FAR, "exp": _FAR + 60},
        "nbf future": {**good, "nbf": _FAR},
        "jti of nobody": {**good, "jti": "0" * 32},
        "jti empty": {**good, "jti": ""},
        "jti number": {**good, "jti": 1},
        "jti null": {**good, "jti": None},
        "jti list": {**good, "jti": [good["jti"]]},
        "jti upper case": {**good, "jti": str(good["jti"]).upper() + "X"},
        "jti sql": {**good, "jti": "' OR 1=1 --"},
        "jti wildcard": {**good, "jti": "%"},
        "jti NUL": {**good, "jti": f"{good['jti']}\0"},
        "jti surrogate": {**good, "jti": "\ud800"},
        "sub null": {**good, "sub": None},
        "sub of somebody else": {**good, "sub": "root"},
        "a claim too many": {**good, "scope": "admin"},
    }


def _headers(secret: bytes) -> dict[str, Mapping[str, Any]]:
    """Return tokens with changed header fields, signed accordingly."""
    return {
        "HS384": {**_USUAL, "alg": "HS384"},
        "HS512": {**_USUAL, "alg": "HS512"},
        "RS256 with our key": {**_USUAL, "alg": "RS256"},
        "PS256": {**_USUAL, "alg": "PS256"},
        "ES256": {**_USUAL, "alg": "ES256"},
        "EdDSA": {**_USUAL, "alg": "EdDSA"},
        "hs256": {**_USUAL, "alg": "hs256"},
        "no alg": {"typ": "JWT"},
        "alg null": {**_USUAL, "alg": None},
        "alg list": {**_USUAL, "alg": ["HS256"]},
        "alg empty": {**_USUAL, "alg": ""},
        "crit": {**_USUAL, "crit": ["exp"]},
        "b64": {**_USUAL, "b64": False, "crit": ["b64"]},
        "kid path": {**_USUAL, "kid": "../../../../dev/null"},
        "kid sql": {**_USUAL, "kid": "x' UNION SELECT 'key"},
        "kid NUL": {**_USUAL, "kid": "\0"},
        "jku": {**_USUAL, "jku": "http://127.0.0.1/keys"},
        "x5u": {**_USUAL, "x5u": "http://127.0.0.1/cert"},
        "x5c": {**_USUAL, "x5c": [base64.b64encode(secret).decode()]},
        "jwk": {**_USUAL, "jwk": {"kty": "oct", "k": _part(secret)}},
        "nested": {**_USUAL, "cty": "JWT"},
        "zip": {**_USUAL, "zip": "DEF"},
        "typ": {**_USUAL, "typ": "at+jwt"},
        "no typ": {"alg": "HS256"},
    }


def _payload(token: str) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return payload


def signed_with_foreign_key(good: str) -> str:
    """Return a token with the claims of *good*, signed with another key."""
    return _signed(_USUAL, _payload(good), b"x" * 32)


def _without(claims: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in claims.items() if key != name}


def _part(document: object) -> str:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _signed(header: object, payload: object, key: bytes) -> str:
    said = str(header.get("alg")) if isinstance(header, Mapping) else ""
    signed = f"{_part(header)}.{_part(payload)}"
    digest = hmac.new(key, signed.encode(), _DIGESTS.get(said, "sha256"))
    return f"{signed}.{_part(digest.digest())}"
