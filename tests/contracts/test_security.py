"""Hashers and codecs keep the contracts of their ports."""

import pytest

from aniworld_core.ports import PasswordHasher, TokenCodec
from aniworld_core.testing.contracts.security import PasswordHasherContract, TokenCodecContract
from aniworld_http.security import JwtCodec, PasslibHasher


class TestPasslibHasher(PasswordHasherContract):
    @pytest.fixture
    def hasher(self) -> PasswordHasher:
        """A cheap one."""
        return PasslibHasher(rounds=10)


class TestJwtCodec(TokenCodecContract):
    @pytest.fixture
    def codec(self) -> TokenCodec:
        """One with its key."""
        return JwtCodec(b"k" * 32)

    @pytest.fixture
    def stranger(self) -> TokenCodec:
        """One with another key."""
        return JwtCodec(b"s" * 32)
