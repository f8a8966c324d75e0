"""Accounts with their roles, passwords, sessions, and API keys with their scopes."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
    from aniworld_core.domain.access.accounts import (
        MASTER,
        Account,
        PageLanguage,
        Role,
        folded_user_name,
        parse_role,
        parse_user_name,
    )
    from aniworld_core.domain.access.api_keys import ApiKey, Scope, parse_scope
    from aniworld_core.domain.access.guesses import GUESS_WINDOW, Guess, next_guess
    from aniworld_core.domain.access.passwords import PasswordPolicy, hashed_forms, normal_form
    from aniworld_core.domain.access.sessions import Session, TokenClaims

__all__ = [
    "GUESS_WINDOW",
    "MASTER",
    "Account",
    "ApiKey",
    "Guess",
    "PageLanguage",
    "PasswordPolicy",
    "Role",
    "Scope",
    "Session",
    "TokenClaims",
    "folded_user_name",
    "hashed_forms",
    "next_guess",
    "normal_form",
    "parse_role",
    "parse_scope",
    "parse_user_name",
]

__getattr__: Callable[[str], Any]
__dir__: Callable[[], list[str]]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "accounts": (
            "MASTER",
            "Account",
            "PageLanguage",
            "Role",
            "folded_user_name",
            "parse_role",
            "parse_user_name",
        ),
        "api_keys": ("ApiKey", "Scope", "parse_scope"),
        "guesses": ("GUESS_WINDOW", "Guess", "next_guess"),
        "passwords": ("PasswordPolicy", "hashed_forms", "normal_form"),
        "sessions": ("Session", "TokenClaims"),
    },
)
