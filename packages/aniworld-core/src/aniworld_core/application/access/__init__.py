"""Sign in and out, the master password, and API keys."""

from typing import TYPE_CHECKING

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
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

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "api_keys": ("NOTED_EVERY", "ApiKeys", "NewApiKey"),
        "authenticator": ("LEEWAY", "LIFETIME", "REMEMBERED", "Authenticator", "SignedIn"),
        "master_password": ("MasterPassword",),
    },
)
