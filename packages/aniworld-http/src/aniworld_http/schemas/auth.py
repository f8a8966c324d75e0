"""Bodies and responses of `/api/auth` and `/api/users`."""

from typing import Annotated, Literal

import attrs
from msgspec import Meta

from aniworld_core.application.access import NewApiKey, SignedIn
from aniworld_core.application.catalogue import wire_time
from aniworld_core.domain.access import MASTER, Account, ApiKey, Scope, Session

#: Bound of the input only; the password policy has its own limit.
_Password = Annotated[str, Meta(min_length=1, max_length=4096)]
_NewPassword = Annotated[
    str,
    Meta(
        max_length=4096,
        description=(
            "At least 8 characters and at most 1024 bytes, with upper and lower case, a digit "
            "and a special character; not a common password."
        ),
        examples=["Correct-Horse-7"],
    ),
]


_UserName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=256,
        description=(
            "At most 64 visible characters. Case and Unicode form do not distinguish names."
        ),
        examples=["ann"],
    ),
]
_Role = Literal["view", "request", "manage"]


@attrs.frozen(kw_only=True)
class SetupBody:
    """The first master password; `code` is the one-time code that the server printed."""

    master_password: _NewPassword = attrs.field(repr=False)
    anime_directory: Annotated[str, Meta(max_length=4096)] | None = None
    code: Annotated[str, Meta(max_length=100)] | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True)
class LoginBody:
    """The master password, or name and password of an account; `remember` makes it last 30 days."""

    password: _Password = attrs.field(repr=False)
    username: Annotated[str, Meta(max_length=256)] | None = None
    remember: bool = False


@attrs.frozen(kw_only=True)
class PasswordBody:
    """The current and the new password."""

    current_password: _Password = attrs.field(repr=False)
    new_password: _NewPassword = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class KeyBody:
    """Name and scope of a new API key."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    scope: Literal["calendar", "read", "request", "control", "admin"]


@attrs.frozen(kw_only=True)
class AuthStatus:
    """Whether a master password is set and the caller is signed in."""

    configured: bool
    authenticated: bool


@attrs.frozen(kw_only=True)
class TokenView:
    """Token of a new session."""

    access_token: str = attrs.field(repr=False)
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - not a password
    expires_at: str

    @classmethod
    def of(cls, signed_in: SignedIn) -> "TokenView":
        """Return the view of a sign-in."""
        return cls(access_token=signed_in.token, expires_at=wire_time(signed_in.expires_at) or "")


@attrs.frozen(kw_only=True)
class KeyView:
    """An API key without its secret."""

    id: str
    name: str
    scope: Literal["calendar", "read", "request", "control", "admin"]
    created_at: str
    last_used_at: str | None
    user: str | None

    @classmethod
    def of(cls, key: ApiKey, owner: str | None = None) -> "KeyView":
        """Return the view of a key; *owner* is the name of the account, `None` for the master."""
        return cls(
            id=key.id,
            name=key.name,
            scope=key.scope.value,
            created_at=wire_time(key.created_at) or "",
            last_used_at=wire_time(key.last_used_at),
            user=owner,
        )


@attrs.frozen(kw_only=True)
class NewKeyView(KeyView):
    """A new API key; `key` is its secret and is shown only here."""

    key: str = attrs.field(repr=False)

    @classmethod
    def made(cls, new: NewApiKey, owner: str | None) -> "NewKeyView":
        """Return the view of a new key."""
        return cls(**attrs.asdict(KeyView.of(new.key, owner)), key=new.plain)


@attrs.frozen(kw_only=True)
class OwnView:
    """Who the caller is: `role` and `name` are null for the master password."""

    id: str
    name: str | None
    role: Literal["view", "request", "manage"] | None
    scope: Literal["calendar", "read", "request", "control", "admin"]
    language: Literal["de", "en"] | None

    @classmethod
    def of(cls, account: Account | None, scope: Scope) -> "OwnView":
        """Return the view of a caller with this account and scope."""
        return cls(
            id=MASTER if account is None else account.id,
            name=None if account is None else account.name,
            role=None if account is None else account.role.value,
            scope=scope.value,
            language=None if account is None else account.language,
        )


@attrs.frozen(kw_only=True)
class OwnBody:
    """The language of the own pages; empty for that of the browser."""

    language: Literal["", "de", "en"]


@attrs.frozen(kw_only=True)
class SessionView:
    """An active session; `is_current` marks that of the request."""

    id: str
    created_at: str
    expires_at: str
    is_current: bool

    @classmethod
    def of(cls, session: Session, current: Session | None) -> "SessionView":
        """Return the view of a session."""
        return cls(
            id=session.id,
            created_at=wire_time(session.created_at) or "",
            expires_at=wire_time(session.expires_at) or "",
            is_current=current is not None and session.id == current.id,
        )


@attrs.frozen(kw_only=True)
class EndedView:
    """Number of ended sessions."""

    ended: int


@attrs.frozen(kw_only=True)
class NewUserBody:
    """A new account; without a password it cannot sign in with one."""

    name: _UserName
    role: _Role
    password: _NewPassword | None = attrs.field(default=None, repr=False)
    language: Literal["de", "en"] | None = None


@attrs.frozen(kw_only=True)
class UserBody:
    """New values of an account; fields that are left out stay.

    An empty `language` is that of the browser. With `revision`, nothing changes if somebody else
    changed the account after it had this revision.
    """

    name: _UserName | None = None
    role: _Role | None = None
    password: _NewPassword | None = attrs.field(default=None, repr=False)
    language: Literal["", "de", "en"] | None = None
    disabled: bool | None = None
    revision: Annotated[int, Meta(ge=0)] | None = None


@attrs.frozen(kw_only=True)
class UserView:
    """An account without its password."""

    id: str
    name: str
    role: _Role
    language: Literal["de", "en"] | None
    disabled: bool
    has_password: bool
    created_at: str
    revision: int

    @classmethod
    def of(cls, account: Account) -> "UserView":
        """Return the view of an account."""
        return cls(
            id=account.id,
            name=account.name,
            role=account.role.value,
            language=account.language,
            disabled=account.is_disabled,
            has_password=account.password_hash is not None,
            created_at=wire_time(account.created_at) or "",
            revision=account.revision,
        )
