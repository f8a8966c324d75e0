"""Sign in and out, the master password, accounts, and API keys."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
    from aniworld_core.application.access.accounts import AccountChange, Accounts
    from aniworld_core.application.access.api_keys import NOTED_EVERY, ApiKeys, NewApiKey
    from aniworld_core.application.access.authenticator import (
        LEEWAY,
        LIFETIME,
        REMEMBERED,
        Authenticator,
        SignedIn,
        is_master,
    )
    from aniworld_core.application.access.master_password import MasterPassword

__all__ = [
    "LEEWAY",
    "LIFETIME",
    "NOTED_EVERY",
    "REMEMBERED",
    "AccountChange",
    "Accounts",
    "ApiKeys",
    "Authenticator",
    "MasterPassword",
    "NewApiKey",
    "SignedIn",
    "is_master",
]

__getattr__: Callable[[str], Any]
__dir__: Callable[[], list[str]]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "accounts": ("AccountChange", "Accounts"),
        "api_keys": ("NOTED_EVERY", "ApiKeys", "NewApiKey"),
        "authenticator": (
            "LEEWAY",
            "LIFETIME",
            "REMEMBERED",
            "Authenticator",
            "SignedIn",
            "is_master",
        ),
        "master_password": ("MasterPassword",),
    },
)
