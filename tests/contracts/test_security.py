"""Contracts of password hashers and token codecs."""

import pytest

from aniworld_core.ports import PasswordHasher, TokenCodec
from aniworld_core.testing.contracts.security import PasswordHasherContract, TokenCodecContract
from aniworld_http.security import JwtCodec, PasslibHasher


class TestPasslibHasher(PasswordHasherContract):
    @pytest.fixture
    def hasher(self) -> PasswordHasher:
        """Return a hasher with a low cost."""
        return PasslibHasher(rounds=10)


class TestJwtCodec(TokenCodecContract):
    @pytest.fixture
    def codec(self) -> TokenCodec:
        """Return a codec."""
        return JwtCodec(b"k" * 32)

    @pytest.fixture
    def stranger(self) -> TokenCodec:
        """Return a codec with another key."""
        return JwtCodec(b"s" * 32)
