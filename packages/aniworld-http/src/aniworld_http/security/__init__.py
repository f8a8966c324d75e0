"""How passwords are hashed and tokens are signed."""

from aniworld_core.ports import PasswordHasher
from aniworld_http.security.jwt_codec import JwtCodec
from aniworld_http.security.passlib_hasher import PasslibHasher

__all__ = ["JwtCodec", "PasslibHasher", "open_hasher"]


def open_hasher() -> PasswordHasher:
    """Return the hasher of master passwords; the entry point `pbkdf2_sha256`."""
    return PasslibHasher()
