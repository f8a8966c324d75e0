"""Contract suites of `PasswordHasher` and `TokenCodec`."""

from datetime import UTC, datetime, timedelta

import attrs
import pytest

from aniworld_core.domain.access import TokenClaims
from aniworld_core.domain.identity import SessionId
from aniworld_core.errors import InvalidTokenError
from aniworld_core.ports import PasswordHasher, TokenCodec

PASSWORD = "Correct-horse-7"


@pytest.mark.anyio
class PasswordHasherContract:
    """Subclass it and provide a fixture `hasher` with a low cost."""

    async def test_verify_knows_the_password(self, hasher: PasswordHasher) -> None:
        """A password verifies against its own hash."""
        assert await hasher.verify(PASSWORD, await hasher.hash(PASSWORD))

    @pytest.mark.parametrize("other", ["correct-horse-7", "Correct-horse-7 ", "", "Correct"])
    async def test_verify_refuses_another_password(
        self, hasher: PasswordHasher, other: str
    ) -> None:
        """Any other password does not verify."""
        assert not await hasher.verify(other, await hasher.hash(PASSWORD))

    async def test_hash_is_salted(self, hasher: PasswordHasher) -> None:
        """Two calls give two hashes, and both verify."""
        first, second = await hasher.hash(PASSWORD), await hasher.hash(PASSWORD)

        assert first != second
        assert await hasher.verify(PASSWORD, first)
        assert await hasher.verify(PASSWORD, second)

    async def test_hash_does_not_show_the_password(self, hasher: PasswordHasher) -> None:
        """The hash does not contain the password."""
        assert PASSWORD not in await hasher.hash(PASSWORD)

    async def test_hash_keeps_long_passwords_whole(self, hasher: PasswordHasher) -> None:
        """Long passwords are not truncated."""
        start = "Aa1!" * 255

        hashed = await hasher.hash(start + "xxxx")

        assert await hasher.verify(start + "xxxx", hashed)
        assert not await hasher.verify(start + "xxxy", hashed)

    async def test_hash_takes_any_script(self, hasher: PasswordHasher) -> None:
        """Passwords may contain letters of any script."""
        assert await hasher.verify("Größe-アニメ-1", await hasher.hash("Größe-アニメ-1"))

    @pytest.mark.parametrize("malformed", ["", "x", "$", "$pbkdf2-sha256$", PASSWORD, "\0"])
    async def test_malformed_hash_verifies_nothing(
        self, hasher: PasswordHasher, malformed: str
    ) -> None:
        """A malformed hash returns False and raises no error."""
        assert not await hasher.verify(PASSWORD, malformed)

    async def test_fresh_hash_needs_no_rehash(self, hasher: PasswordHasher) -> None:
        """A new hash needs no rehash."""
        assert not hasher.needs_rehash(await hasher.hash(PASSWORD))


def _claims() -> TokenClaims:
    signed_in = datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=UTC)
    return TokenClaims(
        session_id=SessionId("3f1c9a52-session"),
        user="owner",
        created_at=signed_in,
        expires_at=signed_in + timedelta(hours=24),
    )


class TokenCodecContract:
    """Subclass it and provide the fixtures `codec` and `stranger`, a codec with another key."""

    def test_decode_returns_what_was_encoded(self, codec: TokenCodec) -> None:
        """Decoding returns the claims with aware times to the microsecond."""
        decoded = codec.decode(codec.encode(_claims()))

        assert _claims() == decoded
        assert decoded.expires_at.tzinfo is UTC

    def test_expiry_is_not_judged(self, codec: TokenCodec) -> None:
        """Expired and future claims are decoded; their validity is not checked."""
        long_ago = attrs.evolve(_claims(), expires_at=datetime(2001, 1, 1, tzinfo=UTC))
        far_off = attrs.evolve(_claims(), created_at=datetime(2999, 1, 1, tzinfo=UTC))

        assert long_ago == codec.decode(codec.encode(long_ago))
        assert far_off == codec.decode(codec.encode(far_off))

    def test_another_key_is_refused(self, codec: TokenCodec, stranger: TokenCodec) -> None:
        """A token of another key raises `InvalidTokenError`."""
        with pytest.raises(InvalidTokenError):
            codec.decode(stranger.encode(_claims()))

    def test_every_change_is_noticed(self, codec: TokenCodec) -> None:
        """A change of any character makes a token invalid."""
        token = codec.encode(_claims())

        for index, character in enumerate(token):
            other = "A" if character != "A" else "B"
            with pytest.raises(InvalidTokenError):
                codec.decode(token[:index] + other + token[index + 1 :])

    @pytest.mark.parametrize("junk", ["", ".", "..", "...", "x.y.z", "\0", "Ä.Ö.Ü", "\ud800", "{}"])
    def test_junk_is_refused(self, codec: TokenCodec, junk: str) -> None:
        """Text that is no token raises `InvalidTokenError`."""
        with pytest.raises(InvalidTokenError):
            codec.decode(junk)

    def test_a_cut_or_longer_token_is_refused(self, codec: TokenCodec) -> None:
        """A shortened or extended token raises `InvalidTokenError`."""
        token = codec.encode(_claims())

        for wrong in (token[:-1], token[1:], token + "A", token + "=", " " + token, token + "\n"):
            with pytest.raises(InvalidTokenError):
                codec.decode(wrong)
