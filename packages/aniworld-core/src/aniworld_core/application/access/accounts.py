"""Create, change and remove accounts; check their passwords."""

import logging
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, Literal

import attrs

from aniworld_core.application.access.master_password import new_hash
from aniworld_core.domain.access import (
    MASTER,
    Account,
    PageLanguage,
    PasswordPolicy,
    Role,
    Session,
    normal_form,
    parse_user_name,
)
from aniworld_core.domain.identity import SessionId
from aniworld_core.errors import (
    BadSignInError,
    InvalidTokenError,
    SessionNotFoundError,
    UserChangedError,
    UserNotFoundError,
    WeakPasswordError,
    WrongPasswordError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.accounts import AccountRepository
from aniworld_core.ports.api_keys import ApiKeyRepository
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.security import PasswordHasher
from aniworld_core.ports.sessions import SessionRepository

logger: Final = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class AccountChange:
    """New values of an account; `None` leaves a value as it is.

    Attributes:
        language: Empty for the language of the browser.
        password: The new password.
        is_disabled: Whether the account can no longer sign in.
    """

    name: str | None = None
    role: Role | None = None
    language: PageLanguage | Literal[""] | None = None
    password: str | None = attrs.field(default=None, repr=False)
    is_disabled: bool | None = None


@attrs.define(eq=False, kw_only=True)
class Accounts:
    """Manage the accounts of further users.

    Sessions and API keys of an account that is removed or disabled, or whose password changed, are
    ended. They count as ended from the moment of the change, because their account is read with
    them.

    Args:
        accounts: Stores accounts.
        sessions: Stores their sessions.
        keys: Stores their API keys.
        hasher: Hashes their passwords.
        clock: The time.
        new_id: Generates ids.
    """

    _accounts: AccountRepository
    _sessions: SessionRepository
    _keys: ApiKeyRepository
    _hasher: PasswordHasher
    _clock: Clock
    _policy: PasswordPolicy = PasswordPolicy()
    _new_id: Callable[[], str] = attrs.field(default=lambda: uuid.uuid4().hex)

    async def list(self) -> Sequence[Account]:
        """Return all accounts, sorted by name."""
        return await self._accounts.find()

    async def get(self, user_id: str) -> Account:
        """Return an account by its id.

        Raises:
            UserNotFoundError: If there is none.
        """
        return await self._accounts.get(user_id)

    async def named(self, name: str) -> Account:
        """Return an account by its name, however its letters are typed.

        Raises:
            UserNotFoundError: If there is none.
        """
        account = await self._accounts.with_name(name)
        if account is None:
            raise UserNotFoundError(name)
        return account

    async def create(
        self,
        name: str,
        role: Role,
        *,
        password: str | None = None,
        language: PageLanguage | None = None,
        user_id: str | None = None,
    ) -> Account:
        """Create an account.

        Args:
            name: Name to sign in with.
            role: What it may do.
            password: `None` for an account that cannot sign in with one.
            language: Language of its pages.
            user_id: Its id; generated when not given.

        Raises:
            InvalidNameError: If the name is not usable.
            WeakPasswordError: With every broken rule.
            UserExistsError: If the name is taken.
        """
        account = Account(
            id=user_id or self._new_id(),
            name=parse_user_name(name),
            role=role,
            password_hash=None if password is None else await self._hashed(password),
            language=language,
            created_at=self._clock.now(),
        )
        await self._accounts.add(account)
        logger.info("added the user %r with the role %s", account.name, role.value)
        return account

    async def change(
        self, user_id: str, change: AccountChange, *, revision: int | None = None
    ) -> Account:
        """Change an account.

        Args:
            user_id: Id of the account.
            change: The new values.
            revision: Change nothing unless the account has this revision.

        Raises:
            UserNotFoundError: If there is no such account.
            UserChangedError: If it has another revision.
            UserExistsError: If the new name is taken.
            InvalidNameError: If the new name is not usable.
            WeakPasswordError: With every rule that the new password breaks.
        """
        name = None if change.name is None else parse_user_name(change.name)
        hashed = None if change.password is None else await self._hashed(change.password)

        def changed(account: Account) -> Account:
            return attrs.evolve(
                account,
                name=account.name if name is None else name,
                role=change.role or account.role,
                language=account.language if change.language is None else change.language or None,
                password_hash=hashed or account.password_hash,
                is_disabled=(
                    account.is_disabled if change.is_disabled is None else change.is_disabled
                ),
            )

        account = await self._replace(user_id, changed, revision)
        if hashed is not None or account.is_disabled:
            await self._end_all(account.id)
        logger.info("changed the user %r", account.name)
        return account

    async def remove(self, user_id: str) -> None:
        """Remove an account with its sessions and API keys.

        Raises:
            UserNotFoundError: If there is none.
        """
        account = await self._accounts.get(user_id)
        await self._accounts.remove(user_id)
        await self._end_all(user_id)
        logger.info("removed the user %r", account.name)

    async def check(self, name: str, password: str) -> Account:
        """Return the account of a name and password, and replace a hash of lower cost.

        An unknown name and an account that cannot sign in get the same answer as a wrong password,
        after the same work, so that nobody can find out which names exist.

        Raises:
            BadSignInError: If they do not belong together, or the account is disabled.
        """
        if self._policy.is_too_long(password):
            raise BadSignInError
        usual = normal_form(password)
        account = await self._accounts.with_name(name)
        if account is None or account.password_hash is None:
            with suppress(WeakPasswordError):
                await self._hasher.hash(usual)
            raise BadSignInError
        if not await self._hasher.verify(usual, account.password_hash) or account.is_disabled:
            raise BadSignInError
        if not self._hasher.needs_rehash(account.password_hash):
            return account
        hashed = await self._hasher.hash(usual)
        try:
            return await self._replace(
                account.id, lambda each: attrs.evolve(each, password_hash=hashed), account.revision
            )
        except (UserChangedError, UserNotFoundError) as error:
            raise BadSignInError from error  # what was checked is no longer the account

    async def change_password(
        self, user_id: str, current: str, new: str, *, keep: SessionId | None = None
    ) -> None:
        """Replace the password of an account; end its API keys and every session but one.

        Args:
            user_id: Id of the account.
            current: Current password.
            new: New password.
            keep: Session of the caller.

        Raises:
            WrongPasswordError: If *current* is wrong.
            WeakPasswordError: With every rule that *new* breaks; nothing changes.
            UserChangedError: If the account was changed in the meantime; nothing changes.
        """
        account = await self._accounts.get(user_id)
        try:
            await self.check(account.name, current)
        except BadSignInError as error:
            raise WrongPasswordError from error
        hashed = await self._hashed(new)
        await self._replace(
            user_id, lambda each: attrs.evolve(each, password_hash=hashed), account.revision
        )
        await self._end_all(user_id, keep=keep)

    async def owner(self, user: str) -> Account | None:
        """Return the account that owns a session or an API key; `None` for the master password.

        Raises:
            InvalidTokenError: If the account was removed or is disabled.
        """
        if user == MASTER:
            return None
        try:
            account = await self._accounts.get(user)
        except UserNotFoundError as error:
            raise InvalidTokenError(Message("account_ended")) from error
        if account.is_disabled:
            raise InvalidTokenError(Message("account_ended"))
        return account

    async def admit(self, account: Account, session: Session) -> None:
        """Check that an account did not change between its sign-in and the start of its session.

        Raises:
            BadSignInError: If it was removed or disabled, or its password changed; the session is
                revoked.
        """
        try:
            stored = await self._accounts.get(account.id)
        except UserNotFoundError:
            stored = None
        if stored is None or stored.is_disabled or stored.password_hash != account.password_hash:
            await self._sessions.revoke(session.id, self._clock.now())
            raise BadSignInError

    async def sessions(self, user: str) -> Sequence[Session]:
        """Return the active sessions of an account or of the master password, newest first."""
        return await self._sessions.find(user, self._clock.now())

    async def end_session(self, user: str, session_id: SessionId) -> None:
        """Revoke one session of a user.

        Raises:
            SessionNotFoundError: If the user has no such session.
        """
        if session_id not in {session.id for session in await self.sessions(user)}:
            raise SessionNotFoundError(session_id)
        await self._sessions.revoke(session_id, self._clock.now())

    async def end_sessions(self, user: str, *, keep: SessionId | None = None) -> int:
        """Revoke all sessions of a user but one, and return their number."""
        return await self._sessions.revoke_all(self._clock.now(), keep=keep, user=user)

    async def _end_all(self, user: str, *, keep: SessionId | None = None) -> None:
        await self.end_sessions(user, keep=keep)
        await self._keys.remove_of(user)

    async def _replace(
        self, user_id: str, changed: Callable[[Account], Account], revision: int | None
    ) -> Account:
        while True:
            stored = await self._accounts.get(user_id)
            if revision is not None and stored.revision != revision:
                raise UserChangedError(stored.name)
            account = attrs.evolve(changed(stored), revision=stored.revision + 1)
            try:
                await self._accounts.replace(account)
            except UserChangedError:
                if revision is not None:
                    raise
                continue  # by somebody else, meanwhile; their other values stay
            return account

    async def _hashed(self, password: str) -> str:
        return await new_hash(password, self._hasher, self._policy)
