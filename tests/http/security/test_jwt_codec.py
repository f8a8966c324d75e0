"""Forged tokens (threat T14) and weak keys are refused."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.access import TokenClaims
from aniworld_core.domain.identity import SessionId
from aniworld_core.errors import InvalidTokenError, SettingsError
from aniworld_http.security import JwtCodec

KEY = b"the-key-of-this-test-has-32-byte"
#: What former versions wrote; still read.
CLAIMS: dict[str, Any] = {"jti": "a-session", "sub": "owner", "iat": 1.8e9, "exp": 1.9e9}
WRITTEN: dict[str, Any] = {
    **CLAIMS,
    "session_id": "a-session",
    "user": "owner",
    "created_at": "2027-01-15T08:00:00Z",
    "expires_at": "2030-03-17T17:46:40Z",
}
HEADER: dict[str, Any] = {"alg": "HS256", "typ": "JWT"}


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _token(
    header: object = HEADER,
    payload: object = CLAIMS,
    *,
    key: bytes = KEY,
    digest: Callable[..., Any] = hashlib.sha256,
) -> str:
    """Sign a token correctly, so that only its content can be the reason for a refusal."""
    body = f"{_b64(json.dumps(header).encode())}.{_b64(json.dumps(payload).encode())}"
    return f"{body}.{_b64(hmac.new(key, body.encode(), digest).digest())}"


def _unsigned(header: object) -> str:
    return _token(header).rpartition(".")[0] + "."


def _claims_without(name: str) -> dict[str, Any]:
    return {key: value for key, value in CLAIMS.items() if key != name}


_GOOD_HEAD, _GOOD_BODY, _GOOD_SIGNATURE = _token().split(".")

FORGED = {
    "alg none": _unsigned({"alg": "none"}),
    "alg None": _unsigned({"alg": "None"}),
    "alg NONE": _unsigned({"alg": "NONE"}),
    "alg nOnE signed": _token({"alg": "nOnE", "typ": "JWT"}),
    "alg none signed": _token({"alg": "none", "typ": "JWT"}),
    "alg empty": _token({"alg": "", "typ": "JWT"}),
    "alg missing": _token({"typ": "JWT"}),
    "alg null": _token({"alg": None, "typ": "JWT"}),
    "alg list": _token({"alg": ["HS256"], "typ": "JWT"}),
    "alg number": _token({"alg": 256, "typ": "JWT"}),
    "alg lower case": _token({"alg": "hs256", "typ": "JWT"}),
    "HS384": _token({"alg": "HS384", "typ": "JWT"}, digest=hashlib.sha384),
    "HS512": _token({"alg": "HS512", "typ": "JWT"}, digest=hashlib.sha512),
    "RS256 confusion": _token({"alg": "RS256", "typ": "JWT"}),
    "ES256 confusion": _token({"alg": "ES256", "typ": "JWT"}),
    "EdDSA confusion": _token({"alg": "EdDSA", "typ": "JWT"}),
    "PS512 confusion": _token({"alg": "PS512", "typ": "JWT"}),
    "header says 256, digest is 512": _token(digest=hashlib.sha512),
    "empty key": _token(key=b""),
    "other key": _token(key=KEY[::-1]),
    "key cut short": _token(key=KEY[:-1]),
    "crit unknown": _token({**HEADER, "crit": ["exp"], "exp": 1}),
    "crit empty": _token({**HEADER, "crit": []}),
    "crit b64": _token({**HEADER, "crit": ["b64"], "b64": False}),
    "b64 false": _token({**HEADER, "b64": False}),
    "b64 true": _token({**HEADER, "b64": True}),
    "kid path": _token({**HEADER, "kid": "../../../../dev/null"}, key=KEY),
    "kid query": _token({**HEADER, "kid": "x' UNION SELECT 'k'--"}),
    "kid number": _token({**HEADER, "kid": 7}),
    "jku": _token({**HEADER, "jku": "https://keys.invalid/jwks.json"}),
    "x5u": _token({**HEADER, "x5u": "https://keys.invalid/cert.pem"}),
    "jwk": _token({**HEADER, "jwk": {"kty": "oct", "k": _b64(b"x" * 32)}}),
    "encrypted, not signed": _token({"alg": "dir", "enc": "A256GCM", "zip": "DEF"}),
    "nested": _token({**HEADER, "cty": "JWT"}),
    "typ of another use": _token({**HEADER, "typ": "at+jwt"}),
    "no typ": _token({"alg": "HS256"}),
    "header is a list": _token(["HS256"]),
    "header is deep": f"{_b64(b'[' * 2000)}.{_GOOD_BODY}.{_GOOD_SIGNATURE}",
    "payload is a list": _token(payload=[CLAIMS]),
    "payload is a text": _token(payload="owner"),
    "signature empty": f"{_GOOD_HEAD}.{_GOOD_BODY}.",
    "signature missing": f"{_GOOD_HEAD}.{_GOOD_BODY}",
    "signature of another token": f"{_GOOD_HEAD}.{_token(payload={}).split('.')[1]}"
    f".{_GOOD_SIGNATURE}",
    "signature padded": _token() + "=",
    "four parts": _token() + ".e30",
    "no exp": _token(payload=_claims_without("exp")),
    "no iat": _token(payload=_claims_without("iat")),
    "no jti": _token(payload=_claims_without("jti")),
    "no sub": _token(payload=_claims_without("sub")),
    "exp null": _token(payload={**CLAIMS, "exp": None}),
    "exp text": _token(payload={**CLAIMS, "exp": "1900000000"}),
    "exp true": _token(payload={**CLAIMS, "exp": True}),
    "exp 1e308": _token(payload={**CLAIMS, "exp": 1e308}),
    "exp infinite": _token(payload={**CLAIMS, "exp": float("inf")}),
    "exp no number": _token(payload={**CLAIMS, "exp": float("nan")}),
    "exp negative": _token(payload={**CLAIMS, "exp": -1}),
    "exp huge": _token(payload={**CLAIMS, "exp": 10**400}),
    "exp in year 10000": _token(payload={**CLAIMS, "exp": 253_402_300_800}),
    "iat list": _token(payload={**CLAIMS, "iat": [1]}),
    "jti number": _token(payload={**CLAIMS, "jti": 1}),
    "jti empty": _token(payload={**CLAIMS, "jti": ""}),
    "jti list": _token(payload={**CLAIMS, "jti": ["a-session"]}),
    "sub number": _token(payload={**CLAIMS, "sub": 0}),
    "for another audience": _token(payload={**CLAIMS, "aud": "another-service"}),
    "a claim too many": _token(payload={**CLAIMS, "nbf": 1.8e9}),
    **{
        f"no {name}": _token(payload={**CLAIMS, **{n: v for n, v in WRITTEN.items() if n != name}})
        for name in sorted(WRITTEN.keys() - CLAIMS.keys())
    },
    "session_id of another": _token(payload={**WRITTEN, "session_id": "another"}),
    "user of another": _token(payload={**WRITTEN, "user": "root"}),
    "expires_at later than exp": _token(payload={**WRITTEN, "expires_at": "2099-01-01T00:00:00Z"}),
    "created_at number": _token(payload={**WRITTEN, "created_at": 1.8e9}),
    "too long": _token(payload={**CLAIMS, "more": "x" * 5000}),
}


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED.keys())
def test_forged_token_is_refused(token: str) -> None:
    """Only tokens of the exact form that the codec writes are accepted."""
    with pytest.raises(InvalidTokenError):
        JwtCodec(KEY).decode(token)


def test_the_signing_of_these_tests_is_valid() -> None:
    """A token signed the same way with the right content is accepted."""
    assert JwtCodec(KEY).decode(_token()).session_id == "a-session"
    assert JwtCodec(KEY).decode(_token(payload=WRITTEN)) == JwtCodec(KEY).decode(_token())


def test_tokens_are_plain_jwt() -> None:
    """Another JWT reader decodes the token, which has the documented claims only."""
    claims = TokenClaims(
        session_id=SessionId("a-session"),
        user="owner",
        created_at=datetime.fromtimestamp(1.8e9, UTC),
        expires_at=datetime.fromtimestamp(1.9e9, UTC),
    )

    token = JwtCodec(KEY).encode(claims)

    assert jwt.decode(token, KEY, ["HS256"], {"verify_iat": False, "verify_exp": False}) == WRITTEN
    assert jwt.get_unverified_header(token) == HEADER


@given(
    session_id=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
    user=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
    times=st.tuples(
        *[st.datetimes(datetime(1970, 1, 1), datetime(2106, 1, 1), timezones=st.just(UTC))] * 2  # noqa: DTZ001
    ),
)
def test_claims_round_trip(session_id: str, user: str, times: tuple[datetime, datetime]) -> None:
    """All claims and times are decoded exactly as encoded."""
    claims = TokenClaims(
        session_id=SessionId(session_id), user=user, created_at=times[0], expires_at=times[1]
    )
    codec = JwtCodec(KEY)

    assert claims == codec.decode(codec.encode(claims))


@given(st.text(max_size=200))
def test_no_text_breaks_the_codec(text: str) -> None:
    """Arbitrary text raises InvalidTokenError."""
    with pytest.raises(InvalidTokenError):
        JwtCodec(KEY).decode(text)


@pytest.mark.parametrize(
    "key",
    [b"", b"x" * 31, b"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----"],
)
def test_bad_keys_are_refused_at_once(key: bytes) -> None:
    """A short or public key stops the start."""
    with pytest.raises(SettingsError, match="JWT_SECRET_KEY"):
        JwtCodec(key)


def test_the_key_is_not_shown() -> None:
    """The repr of a codec does not contain its key."""
    assert "the-key" not in repr(JwtCodec(KEY))
