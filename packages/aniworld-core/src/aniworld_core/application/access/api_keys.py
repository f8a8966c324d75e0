"""Create, list, delete and check API keys."""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

import attrs

from aniworld_core.domain.access import MASTER, ApiKey, Scope
from aniworld_core.errors import ApiKeyNotFoundError, InvalidTokenError, UsageError
from aniworld_core.messages import Message
from aniworld_core.ports.api_keys import ApiKeyRepository
from aniworld_core.ports.clock import Clock

#: Prefix of every key, so that people and secret scanners recognise it.
PREFIX: Final = "aw_"
LONGEST_NAME: Final = 100
#: Least time between two updates of the last use, so that not every request writes.
NOTED_EVERY: Final = timedelta(minutes=1)


@attrs.frozen(kw_only=True)
class NewApiKey:
    """A new key with its secret, which is shown only once.

    Attributes:
        plain: The key itself; secret and not stored.
    """

    key: ApiKey
    plain: str = attrs.field(repr=False)


def _new_secret() -> str:
    return secrets.token_urlsafe(32)


@attrs.define(eq=False, kw_only=True)
class ApiKeys:
    """Create and check keys; only their digests are stored.

    Args:
        keys: Stores the digests.
        clock: The time.
        new_id: Generates public ids.
        new_secret: Generates the secret part of a key.
    """

    _keys: ApiKeyRepository
    _clock: Clock
    _new_id: Callable[[], str] = attrs.field(default=lambda: uuid.uuid4().hex)
    _new_secret: Callable[[], str] = attrs.field(default=_new_secret)

    async def create(self, name: str, scope: Scope, *, user: str = MASTER) -> NewApiKey:
        """Create a key.

        Args:
            name: Name of the program that gets it.
            scope: What it may do, at most what its owner may.
            user: Id of the account that owns it.

        Raises:
            UsageError: If the name is empty, too long, or contains invisible characters.
        """
        name = name.strip()
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise UsageError(
                Message("key_name_unusable", name=name[:40]),
                hint=Message("key_name_unusable.hint", most=LONGEST_NAME),
            )
        plain = PREFIX + self._new_secret()
        key = ApiKey(
            id=self._new_id(),
            name=name,
            scope=scope,
            digest=_digest(plain),
            created_at=self._clock.now(),
            user=user,
        )
        await self._keys.add(key)
        return NewApiKey(key=key, plain=plain)

    async def list(self, user: str | None = None) -> Sequence[ApiKey]:
        """Return all keys, or those of a user, oldest first."""
        keys = await self._keys.find()
        return keys if user is None else tuple(key for key in keys if key.user == user)

    async def with_id(self, key_id: str) -> ApiKey:
        """Return a key by its public id.

        Raises:
            InvalidTokenError: If there is no such key.
        """
        for key in await self._keys.find():
            if key.id == key_id:
                return key
        raise InvalidTokenError(Message("api_key_unknown"))

    async def remove(self, key_id: str, *, user: str | None = None) -> None:
        """Delete a key; it is rejected from now on.

        Args:
            key_id: Id of the key.
            user: Only if this user owns it.

        Raises:
            ApiKeyNotFoundError: If there is no such key.
        """
        if user is not None and key_id not in {key.id for key in await self.list(user)}:
            raise ApiKeyNotFoundError(key_id)
        await self._keys.remove(key_id)

    async def authenticate(self, plain: str) -> ApiKey:
        """Return the stored key of a sent secret.

        Raises:
            InvalidTokenError: If there is no such key.
        """
        digest = _digest(plain)
        key = await self._keys.with_digest(digest)
        if key is None or not hmac.compare_digest(key.digest, digest):
            raise InvalidTokenError(Message("api_key_unknown"))
        now = self._clock.now()
        if key.last_used_at is not None and abs(now - key.last_used_at) < NOTED_EVERY:
            return key
        await self._keys.used(key.id, now)
        return attrs.evolve(key, last_used_at=now)


def _digest(plain: str) -> str:
    # Any header value has a digest, but not that of a key.
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()
