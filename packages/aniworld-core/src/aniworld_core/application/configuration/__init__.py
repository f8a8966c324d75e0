"""Read, check and change the settings document, hide its secrets, and copy the database."""

from aniworld_core.application.configuration.current import CurrentConfig
from aniworld_core.application.configuration.database_copies import DatabaseCopies
from aniworld_core.application.configuration.document import (
    config_from_document,
    document_fields,
    document_from_config,
    merged,
    unknown_settings,
)
from aniworld_core.application.configuration.editor import ConfigCheck, ConfigEditor
from aniworld_core.application.configuration.provider_settings import own_settings
from aniworld_core.application.configuration.secrets import REDACTED, redacted, restored_secrets
from aniworld_core.application.configuration.settings import changed, lookup, setting_names

__all__ = [
    "REDACTED",
    "ConfigCheck",
    "ConfigEditor",
    "CurrentConfig",
    "DatabaseCopies",
    "changed",
    "config_from_document",
    "document_fields",
    "document_from_config",
    "lookup",
    "merged",
    "own_settings",
    "redacted",
    "restored_secrets",
    "setting_names",
    "unknown_settings",
]
