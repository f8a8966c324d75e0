"""Passwords, sessions and API keys with their scopes."""

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
