"""Settings document: typed values and their descriptions, rules, times of day, name templates."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
    from aniworld_core.domain.configuration.amounts import parse_amount
    from aniworld_core.domain.configuration.backups import (
        BACKUP_STAMP,
        BackupInfo,
        parse_backup_name,
    )
    from aniworld_core.domain.configuration.description import (
        ANY,
        NOT_IN_DOCUMENT,
        PLAIN,
        SECONDS,
        DescribedSetting,
        Setting,
        TextForm,
        Unit,
        described,
        description_of,
        is_list,
        is_setting,
        section_of,
        setting,
    )
    from aniworld_core.domain.configuration.document import (
        HIGHEST_RATE,
        BackupConfig,
        Config,
        DatabaseBackupConfig,
        DownloadsConfig,
        LanguagesConfig,
        LibraryConfig,
        LoggingConfig,
        NamingConfig,
        NamingPreset,
        NamingTemplates,
        NetworkConfig,
        NotificationKind,
        NotificationsConfig,
        OtherConfig,
        SchedulerConfig,
    )
    from aniworld_core.domain.configuration.forms import ABSOLUTE_FOLDER, is_header_value
    from aniworld_core.domain.configuration.hours import Hours, parse_hours, parse_time_of_day
    from aniworld_core.domain.configuration.media_servers import (
        MEDIA_SERVERS,
        MediaServerConfig,
        MediaServersConfig,
    )
    from aniworld_core.domain.configuration.naming_template import (
        Field,
        Template,
        parse_template,
        template_problems,
    )
    from aniworld_core.domain.configuration.oidc import OidcConfig, OtherUsers
    from aniworld_core.domain.configuration.providers import ProviderConfig, ServerConfig
    from aniworld_core.domain.configuration.rules import (
        MOST_CHARACTERS,
        MOST_ENTRIES,
        SHORTEST_SECRET,
        config_problems,
        section_problems,
    )

__all__ = [
    "ABSOLUTE_FOLDER",
    "ANY",
    "BACKUP_STAMP",
    "HIGHEST_RATE",
    "MEDIA_SERVERS",
    "MOST_CHARACTERS",
    "MOST_ENTRIES",
    "NOT_IN_DOCUMENT",
    "PLAIN",
    "SECONDS",
    "SHORTEST_SECRET",
    "BackupConfig",
    "BackupInfo",
    "Config",
    "DatabaseBackupConfig",
    "DescribedSetting",
    "DownloadsConfig",
    "Field",
    "Hours",
    "LanguagesConfig",
    "LibraryConfig",
    "LoggingConfig",
    "MediaServerConfig",
    "MediaServersConfig",
    "NamingConfig",
    "NamingPreset",
    "NamingTemplates",
    "NetworkConfig",
    "NotificationKind",
    "NotificationsConfig",
    "OidcConfig",
    "OtherConfig",
    "OtherUsers",
    "ProviderConfig",
    "SchedulerConfig",
    "ServerConfig",
    "Setting",
    "Template",
    "TextForm",
    "Unit",
    "config_problems",
    "described",
    "description_of",
    "is_header_value",
    "is_list",
    "is_setting",
    "parse_amount",
    "parse_backup_name",
    "parse_hours",
    "parse_template",
    "parse_time_of_day",
    "section_of",
    "section_problems",
    "setting",
    "template_problems",
]

__getattr__: Callable[[str], Any]
__dir__: Callable[[], list[str]]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "amounts": ("parse_amount",),
        "backups": ("BACKUP_STAMP", "BackupInfo", "parse_backup_name"),
        "description": (
            "ANY",
            "NOT_IN_DOCUMENT",
            "PLAIN",
            "SECONDS",
            "DescribedSetting",
            "Setting",
            "TextForm",
            "Unit",
            "described",
            "description_of",
            "is_list",
            "is_setting",
            "section_of",
            "setting",
        ),
        "document": (
            "HIGHEST_RATE",
            "BackupConfig",
            "Config",
            "DatabaseBackupConfig",
            "DownloadsConfig",
            "LanguagesConfig",
            "LibraryConfig",
            "LoggingConfig",
            "NamingConfig",
            "NamingPreset",
            "NamingTemplates",
            "NetworkConfig",
            "NotificationKind",
            "NotificationsConfig",
            "OtherConfig",
            "SchedulerConfig",
        ),
        "forms": ("ABSOLUTE_FOLDER", "is_header_value"),
        "hours": ("Hours", "parse_hours", "parse_time_of_day"),
        "oidc": ("OidcConfig", "OtherUsers"),
        "media_servers": ("MEDIA_SERVERS", "MediaServerConfig", "MediaServersConfig"),
        "naming_template": ("Field", "Template", "parse_template", "template_problems"),
        "providers": ("ProviderConfig", "ServerConfig"),
        "rules": (
            "MOST_CHARACTERS",
            "MOST_ENTRIES",
            "SHORTEST_SECRET",
            "config_problems",
            "section_problems",
        ),
    },
)
