"""Passwords and tokens."""

from abc import ABC, abstractmethod

from aniworld_core.domain.access import TokenClaims


class PasswordHasher(ABC):
    """Hashes passwords off the event loop."""

    @abstractmethod
    async def hash(self, password: str) -> str:
        """Return a salted hash; two calls give two hashes."""

    @abstractmethod
    async def verify(self, password: str, hashed: str) -> bool:
        """Tell whether they belong together; False, never an error, on a malformed hash."""

    @abstractmethod
    def needs_rehash(self, hashed: str) -> bool:
        """Whether the hash was made at a lower cost than is used now."""


class TokenCodec(ABC):
    """Signs and reads tokens."""

    @abstractmethod
    def encode(self, claims: TokenClaims) -> str:
        """Sign the claims."""

    @abstractmethod
    def decode(self, token: str) -> TokenClaims:
        """Check the signature and return the claims; whether they still hold is not judged.

        Raises:
            InvalidTokenError: If it is malformed, forged, or lacks a claim.
        """
