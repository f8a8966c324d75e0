"""Storage of API keys."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from aniworld_core.domain.access import ApiKey


class ApiKeyRepository(ABC):
    """Store API keys by digest. Every call is one transaction.

    Any method may raise `StorageUnavailableError`.
    """

    @abstractmethod
    async def add(self, key: ApiKey) -> None:
        """Add a key.

        Raises:
            ConflictError: If its id or its digest is taken; nothing changes.
        """

    @abstractmethod
    async def find(self) -> Sequence[ApiKey]:
        """Return all keys, oldest first, then by id."""

    @abstractmethod
    async def with_digest(self, digest: str) -> ApiKey | None:
        """Return the key with this digest, or `None`."""

    @abstractmethod
    async def used(self, key_id: str, at: datetime) -> None:
        """Store the time of the last use; an unknown id changes nothing."""

    @abstractmethod
    async def remove_of(self, user: str) -> int:
        """Delete all keys of a user.

        Returns:
            Number of deleted keys.
        """

    @abstractmethod
    async def remove(self, key_id: str) -> None:
        """Delete the key.

        Raises:
            ApiKeyNotFoundError: If there is no key with this id.
        """
