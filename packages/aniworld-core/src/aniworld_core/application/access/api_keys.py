"""Keys that other tools sign in with."""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

import attrs

from aniworld_core.domain.access import ApiKey, Scope
from aniworld_core.errors import InvalidTokenError, UsageError
from aniworld_core.ports.api_keys import ApiKeyRepository
from aniworld_core.ports.clock import Clock

#: What every key begins with, so that people and scanners of leaked secrets know what it is.
PREFIX: Final = "aw_"
LONGEST_NAME: Final = 100
#: A use is noted at most this often: a busy tool must not cost a write for every request.
NOTED_EVERY: Final = timedelta(minutes=1)


@attrs.frozen(kw_only=True)
class NewApiKey:
    """A key at the only moment at which it can be seen.

    Attributes:
        plain: The key itself; secret, not kept anywhere.
    """

    key: ApiKey
    plain: str = attrs.field(repr=False)


def _new_secret() -> str:
    return secrets.token_urlsafe(32)


@attrs.define(eq=False, kw_only=True)
class ApiKeys:
    """Makes keys and knows them again; only their digests are kept.

    Args:
        keys: Where they are kept.
        clock: The time.
        new_id: Makes ids, which may be shown.
        new_secret: Makes the secret part of a key.
    """

    _keys: ApiKeyRepository
    _clock: Clock
    _new_id: Callable[[], str] = attrs.field(default=lambda: uuid.uuid4().hex)
    _new_secret: Callable[[], str] = attrs.field(default=_new_secret)

    async def create(self, name: str, scope: Scope) -> NewApiKey:
        """Make a key.

        Raises:
            UsageError: If the name is empty, too long, or holds characters that are not shown.
        """
        name = name.strip()
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise UsageError(
                f"{name[:40]!r} cannot name a key",
                hint=f"use 1 to {LONGEST_NAME} characters, all of them printable",
            )
        plain = PREFIX + self._new_secret()
        key = ApiKey(
            id=self._new_id(),
            name=name,
            scope=scope,
            digest=_digest(plain),
            created_at=self._clock.now(),
        )
        await self._keys.add(key)
        return NewApiKey(key=key, plain=plain)

    async def list(self) -> Sequence[ApiKey]:
        """Return all keys, oldest first."""
        return await self._keys.find()

    async def remove(self, key_id: str) -> None:
        """Delete a key; who uses it is refused from now on.

        Raises:
            ApiKeyNotFoundError: If there is none with this id.
        """
        await self._keys.remove(key_id)

    async def authenticate(self, plain: str) -> ApiKey:
        """Return the key that was sent.

        Raises:
            InvalidTokenError: If it is none of ours.
        """
        digest = _digest(plain)
        key = await self._keys.with_digest(digest)
        if key is None or not hmac.compare_digest(key.digest, digest):
            raise InvalidTokenError("no such API key")
        now = self._clock.now()
        if key.last_used_at is not None and abs(now - key.last_used_at) < NOTED_EVERY:
            return key
        await self._keys.used(key.id, now)
        return attrs.evolve(key, last_used_at=now)


def _digest(plain: str) -> str:
    # Whatever a header may hold has a digest; it is just that of no key.
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()
