"""Read, check and change the configuration, hide its secrets, and copy the database."""

from aniworld_core.application.configuration.checking import ConfigCheck
from aniworld_core.application.configuration.current import CurrentConfig
from aniworld_core.application.configuration.database_copies import DatabaseCopies
from aniworld_core.application.configuration.document import (
    config_from_document,
    document_from_config,
    merged,
    unknown_settings,
)
from aniworld_core.application.configuration.editor import ConfigEditor
from aniworld_core.application.configuration.provider_settings import (
    Declared,
    all_settings,
    announcing,
    is_declared,
    own_settings,
)
from aniworld_core.application.configuration.secrets import REDACTED, redacted, restored_secrets
from aniworld_core.application.configuration.settings import (
    lookup,
    parsed_setting,
    setting_names,
    with_setting,
)

__all__ = [
    "REDACTED",
    "ConfigCheck",
    "ConfigEditor",
    "CurrentConfig",
    "DatabaseCopies",
    "Declared",
    "all_settings",
    "announcing",
    "config_from_document",
    "document_from_config",
    "is_declared",
    "lookup",
    "merged",
    "own_settings",
    "parsed_setting",
    "redacted",
    "restored_secrets",
    "setting_names",
    "unknown_settings",
    "with_setting",
]
