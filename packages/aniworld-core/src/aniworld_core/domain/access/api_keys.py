"""API keys and their scopes."""

import enum
from datetime import datetime
from typing import Final

import attrs

from aniworld_core.errors import InvalidInputError, UsageError
from aniworld_core.messages import Message


class Scope(enum.StrEnum):
    """Permissions of a caller; each scope includes those before it."""

    CALENDAR = "calendar"  #: only the calendar feed, with the key in its link
    READ = "read"
    REQUEST = "request"  #: also search catalogues, add series and queue episodes
    CONTROL = "control"  #: also the queue and the library
    ADMIN = "admin"  #: also configuration, keys and passwords

    def includes(self, needed: "Scope") -> bool:
        """Return whether this scope includes *needed*."""
        return _ORDER.index(self) >= _ORDER.index(needed)

    def within(self, most: "Scope") -> "Scope":
        """Return this scope, or *most* if that is smaller."""
        return self if most.includes(self) else most


_ORDER: Final = (Scope.CALENDAR, Scope.READ, Scope.REQUEST, Scope.CONTROL, Scope.ADMIN)


@attrs.frozen(kw_only=True)
class ApiKey:
    """A key with which another program signs in; only its digest is stored.

    Attributes:
        id: Public identifier of the key.
        digest: SHA-256 of the key in lower-case hexadecimal. Keys are long and random, so a
            slow hash would add nothing.
        user: Id of the account that owns it, or that of the master password.
    """

    id: str
    name: str
    scope: Scope
    digest: str = attrs.field(repr=False)
    created_at: datetime
    last_used_at: datetime | None = None
    user: str = "master"


def parse_scope(raw: str) -> Scope:
    """Parse a scope.

    Raises:
        InvalidInputError: If there is no scope of this name.
    """
    try:
        return Scope(raw)
    except ValueError as error:
        raise _unknown_scope(raw) from error


def _unknown_scope(raw: str) -> InvalidInputError:
    return UsageError(
        Message("unknown_scope", raw=raw[:40]),
        hint=Message("unknown_scope.hint", names=[scope.value for scope in Scope]),
    )
