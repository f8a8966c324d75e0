"""Sign in and out, the master password, and API keys."""

from aniworld_core.application.access.api_keys import NOTED_EVERY, ApiKeys, NewApiKey
from aniworld_core.application.access.authenticator import (
    LEEWAY,
    LIFETIME,
    REMEMBERED,
    Authenticator,
    SignedIn,
)
from aniworld_core.application.access.master_password import MasterPassword

__all__ = [
    "LEEWAY",
    "LIFETIME",
    "NOTED_EVERY",
    "REMEMBERED",
    "ApiKeys",
    "Authenticator",
    "MasterPassword",
    "NewApiKey",
    "SignedIn",
]
