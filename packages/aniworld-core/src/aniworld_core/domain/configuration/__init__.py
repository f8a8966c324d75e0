"""Settings document: typed values and their descriptions, rules, times of day, name templates."""

from aniworld_core.domain.configuration.backups import (
    BACKUP_STAMP,
    BackupInfo,
    parse_backup_name,
)
from aniworld_core.domain.configuration.document import (
    HIGHEST_RATE,
    BackupConfig,
    Config,
    DatabaseBackupConfig,
    DownloadsConfig,
    LanguagesConfig,
    LoggingConfig,
    NamingConfig,
    NetworkConfig,
    NotificationKind,
    NotificationsConfig,
    OtherConfig,
    SchedulerConfig,
)
from aniworld_core.domain.configuration.forms import is_header_value
from aniworld_core.domain.configuration.hours import Hours, parse_hours, parse_time_of_day
from aniworld_core.domain.configuration.naming_template import (
    Field,
    Template,
    parse_template,
    template_problems,
)
from aniworld_core.domain.configuration.providers import ProviderConfig, ServerConfig
from aniworld_core.domain.configuration.rules import (
    SHORTEST_SECRET,
    config_problems,
    section_problems,
)
from aniworld_core.domain.configuration.setting import (
    ANY,
    NOT_IN_DOCUMENT,
    DescribedSetting,
    Setting,
    Unit,
    described,
    description_of,
    is_list,
    is_setting,
    section_of,
    setting,
)

__all__ = [
    "ANY",
    "BACKUP_STAMP",
    "HIGHEST_RATE",
    "NOT_IN_DOCUMENT",
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
    "LoggingConfig",
    "NamingConfig",
    "NetworkConfig",
    "NotificationKind",
    "NotificationsConfig",
    "OtherConfig",
    "ProviderConfig",
    "SchedulerConfig",
    "ServerConfig",
    "Setting",
    "Template",
    "Unit",
    "config_problems",
    "described",
    "description_of",
    "is_header_value",
    "is_list",
    "is_setting",
    "parse_backup_name",
    "parse_hours",
    "parse_template",
    "parse_time_of_day",
    "section_of",
    "section_problems",
    "setting",
    "template_problems",
]
