"""Accounts of further users, and their roles."""

import enum
import unicodedata
from datetime import datetime
from typing import Final, Literal, TypeAlias

import attrs

from aniworld_core.domain.access.api_keys import Scope
from aniworld_core.errors import InvalidInputError, InvalidNameError, UsageError
from aniworld_core.messages import Message

#: Owner of the sessions and API keys of the master password; no account may have this name.
MASTER: Final = "master"
#: Characters of the longest name.
LONGEST_USER_NAME: Final = 64
#: Languages of the pages.
PageLanguage: TypeAlias = Literal["de", "en"]


class Role(enum.StrEnum):
    """What an account may do. Operations are assigned to scopes, not to roles."""

    VIEW = "view"  #: see the library, the queue and the calendar
    REQUEST = "request"  #: also search, add series and queue episodes
    MANAGE = "manage"  #: everything but the master password and what it confirms

    @property
    def scope(self) -> Scope:
        """The largest scope of the account and of its API keys."""
        return _SCOPES[self]


_SCOPES: Final = {Role.VIEW: Scope.READ, Role.REQUEST: Scope.REQUEST, Role.MANAGE: Scope.ADMIN}


@attrs.frozen(kw_only=True)
class Account:
    """A user with an own password, sessions, API keys and language.

    Attributes:
        id: Owner of its sessions and API keys; never used again, unlike the name.
        name: As it was entered, in NFC.
        role: What it may do.
        password_hash: `None` while it has no password and cannot sign in with one.
        language: Language of its pages; `None` for that of the browser.
        is_disabled: Whether it cannot sign in.
        revision: Number of the change; a change based on another number is refused.
    """

    id: str
    name: str
    role: Role
    password_hash: str | None = attrs.field(default=None, repr=False)
    language: PageLanguage | None = None
    is_disabled: bool = False
    created_at: datetime
    revision: int = 0

    @property
    def folded_name(self) -> str:
        """The form of the name that is unique among all accounts."""
        return folded_user_name(self.name)


def folded_user_name(name: str) -> str:
    """Return the form in which names of users are compared.

    Case, composed and decomposed letters and full-width forms do not distinguish users; Unicode
    calls this form NFKC_Casefold (UAX #31, requirement R5).
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return folded.strip()


def parse_user_name(raw: str) -> str:
    """Return a new name of a user in NFC, without spaces around it.

    Raises:
        InvalidNameError: If it is empty, too long, reserved, or has no letter or digit, or has
            characters that cannot be seen, such as control characters and marks of the direction
            of writing.
    """
    name = unicodedata.normalize("NFC", raw).strip()
    if not name:
        raise InvalidNameError(raw, Message("is_empty"))
    if len(name) > LONGEST_USER_NAME:
        raise InvalidNameError(raw, Message("longer_than", limit=LONGEST_USER_NAME))
    if not name.isprintable():
        raise InvalidNameError(raw, Message("has_invisible_characters"))
    if not any(character.isalnum() for character in name):
        raise InvalidNameError(raw, Message("no_letter_or_digit"))
    if folded_user_name(name) == MASTER:
        raise InvalidNameError(raw, Message("name_of_master"))
    return name


def parse_role(raw: str) -> Role:
    """Parse a role.

    Raises:
        InvalidInputError: If there is no role of this name.
    """
    try:
        return Role(raw)
    except ValueError as error:
        raise _unknown_role(raw) from error


def _unknown_role(raw: str) -> InvalidInputError:
    return UsageError(
        Message("unknown_role", raw=raw[:40]),
        hint=Message("unknown_role.hint", names=[role.value for role in Role]),
    )
