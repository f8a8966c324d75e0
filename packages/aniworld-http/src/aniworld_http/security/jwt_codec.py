"""Signed tokens as JSON Web Tokens (RFC 7519)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import attrs
import jwt

from aniworld_core.domain.access import TokenClaims
from aniworld_core.domain.identity import SessionId
from aniworld_core.errors import InvalidTokenError, SettingsError
from aniworld_core.messages import Message
from aniworld_core.ports import TokenCodec
from aniworld_http.settings import MIN_KEY_BYTES

_ALGORITHM: Final = "HS256"
_HEADER: Final = {"alg": _ALGORITHM, "typ": "JWT"}
#: Registered claims (RFC 7519 section 4.1).
_CLAIMS: Final = frozenset({"exp", "iat", "jti", "sub"})
#: The documented names of the same four values; tokens signed by former versions lack them.
_DOCUMENTED: Final = frozenset({"session_id", "user", "created_at", "expires_at"})
#: Characters of the longest token that is decoded; own tokens have about 300.
_MAX_LENGTH: Final = 4096
#: 9999-12-31T23:59:59Z, the last second a `datetime` can hold.
_LAST_SECOND: Final = 253_402_300_799


@attrs.frozen(eq=False)
class JwtCodec(TokenCodec):
    """Signs tokens with HS256, and accepts only tokens of exactly the form it writes.

    Tokens with another algorithm, or with header fields or claims that are never written, are
    refused, so that a token cannot choose how it is verified.

    Raises:
        SettingsError: If the key is shorter than 32 bytes or is a public key.
    """

    _key: bytes = attrs.field(repr=False)

    @_key.validator
    def _check_key(self, _attribute: object, key: bytes) -> None:
        if len(key) < MIN_KEY_BYTES:
            raise SettingsError([f"JWT_SECRET_KEY: must have at least {MIN_KEY_BYTES} bytes"])
        try:
            jwt.encode({}, key, _ALGORITHM)
        except jwt.PyJWTError as error:
            raise SettingsError([f"JWT_SECRET_KEY: {error}"]) from error

    def encode(self, claims: TokenClaims) -> str:
        """Sign the claims; times keep their microseconds until the year 2106.

        Each value is written twice: under its registered name and, for clients that read the
        token, under its documented name with times in ISO 8601 (UTC, `Z`).
        """
        payload = {
            "jti": claims.session_id,
            "sub": claims.user,
            "iat": claims.created_at.timestamp(),
            "exp": claims.expires_at.timestamp(),
            **_documented(claims),
        }
        return jwt.encode(payload, self._key, _ALGORITHM)

    def decode(self, token: str) -> TokenClaims:
        """Return the claims of a token that `encode` wrote; refuse all others."""
        if len(token) > _MAX_LENGTH:
            raise InvalidTokenError(Message("token_too_long"))
        # "=" is padding that JWTs do not have. Refusing it leaves one spelling for each token.
        if not token.isascii() or "=" in token:
            raise InvalidTokenError(Message("token_characters"))
        payload = self._verified_payload(token)
        claims = TokenClaims(
            session_id=SessionId(_text(payload, "jti")),
            user=_text(payload, "sub"),
            created_at=_moment(payload, "iat"),
            expires_at=_moment(payload, "exp"),
        )
        if payload.keys() != _CLAIMS:
            documented = {name: payload[name] for name in _DOCUMENTED}
            if documented != _documented(claims):
                raise InvalidTokenError(Message("token_claims_differ"))
        return claims

    def _verified_payload(self, token: str) -> Mapping[str, object]:
        try:
            parts = jwt.decode_complete(
                token,
                self._key,
                algorithms=[_ALGORITHM],
                # The domain checks the times by its own clock; their types are checked below.
                options={
                    "require": sorted(_CLAIMS),
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except jwt.PyJWTError as error:
            raise InvalidTokenError(Message("token_not_signed_here")) from error
        if parts["header"] != _HEADER:
            raise InvalidTokenError(Message("token_unknown_header"))
        payload: Mapping[str, object] = parts["payload"]
        if payload.keys() not in (_CLAIMS, _CLAIMS | _DOCUMENTED):
            raise InvalidTokenError(Message("token_unknown_claims"))
        return payload


def _documented(claims: TokenClaims) -> dict[str, str]:
    return {
        "session_id": claims.session_id,
        "user": claims.user,
        "created_at": _iso(claims.created_at),
        "expires_at": _iso(claims.expires_at),
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _text(payload: Mapping[str, object], name: str) -> str:
    value = payload[name]
    if not isinstance(value, str) or not value:
        raise InvalidTokenError(Message("token_claim_invalid", name=name))
    return value


def _moment(payload: Mapping[str, object], name: str) -> datetime:
    value = payload[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidTokenError(Message("token_claim_invalid", name=name))
    if not 0 <= value <= _LAST_SECOND:  # also false for NaN
        raise InvalidTokenError(Message("token_claim_invalid", name=name))
    return datetime.fromtimestamp(value, UTC)
