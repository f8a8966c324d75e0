"""Read, check and change the configuration, hide its secrets, and copy the database."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
    from aniworld_core.application.configuration.checking import ConfigCheck
    from aniworld_core.application.configuration.current import CurrentConfig
    from aniworld_core.application.configuration.database_copies import DatabaseCopies
    from aniworld_core.application.configuration.document import (
        config_from_document,
        document_from_config,
        merged,
        unknown_settings,
        without,
    )
    from aniworld_core.application.configuration.editor import ConfigEditor
    from aniworld_core.application.configuration.provider_settings import (
        Declared,
        all_settings,
        announcing,
        is_declared,
        own_settings,
        problems_of_document,
    )
    from aniworld_core.application.configuration.secrets import REDACTED, redacted, restored_secrets
    from aniworld_core.application.configuration.settings import (
        lookup,
        parsed_setting,
        setting_names,
        with_setting,
    )
    from aniworld_core.application.configuration.storage_move import (
        MovedTable,
        MoveProgress,
        MoveReport,
        MoveStep,
        StorageMove,
    )

__all__ = [
    "REDACTED",
    "ConfigCheck",
    "ConfigEditor",
    "CurrentConfig",
    "DatabaseCopies",
    "Declared",
    "MoveProgress",
    "MoveReport",
    "MoveStep",
    "MovedTable",
    "StorageMove",
    "all_settings",
    "announcing",
    "config_from_document",
    "document_from_config",
    "is_declared",
    "lookup",
    "merged",
    "own_settings",
    "parsed_setting",
    "problems_of_document",
    "redacted",
    "restored_secrets",
    "setting_names",
    "unknown_settings",
    "with_setting",
    "without",
]

__getattr__: Callable[[str], Any]
__dir__: Callable[[], list[str]]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "checking": ("ConfigCheck",),
        "current": ("CurrentConfig",),
        "database_copies": ("DatabaseCopies",),
        "document": (
            "config_from_document",
            "document_from_config",
            "merged",
            "unknown_settings",
            "without",
        ),
        "editor": ("ConfigEditor",),
        "provider_settings": (
            "Declared",
            "all_settings",
            "announcing",
            "is_declared",
            "own_settings",
            "problems_of_document",
        ),
        "secrets": ("REDACTED", "redacted", "restored_secrets"),
        "settings": ("lookup", "parsed_setting", "setting_names", "with_setting"),
        "storage_move": ("MovedTable", "MoveProgress", "MoveReport", "MoveStep", "StorageMove"),
    },
)
