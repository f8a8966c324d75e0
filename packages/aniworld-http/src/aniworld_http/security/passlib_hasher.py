"""Password hashes through passlib."""

from typing import Final

import attrs
from anyio import CapacityLimiter, to_thread
from passlib.context import CryptContext

from aniworld_core.errors import WeakPasswordError
from aniworld_core.messages import Message
from aniworld_core.ports import PasswordHasher

#: Rounds that OWASP recommends for PBKDF2-HMAC-SHA256; passlib's default is lower.
DEFAULT_ROUNDS: Final = 600_000
#: Concurrent hashes: each needs a core for a tenth of a second.
_AT_ONCE: Final = 2


@attrs.frozen(eq=False)
class PasslibHasher(PasswordHasher):
    """Creates and verifies `$pbkdf2-sha256$` hashes in threads, two at a time.

    Attributes:
        rounds: Rounds of new hashes; hashes with fewer rounds need a rehash.
    """

    rounds: int = DEFAULT_ROUNDS
    _context: CryptContext = attrs.field(init=False, repr=False)
    _limiter: CapacityLimiter = attrs.field(init=False, repr=False)

    @_context.default
    def _make_context(self) -> CryptContext:
        return CryptContext(
            schemes=["pbkdf2_sha256"],
            pbkdf2_sha256__default_rounds=self.rounds,
            pbkdf2_sha256__min_rounds=self.rounds,
        )

    @_limiter.default
    def _make_limiter(self) -> CapacityLimiter:
        return CapacityLimiter(_AT_ONCE)

    async def hash(self, password: str) -> str:
        """See `PasswordHasher.hash`.

        Raises:
            WeakPasswordError: If the password is not Unicode text or is over 4,096 bytes.
        """
        return await to_thread.run_sync(self._hash, password, limiter=self._limiter)

    async def verify(self, password: str, hashed: str) -> bool:
        """Compare a password with a hash in constant time, in a thread."""
        return await to_thread.run_sync(self._verify, password, hashed, limiter=self._limiter)

    def needs_rehash(self, hashed: str) -> bool:
        """Return whether the hash has too few rounds; `False` for another kind of hash."""
        try:
            return self._context.needs_update(hashed)
        except (ValueError, TypeError):
            # Another kind of hash: no password verifies against it, so it is never rehashed.
            return False

    def _hash(self, password: str) -> str:
        try:
            return str(self._context.hash(password))
        except ValueError as error:
            raise WeakPasswordError([Message("password_unicode", limit_bytes=4096)]) from error

    def _verify(self, password: str, hashed: str) -> bool:
        try:
            return self._context.verify(password, hashed)
        except (ValueError, TypeError):
            return False
