"""Security of the server.

This room has the password hasher and the token codec, the callers of requests and their addresses,
the checks of `Host` and `Origin`, the set-up code, rate limits, the login throttle, and limits on
connections. The middleware `admit` applies the checks to each request.
"""

from aniworld_core.ports import PasswordHasher
from aniworld_http.security.jwt_codec import JwtCodec
from aniworld_http.security.passlib_hasher import PasslibHasher

__all__ = ["JwtCodec", "PasslibHasher", "open_hasher"]


def open_hasher() -> PasswordHasher:
    """Return the hasher of master passwords; entry point `pbkdf2_sha256` of `aniworld.hasher`."""
    return PasslibHasher()
