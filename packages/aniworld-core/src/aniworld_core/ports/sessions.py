"""Storage of sessions."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from aniworld_core.domain.access import Session
from aniworld_core.domain.identity import SessionId


class SessionRepository(ABC):
    """Store sessions. Every call is one transaction; any may raise `StorageUnavailableError`."""

    @abstractmethod
    async def add(self, session: Session) -> None:
        """Add a session.

        Raises:
            ConflictError: If its id is taken.
        """

    @abstractmethod
    async def get(self, session_id: SessionId) -> Session:
        """Return the session, even if it is expired or revoked.

        Raises:
            SessionNotFoundError: If there is none.
        """

    @abstractmethod
    async def revoke(self, session_id: SessionId, at: datetime) -> None:
        """Revoke the session at *at*. Idempotent: the first time stays.

        Raises:
            SessionNotFoundError: If there is none.
        """

    @abstractmethod
    async def find(self, user: str, now: datetime) -> Sequence[Session]:
        """Return the sessions of a user that are neither revoked nor expired, newest first."""

    @abstractmethod
    async def revoke_all(
        self, at: datetime, *, keep: SessionId | None = None, user: str | None = None
    ) -> int:
        """Revoke every session that is not revoked yet, except *keep*.

        Args:
            at: When they are revoked.
            keep: Stays valid.
            user: Only the sessions of this user.

        Returns:
            Number of revoked sessions.
        """

    @abstractmethod
    async def remove_expired(self, now: datetime) -> int:
        """Delete sessions that expired at or before *now*.

        Returns:
            Number of deleted sessions.
        """
