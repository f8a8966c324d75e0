"""Passwords, sessions and API keys with their scopes."""

from typing import TYPE_CHECKING

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
    from aniworld_core.domain.access.api_keys import ApiKey, Scope, parse_scope
    from aniworld_core.domain.access.passwords import PasswordPolicy, hashed_forms, normal_form
    from aniworld_core.domain.access.sessions import Session, TokenClaims

__all__ = [
    "ApiKey",
    "PasswordPolicy",
    "Scope",
    "Session",
    "TokenClaims",
    "hashed_forms",
    "normal_form",
    "parse_scope",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "api_keys": ("ApiKey", "Scope", "parse_scope"),
        "passwords": ("PasswordPolicy", "hashed_forms", "normal_form"),
        "sessions": ("Session", "TokenClaims"),
    },
)
