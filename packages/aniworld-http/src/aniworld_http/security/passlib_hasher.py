"""Password hashes through passlib."""

from typing import Final

import attrs
from anyio import CapacityLimiter, to_thread
from passlib.context import CryptContext

from aniworld_core.errors import WeakPasswordError
from aniworld_core.ports import PasswordHasher

#: OWASP's figure for PBKDF2-HMAC-SHA256; passlib's own default is far lower.
DEFAULT_ROUNDS: Final = 600_000
#: A hash takes a core for a tenth of a second: more at once would let callers starve the rest.
_AT_ONCE: Final = 2


@attrs.frozen(eq=False)
class PasslibHasher(PasswordHasher):
    """Makes and checks `$pbkdf2-sha256$` hashes, in threads, two at a time.

    Attributes:
        rounds: Cost of new hashes; hashes made with fewer ask to be renewed.
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
            WeakPasswordError: If passlib cannot hash it: not Unicode text, or over 4,096 bytes.
        """
        return await to_thread.run_sync(self._hash, password, limiter=self._limiter)

    async def verify(self, password: str, hashed: str) -> bool:
        """Compare in constant time, in a thread."""
        return await to_thread.run_sync(self._verify, password, hashed, limiter=self._limiter)

    def needs_rehash(self, hashed: str) -> bool:
        """Compare the rounds written in the hash; False for a foreign hash."""
        try:
            return self._context.needs_update(hashed)
        except (ValueError, TypeError):
            # Not one of our hashes: no password verifies against it, so none is rehashed.
            return False

    def _hash(self, password: str) -> str:
        try:
            return str(self._context.hash(password))
        except ValueError as error:
            raise WeakPasswordError(["Unicode text of at most 4096 bytes"]) from error

    def _verify(self, password: str, hashed: str) -> bool:
        try:
            return self._context.verify(password, hashed)
        except (ValueError, TypeError):
            return False
