"""Sign in with the master password or an account, and check session tokens."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import attrs

from aniworld_core.application.access.accounts import Accounts
from aniworld_core.application.access.master_password import MasterPassword
from aniworld_core.domain.access import MASTER, Account, Session, TokenClaims, folded_user_name
from aniworld_core.domain.identity import SessionId
from aniworld_core.errors import (
    InvalidTokenError,
    NotSetUpError,
    SessionNotFoundError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.security import TokenCodec
from aniworld_core.ports.sessions import SessionRepository

#: Lifetime of a session.
LIFETIME: Final = timedelta(hours=12)
#: Lifetime of a session with "remember me".
REMEMBERED: Final = timedelta(days=30)
#: Tolerance for a clock that is set forward.
LEEWAY: Final = timedelta(seconds=60)


@attrs.frozen(kw_only=True)
class SignedIn:
    """A new sign-in.

    Attributes:
        token: Secret that identifies the session.
        account: `None` for the master password.
    """

    token: str = attrs.field(repr=False)
    session: Session
    account: Account | None = None

    @property
    def expires_at(self) -> datetime:
        """Return when the token expires."""
        return self.session.expires_at


@attrs.define(eq=False, kw_only=True)
class Authenticator:
    """Create sessions for the master password and accounts; return the session of a token.

    Args:
        password: The master password.
        accounts: The accounts.
        sessions: Stores sessions; a token is invalid without its session.
        codec: Signs and reads tokens.
        clock: The time.
        new_id: Generates ids of sessions.
    """

    password: MasterPassword
    accounts: Accounts
    _sessions: SessionRepository
    _codec: TokenCodec
    _clock: Clock
    _new_id: Callable[[], str] = attrs.field(default=lambda: uuid.uuid4().hex)

    async def sign_in(
        self, password: str, *, name: str | None = None, remember: bool = False
    ) -> SignedIn:
        """Start a session.

        Args:
            password: The password of the account, or the master password.
            name: Name of the account; `None` or `master` for the master password.
            remember: Keep the session for 30 days instead of 12 hours.

        Raises:
            BadCredentialsError: If the password is wrong, or there is no such account.
            NotSetUpError: If no master password is set.
        """
        if is_master(name):
            async with self.password.changing:
                await self.password.check(password)
                session = await self._begin(MASTER, remember=remember)
            return self._signed_in(session)
        account = await self.accounts.check(name or "", password)
        return await self.sign_in_account(account, remember=remember)

    async def sign_in_account(self, account: Account, *, remember: bool = False) -> SignedIn:
        """Start a session of an account whose user has proven who they are.

        Raises:
            BadCredentialsError: If the account was changed in the meantime.
        """
        session = await self._begin(account.id, remember=remember)
        await self.accounts.admit(account, session)
        return self._signed_in(session, account)

    def _signed_in(self, session: Session, account: Account | None = None) -> SignedIn:
        claims = TokenClaims(
            session_id=session.id,
            user=session.user,
            created_at=session.created_at,
            expires_at=session.expires_at,
        )
        return SignedIn(token=self._codec.encode(claims), session=session, account=account)

    async def authenticate(self, token: str) -> Session:
        """Return the session of a token.

        Raises:
            InvalidTokenError: If it is forged, expired or revoked, or has no session.
            NotSetUpError: If no password is set.
        """
        if not await self.password.is_set_up():
            raise NotSetUpError
        claims = self._codec.decode(token)
        session = await self._not_revoked(claims.session_id)
        if claims.user != session.user:
            raise InvalidTokenError(Message("session_of_other"))
        now = self._clock.now()
        if min(session.expires_at, claims.expires_at) + LEEWAY <= now:
            raise InvalidTokenError(Message("token_expired"))
        if claims.created_at - LEEWAY > now:
            raise InvalidTokenError(Message("token_from_future"))
        return session

    async def active_session(self, session_id: SessionId) -> Session:
        """Return a session by its id.

        Raises:
            InvalidTokenError: If it has ended or expired, or never existed.
        """
        session = await self._not_revoked(session_id)
        if session.expires_at + LEEWAY <= self._clock.now():
            raise InvalidTokenError(Message("token_expired"))
        return session

    async def sign_out(self, session_id: SessionId) -> None:
        """Revoke a session; idempotent.

        Raises:
            SessionNotFoundError: If there is no such session.
        """
        await self._sessions.revoke(session_id, self._clock.now())

    async def prune(self) -> int:
        """Delete expired sessions.

        Returns:
            Number of deleted sessions.
        """
        return await self._sessions.remove_expired(self._clock.now() - LEEWAY)

    async def _not_revoked(self, session_id: SessionId) -> Session:
        try:
            session = await self._sessions.get(session_id)
        except SessionNotFoundError as error:
            raise InvalidTokenError(Message("session_unknown")) from error
        if session.revoked_at is not None:
            raise InvalidTokenError(Message("session_ended"))
        return session

    async def _begin(self, user: str, *, remember: bool) -> Session:
        await self.prune()
        now, lifetime = self._clock.now(), REMEMBERED if remember else LIFETIME
        session = Session(
            id=SessionId(self._new_id()),
            user=user,
            created_at=now,
            expires_at=now + lifetime,
        )
        await self._sessions.add(session)
        return session


def is_master(name: str | None) -> bool:
    """Return whether a user name means the master password."""
    return not name or folded_user_name(name) in {"", MASTER}
