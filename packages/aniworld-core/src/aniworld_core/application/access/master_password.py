"""Set, check and change the master password."""

from typing import Protocol

import anyio
import attrs

from aniworld_core.domain.access import PasswordPolicy, hashed_forms, normal_form
from aniworld_core.domain.identity import SessionId
from aniworld_core.errors import (
    AlreadySetUpError,
    BadCredentialsError,
    NotSetUpError,
    WeakPasswordError,
    WrongPasswordError,
)
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.security import PasswordHasher
from aniworld_core.ports.sessions import SessionRepository


class PasswordStore(Protocol):
    """Storage of the hash of the master password."""

    @property
    def has_password(self) -> bool:
        """Return whether a hash was stored when the configuration was last read."""

    async def password_hash(self) -> str | None:
        """Return the stored hash, `None` before the first password is set."""

    async def set_up(self, hashed: str, anime_directory: str | None = None) -> None:
        """Store the first hash, and the library folder if one is given, in one step.

        Raises:
            AlreadySetUpError: If a hash is stored already; nothing changes.
            InvalidConfigError: If the folder is relative or does not exist; nothing changes.
        """

    async def set_password_hash(self, hashed: str, *, replacing: str | None = None) -> str | None:
        """Store a new hash and return the hash that is stored now.

        Args:
            hashed: The new hash.
            replacing: Change nothing unless this hash is stored.
        """


@attrs.define(eq=False, kw_only=True)
class MasterPassword:
    """Manage the hash of the password; it needs no tokens, so the command line uses it too.

    The hash is read from the store for each check, so a change by another process applies.
    """

    _sessions: SessionRepository
    _store: PasswordStore
    _hasher: PasswordHasher
    _clock: Clock
    _policy: PasswordPolicy = PasswordPolicy()
    #: Held during a change and a sign-in: a sign-in with the old password must not finish after
    #: the change has revoked all sessions.
    changing: anyio.Lock = attrs.field(factory=anyio.Lock, init=False)

    async def is_set_up(self) -> bool:
        """Return whether a password is set; cheap once it is."""
        return self._store.has_password or bool(await self._store.password_hash())

    async def set_up(
        self, password: str, anime_directory: str | None = None, *, ready: str = ""
    ) -> None:
        """Set the first password, and the library folder if one is given, in one step.

        Args:
            password: The new password.
            anime_directory: The library folder; refused while *ready* is replaced.
            ready: A password that the program chose. While it is the master password, the first
                one may still be set, which replaces it.

        Raises:
            AlreadySetUpError: If a password is set already, also by a concurrent call.
            WeakPasswordError: With every broken rule; nothing changes.
            InvalidConfigError: If the folder is relative or does not exist; nothing changes.
        """
        if not await self.is_set_up():
            await self._store.set_up(await self._hashed(password), anime_directory)
        elif anime_directory is None and await self.is_password(ready):
            await self.change(ready, password)
        else:
            raise AlreadySetUpError

    async def is_password(self, password: str) -> bool:
        """Return whether this is the master password; an empty one never is."""
        if not password:
            return False
        try:
            await self._verified(password)
        except (BadCredentialsError, NotSetUpError):
            return False
        return True

    async def check(self, password: str) -> None:
        """Check the password, and replace a hash of lower cost or of another Unicode form.

        Raises:
            BadCredentialsError: If the password is wrong.
            NotSetUpError: If no password is set.
        """
        hashed, form = await self._verified(password)
        usual = normal_form(password)
        if form != usual or self._hasher.needs_rehash(hashed):
            await self._store.set_password_hash(await self._hasher.hash(usual), replacing=hashed)

    async def confirm(self, password: str) -> None:
        """Check the password of a signed-in caller before a change that needs it.

        Raises:
            WrongPasswordError: If it is wrong.
        """
        try:
            await self.check(password)
        except BadCredentialsError as error:
            raise WrongPasswordError from error

    async def change(self, current: str, new: str, *, keep: SessionId | None = None) -> None:
        """Replace the password and revoke every session but one.

        Args:
            current: Current password.
            new: New password.
            keep: Session of the caller.

        Raises:
            WrongPasswordError: If *current* is wrong, or was changed in the meantime.
            WeakPasswordError: With every rule that *new* breaks; nothing changes.
            NotSetUpError: If no password is set.
        """
        async with self.changing:
            try:
                verified, _ = await self._verified(current)
            except BadCredentialsError as error:
                raise WrongPasswordError from error
            hashed = await self._hashed(new)
            if await self._store.set_password_hash(hashed, replacing=verified) != hashed:
                raise WrongPasswordError
            await self._sessions.revoke_all(self._clock.now(), keep=keep)

    async def reset(self, new: str) -> None:
        """Set the password without the current one, and revoke every session.

        For the command line: its user can write the configuration anyway.

        Raises:
            WeakPasswordError: With every broken rule; nothing changes.
        """
        async with self.changing:
            await self._store.set_password_hash(await self._hashed(new))
            await self._sessions.revoke_all(self._clock.now())

    async def _verified(self, password: str) -> tuple[str, str]:
        """Return the stored hash and the Unicode form of the password that matches it."""
        hashed = await self._store.password_hash()
        if not hashed:
            raise NotSetUpError
        if self._policy.is_too_long(password):
            raise BadCredentialsError
        for form in hashed_forms(password):
            if await self._hasher.verify(form, hashed):
                return hashed, form
        raise BadCredentialsError

    async def _hashed(self, password: str) -> str:
        return await new_hash(password, self._hasher, self._policy)


async def new_hash(password: str, hasher: PasswordHasher, policy: PasswordPolicy) -> str:
    """Return the hash of a new password.

    Raises:
        WeakPasswordError: With every broken rule.
    """
    if policy.is_too_long(password):
        raise WeakPasswordError(policy.violations(password))
    usual = normal_form(password)
    broken = policy.violations(usual)
    if broken:
        raise WeakPasswordError(broken)
    return await hasher.hash(usual)
