"""Sections of the configuration document as typed values with defaults.

Each field describes its setting; checks, views, forms and documentation derive from that. The
names are those of `config.json`. Reading and writing the document is the application's job.
"""

import enum
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

import attrs

from aniworld_core.domain.configuration.description import (
    DISPLAYED_GIB,
    DISPLAYED_MB_PER_SECOND,
    DISPLAYED_MIB,
    GIB,
    HOURS,
    KIB,
    MIB,
    MINUTES,
    NOT_IN_DOCUMENT,
    SECONDS,
    Setting,
    setting,
)
from aniworld_core.domain.configuration.forms import (
    ABSOLUTE_FOLDER,
    APPRISE_ADDRESS,
    HEADER_VALUE,
    NETWORK,
    TIME_OF_DAY,
    TIME_SPAN,
    WEB_ADDRESS,
    naming_template,
)
from aniworld_core.domain.configuration.media_servers import MediaServersConfig
from aniworld_core.domain.configuration.oidc import OidcConfig
from aniworld_core.domain.configuration.providers import ProviderConfig
from aniworld_core.domain.media import GER_DUB, GER_SUB, Language, Quality
from aniworld_core.domain.retry_policy import RetryPolicy
from aniworld_core.domain.subtitles import SubtitleChoice

_PIB: Final = 1024**5
#: Largest plausible disk in bytes: a larger reserve would stop all downloads.
_LARGEST_SIZE: Final = 2**63 - 1
#: Maximum limit in bytes per second.
HIGHEST_RATE: Final = 10**12
LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


@attrs.frozen(kw_only=True)
class SchedulerConfig:
    """Schedule of library scans.

    Attributes:
        interval_minutes: Minutes between scans, when no times are given.
        times: Times of day `HH:MM` in local time; replace the interval when given.
        queue_missing: Also queue the missing episodes of monitored series.
    """

    enabled: bool = setting(default=True)
    interval_minutes: int = setting(60, Setting(bounds=(1, 10_080), unit=MINUTES))
    times: tuple[str, ...] = setting((), Setting(form=TIME_OF_DAY))
    queue_missing: bool = setting(default=False)


@attrs.frozen(kw_only=True)
class LoggingConfig:
    """Log level and log file of the server.

    Attributes:
        level: Lowest level that is logged.
        file: File the server's log is written to besides standard error, relative to the data
            folder; empty means none.
        max_bytes: Size at which the file is rotated.
        keep: Number of rotated files to keep.
    """

    level: str = setting("INFO", Setting(choices=LOG_LEVELS, any_case=True))
    file: str = setting("", Setting(needs_password=True, is_advanced=True))
    max_bytes: int = setting(
        10 * MIB, Setting(bounds=(64 * KIB, GIB), unit=DISPLAYED_MIB, is_advanced=True)
    )
    keep: int = setting(5, Setting(bounds=(0, 100), is_advanced=True))


@attrs.frozen(kw_only=True)
class DatabaseBackupConfig:
    """Copies of the database.

    Attributes:
        enabled: Whether a running server makes copies.
        interval_hours: Hours between two copies.
        keep: Number of copies to keep.
    """

    enabled: bool = setting(default=True)
    interval_hours: int = setting(24, Setting(bounds=(1, 8760), unit=HOURS))
    keep: int = setting(7, Setting(bounds=(1, 100), is_advanced=True))


@attrs.frozen(kw_only=True)
class BackupConfig:
    """Backups of the configuration and copies of the database.

    Attributes:
        database: Copies of the database.
        path: Folder of the backups; empty means `backups` in the data folder.
        keep: Number of backups to keep.
    """

    enabled: bool = setting(default=True)
    path: str = setting("", Setting(is_folder=True, needs_password=True, is_advanced=True))
    keep: int = setting(20, Setting(bounds=(1, 1000), is_advanced=True))
    database: DatabaseBackupConfig = DatabaseBackupConfig()


@attrs.frozen(kw_only=True)
class OtherConfig:
    """Section `other`: the password hash and the library folder.

    Attributes:
        master_password_hash: Hash of the master password; hidden in every view.
        anime_directory: Library folder; empty until set.
    """

    master_password_hash: str = setting("", Setting(is_secret=True, is_internal=True))
    anime_directory: str = setting("", Setting(is_folder=True, needs_password=True))


@attrs.frozen(kw_only=True)
class LibraryConfig:
    """Folders and scans of the library.

    Attributes:
        folders: Additional library folders; new series go to `other.anime_directory`.
        watch: Scan changed folders as soon as the file system reports a change.
        bin_days: Days after which files are deleted from the recycle bin, and changes from the
            history; 0 means never.
        bin_max_bytes: Size of the recycle bin of each folder; the oldest files are deleted first.
            0 means no limit.
        sidecars: Write NFO files and pictures beside finished downloads.
        episode_frames: Make the picture of an episode from its video, if no source has one.
        check_audio: Sample the audio of files, to find silent tracks and the same audio twice.
    """

    folders: tuple[str, ...] = setting((), Setting(form=ABSOLUTE_FOLDER, needs_password=True))
    watch: bool = setting(default=True)
    bin_days: int = setting(30, Setting(bounds=(0, 3650)))
    bin_max_bytes: int = setting(0, Setting(bounds=(0, _PIB), unit=DISPLAYED_GIB, is_advanced=True))
    sidecars: bool = setting(default=False)
    episode_frames: bool = setting(default=True)
    check_audio: bool = setting(default=True)


@attrs.frozen(kw_only=True)
class DownloadsConfig:
    """Limits and preferences of downloads.

    Attributes:
        quality: Preferred quality.
        subtitles: Which subtitle files are stored beside an episode.
        concurrent: Episodes downloaded at the same time.
        connections: Connections per file.
        stall_timeout: Seconds without progress after which a transfer fails.
        limit_rate: Bytes per second for all transfers together; 0 means no limit.
        hours: Allowed times `HH:MM-HH:MM` in local time; empty means always.
        reserve_bytes: Bytes of the disk that stay free.
        max_bytes: Size of the largest file to download, in bytes.
        retries: Number of retries after the first attempt.
        retry_delay_seconds: Delay before the first retry; doubles for each further one.
        keep_completed: Number of completed items that the history keeps.
        keep_failed: Number of failed items that the history keeps.
    """

    quality: Quality = setting(Quality.BEST, Setting(texts="quality"))
    subtitles: SubtitleChoice = setting(SubtitleChoice.WANTED, Setting(texts="subtitles"))
    concurrent: int = setting(1, Setting(bounds=(1, 16)))
    connections: int = setting(8, Setting(bounds=(1, 16)))
    stall_timeout: float = setting(
        80.0, Setting(bounds=(5.0, 3600.0), unit=SECONDS, is_advanced=True)
    )
    limit_rate: int = setting(0, Setting(bounds=(0, HIGHEST_RATE), unit=DISPLAYED_MB_PER_SECOND))
    hours: tuple[str, ...] = setting((), Setting(form=TIME_SPAN))
    reserve_bytes: int = setting(
        16 * MIB, Setting(bounds=(0, _LARGEST_SIZE), unit=DISPLAYED_MIB, is_advanced=True)
    )
    max_bytes: int = setting(
        20 * GIB, Setting(bounds=(1, _PIB), unit=DISPLAYED_GIB, is_advanced=True)
    )
    retries: int = setting(3, Setting(bounds=(0, 100), is_advanced=True))
    retry_delay_seconds: float = setting(
        2.0, Setting(bounds=(0.0, 86_400.0), unit=SECONDS, is_advanced=True)
    )
    keep_completed: int = setting(1000, Setting(bounds=(0, 1_000_000), is_advanced=True))
    keep_failed: int = setting(1000, Setting(bounds=(0, 1_000_000), is_advanced=True))

    @property
    def retry_policy(self) -> RetryPolicy:
        """Retry policy of these settings."""
        return RetryPolicy(limit=self.retries, base=timedelta(seconds=self.retry_delay_seconds))


@attrs.frozen(kw_only=True)
class LanguagesConfig:
    """Preferred languages.

    Attributes:
        order: Accepted languages, best first; no other is downloaded.
        upgrade: Download an episode again when a better language appears.
    """

    order: tuple[Language, ...] = setting(
        (GER_DUB, GER_SUB), Setting(is_required=True, is_unique=True)
    )
    upgrade: bool = setting(default=False)


class NamingPreset(enum.StrEnum):
    """Layout that a media server or another program documents."""

    OWN = "own"  #: the templates of the configuration
    JELLYFIN = "jellyfin"
    PLEX = "plex"
    KODI = "kodi"
    SONARR_ANIME = "sonarr-anime"


@attrs.frozen
class NamingTemplates:
    """Templates of the series folder, the season folder and the episode file."""

    series_folder: str
    season_folder: str
    episode: str


_YEAR_FOLDER: Final = "{name} ({year})"
_SEASON_FOLDER: Final = "Season {season:02}"
#: Sources: jellyfin.org/docs/general/server/media/shows, support.plex.tv (naming TV show files),
#: kodi.wiki (Naming video files/TV shows), and the default anime format of Sonarr.
_PRESETS: Final = {
    NamingPreset.JELLYFIN: NamingTemplates(
        _YEAR_FOLDER, _SEASON_FOLDER, "{name} ({year}) - {code} - {title} - [{language}]"
    ),
    NamingPreset.PLEX: NamingTemplates(
        _YEAR_FOLDER, _SEASON_FOLDER, "{name} ({year}) - {code} - {title}"
    ),
    NamingPreset.KODI: NamingTemplates(_YEAR_FOLDER, _SEASON_FOLDER, "{name} - {code} - {title}"),
    NamingPreset.SONARR_ANIME: NamingTemplates(
        "{name}", _SEASON_FOLDER, "{name} - {code} - {absolute:03} - {title}"
    ),
}


@attrs.frozen(kw_only=True)
class NamingConfig:
    """Names of folders and files in the library, without the container suffix.

    The placeholders are those of `aniworld_core.domain.library.naming`.

    Attributes:
        preset: Documented layout; `own` uses the three templates below.
        short_paths: Whether paths below the library folder keep to 200 characters, for Windows
            shares.
    """

    preset: NamingPreset = setting(NamingPreset.OWN, Setting(texts="naming_preset"))
    series_folder: str = setting(
        "{name} ({year})",
        Setting(is_required=True, form=naming_template("series_folder")),
    )
    season_folder: str = setting(
        "Season {season:02}",
        Setting(is_required=True, form=naming_template("season_folder")),
    )
    episode: str = setting(
        "{name} - {code} - {title} ({language})",
        Setting(is_required=True, form=naming_template("episode")),
    )
    short_paths: bool = setting(default=False, description=Setting(is_advanced=True))

    @property
    def templates(self) -> NamingTemplates:
        """The templates in use: those of the preset, or the own ones."""
        own = NamingTemplates(self.series_folder, self.season_folder, self.episode)
        return _PRESETS.get(self.preset, own)


@attrs.frozen(kw_only=True)
class NetworkConfig:
    """Outgoing requests and access to the server.

    Attributes:
        user_agent: `User-Agent` header of catalogue requests; empty means name and version.
        proxy: Proxy for catalogue requests, unless a provider has its own; empty means none.
        allowed_hosts: Host names the server answers to besides addresses and localhost.
        trusted_proxies: Addresses of reverse proxies whose `X-Forwarded-For` is used.
        open_metrics: Whether `/metrics` needs no token.
    """

    user_agent: str = setting("", Setting(form=HEADER_VALUE, is_advanced=True))
    proxy: str = setting("", Setting(form=WEB_ADDRESS, is_proxy=True))
    allowed_hosts: tuple[str, ...] = setting((), Setting(is_advanced=True))
    trusted_proxies: tuple[str, ...] = setting((), Setting(form=NETWORK, is_advanced=True))
    open_metrics: bool = setting(default=False, description=Setting(is_advanced=True))


class NotificationKind(enum.StrEnum):
    """Kinds of notifications, by their names in `notifications.events`."""

    COMPLETED = "completed"
    FAILED = "failed"
    QUEUE_DRAINED = "queue_drained"
    NEW_EPISODE = "new_episode"
    DISK_LOW = "disk_low"
    TEST = "test"  #: sent on request only


#: The kinds that `notifications.events` may name.
_ANNOUNCED: Final = tuple(
    kind.value for kind in NotificationKind if kind is not NotificationKind.TEST
)


@attrs.frozen(kw_only=True)
class NotificationsConfig:
    """Recipients and kinds of notifications.

    Attributes:
        urls: Apprise addresses.
        webhooks: Addresses that receive a signed JSON body.
        webhook_secret: Key of the signatures. Nothing is sent without one.
        events: Kinds that are sent, by the names of `NotificationKind`; empty means all.
    """

    urls: tuple[str, ...] = setting((), Setting(form=APPRISE_ADDRESS, is_secret=True))
    webhooks: tuple[str, ...] = setting(
        (), Setting(form=WEB_ADDRESS, is_secret=True, is_address=True)
    )
    webhook_secret: str = setting("", Setting(is_secret=True))
    events: tuple[str, ...] = setting((), Setting(choices=_ANNOUNCED, texts="event"))


@attrs.frozen(kw_only=True)
class Config:
    """Whole configuration.

    Attributes:
        unknown: Settings that this version does not know, by JSON pointer; they are kept.
    """

    name: str = setting("Aniworld", Setting(is_required=True))
    data_dir: str = setting("", Setting(is_folder=True, needs_password=True, is_fixed=True))
    scheduler: SchedulerConfig = SchedulerConfig()
    logging: LoggingConfig = LoggingConfig()
    backup: BackupConfig = BackupConfig()
    other: OtherConfig = OtherConfig()
    library: LibraryConfig = LibraryConfig()
    downloads: DownloadsConfig = DownloadsConfig()
    languages: LanguagesConfig = LanguagesConfig()
    naming: NamingConfig = NamingConfig()
    network: NetworkConfig = NetworkConfig()
    notifications: NotificationsConfig = NotificationsConfig()
    media_servers: MediaServersConfig = MediaServersConfig()
    oidc: OidcConfig = OidcConfig()
    providers: Mapping[str, ProviderConfig] = attrs.field(factory=dict)
    unknown: Mapping[str, object] = attrs.field(
        factory=dict, repr=False, metadata={NOT_IN_DOCUMENT: True}
    )

    def provider(self, name: str) -> ProviderConfig:
        """Return the section of one catalogue, or its defaults."""
        return self.providers.get(name, ProviderConfig())

    @property
    def anime_directory(self) -> Path | None:
        """Library folder, or `None` until it is set."""
        return Path(self.other.anime_directory) if self.other.anime_directory else None
