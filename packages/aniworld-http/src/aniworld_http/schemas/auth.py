"""Bodies and responses of `/api/auth`."""

from typing import Annotated, Literal

import attrs
from msgspec import Meta

from aniworld_core.application.access import NewApiKey, SignedIn
from aniworld_core.application.catalogue import wire_time
from aniworld_core.domain.access import ApiKey

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


@attrs.frozen(kw_only=True)
class SetupBody:
    """The first master password; `code` is the one-time code that the server printed."""

    master_password: _NewPassword = attrs.field(repr=False)
    anime_directory: Annotated[str, Meta(max_length=4096)] | None = None
    code: Annotated[str, Meta(max_length=100)] | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True)
class LoginBody:
    """The master password; with `remember` the session lasts 30 days."""

    password: _Password = attrs.field(repr=False)
    remember: bool = False


@attrs.frozen(kw_only=True)
class PasswordBody:
    """The current and the new master password."""

    current_password: _Password = attrs.field(repr=False)
    new_password: _NewPassword = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class KeyBody:
    """Name and scope of a new API key."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    scope: Literal["calendar", "read", "control", "admin"]


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
    scope: Literal["calendar", "read", "control", "admin"]
    created_at: str
    last_used_at: str | None

    @classmethod
    def of(cls, key: ApiKey) -> "KeyView":
        """Return the view of a key."""
        return cls(
            id=key.id,
            name=key.name,
            scope=key.scope.value,
            created_at=wire_time(key.created_at) or "",
            last_used_at=wire_time(key.last_used_at),
        )


@attrs.frozen(kw_only=True)
class NewKeyView(KeyView):
    """A new API key; `key` is its secret and is shown only here."""

    key: str = attrs.field(repr=False)

    @classmethod
    def made(cls, new: NewApiKey) -> "NewKeyView":
        """Return the view of a new key."""
        return cls(**attrs.asdict(KeyView.of(new.key)), key=new.plain)
