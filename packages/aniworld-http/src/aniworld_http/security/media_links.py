"""Signed links to the file of one episode.

A media element and a media player send no `Authorization` header, and a session token in an address
would open everything. A link opens the file of one episode only, and only until it expires or the
session or API key that requested it ends. See ADR 0038.
"""

import hmac
from datetime import UTC, datetime, timedelta
from typing import Final

import attrs
import jwt
from aiohttp import web

from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import InvalidTokenError
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock

#: How long a page can use a link; it requests another one when the link has expired.
PAGE_LIFETIME: Final = timedelta(hours=2)
#: How long the links of a playlist work: a player cannot request others.
PLAYLIST_LIFETIME: Final = timedelta(hours=24)
_ALGORITHM: Final = "HS256"
_AUDIENCE: Final = "media"
_CLAIMS: Final = ("aud", "code", "exp", "key", "sub")
#: Characters of the longest link that is decoded.
_MAX_LENGTH: Final = 1024


@attrs.frozen(kw_only=True)
class MediaLink:
    """What a link opens, and for whom.

    Attributes:
        caller_id: Id of the caller that requested the link.
        key: Key of the series.
        code: Code of the episode.
        expires_at: When it expires.
    """

    caller_id: str
    key: SeriesKey
    code: str
    expires_at: datetime


def _derived(key: bytes) -> bytes:
    return hmac.digest(key, b"aniworld media link", "sha256")


@attrs.define(eq=False)
class MediaLinks:
    """Signs and reads links.

    Args:
        key: Secret of the server; links are signed with another key that is derived from it, so
            that a link is no session token and a session token no link.
        clock: The time.
    """

    _key: bytes = attrs.field(repr=False, converter=_derived)
    _clock: Clock

    def sign(self, caller_id: str, key: SeriesKey, code: str, lifetime: timedelta) -> str:
        """Return the signed part of a link, which works for *lifetime*."""
        expires_at = self.expiry(lifetime)
        claims = {
            "aud": _AUDIENCE,
            "code": code,
            "exp": int(expires_at.timestamp()),
            "key": key,
            "sub": caller_id,
        }
        return jwt.encode(claims, self._key, _ALGORITHM)

    def expiry(self, lifetime: timedelta) -> datetime:
        """Return when a link that is signed now stops working."""
        return (self._clock.now() + lifetime).replace(microsecond=0)

    def read(self, signed: str) -> MediaLink:
        """Return what a link opens.

        Raises:
            InvalidTokenError: If it is forged or expired.
        """
        if len(signed) > _MAX_LENGTH or not signed.isascii() or "=" in signed:
            raise InvalidTokenError(Message("media_link_invalid"))
        try:
            claims = jwt.decode(
                signed,
                self._key,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                # Checked below, by the clock that signed it.
                options={"require": list(_CLAIMS), "verify_exp": False},
            )
        except jwt.PyJWTError as error:
            raise InvalidTokenError(Message("media_link_invalid")) from error
        expires_at = datetime.fromtimestamp(claims["exp"], UTC)
        if expires_at <= self._clock.now():
            raise InvalidTokenError(Message("media_link_expired"))
        return MediaLink(
            caller_id=claims["sub"],
            key=SeriesKey(claims["key"]),
            code=claims["code"],
            expires_at=expires_at,
        )


#: The links of this server.
MEDIA_LINKS: Final = web.AppKey("MEDIA_LINKS", MediaLinks)
