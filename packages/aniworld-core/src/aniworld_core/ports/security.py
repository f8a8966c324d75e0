"""Hashing of passwords and signing of tokens."""

from abc import ABC, abstractmethod

from aniworld_core.domain.access import TokenClaims


class PasswordHasher(ABC):
    """Hash passwords off the event loop."""

    @abstractmethod
    async def hash(self, password: str) -> str:
        """Return a salted hash; two calls return two hashes."""

    @abstractmethod
    async def verify(self, password: str, hashed: str) -> bool:
        """Return whether the password matches; False, never an error, for a malformed hash."""

    @abstractmethod
    def needs_rehash(self, hashed: str) -> bool:
        """Return whether the hash has a lower cost than the current one."""


class TokenCodec(ABC):
    """Sign and decode tokens."""

    @abstractmethod
    def encode(self, claims: TokenClaims) -> str:
        """Sign the claims."""

    @abstractmethod
    def decode(self, token: str) -> TokenClaims:
        """Check the signature and return the claims; expiry is not checked.

        Raises:
            InvalidTokenError: If it is malformed, forged, or lacks a claim.
        """
