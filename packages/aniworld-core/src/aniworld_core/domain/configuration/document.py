"""The configuration document as typed values with defaults.

The shape is that of `config.json`. Reading and writing the document is the application's job;
here is its meaning. The rules that no type expresses are in `config_rules`.
"""

import enum
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

import attrs

from aniworld_core.domain.media import GER_DUB, GER_SUB, Language, Quality
from aniworld_core.domain.retry_policy import RetryPolicy
from aniworld_core.domain.subtitles import SubtitleChoice
from aniworld_core.errors import InvalidNameError

GIB = 1024**3
#: Time in the name of a backup, in UTC.
BACKUP_STAMP: Final = "%Y%m%dT%H%M%S.%f"
_BACKUP_NAME: Final = re.compile(r"config-(\d{8}T\d{6}\.\d{6})Z\.json", re.ASCII)
_PIB = 1024**5
#: Largest size of a disk that systems report, in bytes: a reserve of it stops all downloads.
_LARGEST_SIZE = 2**63 - 1
#: Bytes per second; a higher limit is none.
HIGHEST_RATE: Final = 10**12
#: Keys of the bounds in the metadata of a number: smallest and largest value, both allowed.
LEAST: Final = "least"
MOST: Final = "most"

_Number = TypeVar("_Number", int, float)


def _number(default: _Number, least: _Number, most: _Number) -> _Number:
    """Declare a number with its bounds, which `config_problems` checks."""
    declared: _Number = attrs.field(default=default, metadata={LEAST: least, MOST: most})
    return declared


@attrs.frozen(kw_only=True)
class SchedulerConfig:
    """When the library is rescanned by itself.

    Attributes:
        interval_minutes: Minutes between scans, when no times are given.
        times: Times of day `HH:MM` in local time; replace the interval when given.
        queue_missing: Also queue what is missing of monitored series.
    """

    enabled: bool = True
    interval_minutes: int = _number(60, 1, 10_080)
    times: tuple[str, ...] = ()
    queue_missing: bool = False


@attrs.frozen(kw_only=True)
class LoggingConfig:
    """What is logged, and where.

    Attributes:
        level: The lowest level that is logged.
        file: File the server's log is written to besides standard error, relative to the data
            folder; empty means none.
        max_bytes: Size at which the file is rotated.
        keep: How many rotated files are kept.
    """

    level: str = "INFO"
    file: str = ""
    max_bytes: int = _number(10 * 1024**2, 64 * 1024, GIB)
    keep: int = _number(5, 0, 100)


@attrs.frozen(kw_only=True)
class DatabaseBackupConfig:
    """Copies of the database.

    Attributes:
        enabled: Whether a running server makes copies.
        interval_hours: Hours between two copies.
        keep: How many are kept.
    """

    enabled: bool = True
    interval_hours: int = _number(24, 1, 8760)
    keep: int = _number(7, 1, 100)


@attrs.frozen(kw_only=True)
class BackupConfig:
    """Where configuration backups go, and how often the database is copied.

    Attributes:
        database: Copies of the database.
        path: Folder of the backups; empty means `backups` in the data folder.
        keep: How many are kept.
    """

    enabled: bool = True
    path: str = ""
    keep: int = _number(20, 1, 1000)
    database: DatabaseBackupConfig = DatabaseBackupConfig()


@attrs.frozen(kw_only=True)
class OtherConfig:
    """What the documented shape keeps under `other`.

    Attributes:
        master_password_hash: Secret; never leaves the machine, redacted in every view.
        anime_directory: The library root; empty until set.
    """

    master_password_hash: str = attrs.field(default="", repr=False)
    anime_directory: str = ""


@attrs.frozen(kw_only=True)
class DownloadsConfig:
    """How downloads are carried out.

    Attributes:
        concurrent: Episodes at a time.
        connections: Connections per file.
        stall_timeout: Seconds without progress after which a transfer is given up.
        limit_rate: Bytes per second for all transfers together; 0 means no limit.
        hours: Allowed times `HH:MM-HH:MM` in local time; empty means always.
        reserve_bytes: Free space that is never used up.
        max_bytes: Largest file that is fetched.
        retries: How many retries follow a first attempt.
        retry_delay_seconds: Delay before the first retry; doubles for each further one.
        quality: Wanted quality.
        subtitles: Which subtitles are put beside an episode.
        keep_completed: How many completed items the history keeps.
        keep_failed: How many failed items the history keeps.
    """

    concurrent: int = _number(1, 1, 16)
    connections: int = _number(8, 1, 16)
    stall_timeout: float = _number(80.0, 5.0, 3600.0)
    limit_rate: int = _number(0, 0, HIGHEST_RATE)
    hours: tuple[str, ...] = ()
    reserve_bytes: int = _number(16 * 1024**2, 0, _LARGEST_SIZE)
    max_bytes: int = _number(20 * GIB, 1, _PIB)
    retries: int = _number(3, 0, 100)
    retry_delay_seconds: float = _number(2.0, 0.0, 86_400.0)
    quality: Quality = Quality.BEST
    subtitles: SubtitleChoice = SubtitleChoice.WANTED
    keep_completed: int = _number(1000, 0, 1_000_000)
    keep_failed: int = _number(1000, 0, 1_000_000)

    @property
    def retry_policy(self) -> RetryPolicy:
        """The retry rules these settings stand for."""
        return RetryPolicy(limit=self.retries, base=timedelta(seconds=self.retry_delay_seconds))


@attrs.frozen(kw_only=True)
class LanguagesConfig:
    """Which languages are wanted.

    Attributes:
        order: Wanted languages, best first; no other is taken.
        upgrade: Fetch an episode again when a better language appears.
    """

    order: tuple[Language, ...] = (GER_DUB, GER_SUB)
    upgrade: bool = False


@attrs.frozen(kw_only=True)
class NamingConfig:
    """Templates of the paths below a series folder, without the container suffix.

    The placeholders are those of `aniworld_core.domain.library.naming`.
    """

    series_folder: str = "{name} ({year})"
    season_folder: str = "Season {season:02}"
    episode: str = "{name} - {code} - {title} ({language})"


@attrs.frozen(kw_only=True)
class NetworkConfig:
    """How the outside is met, and who may come in.

    Attributes:
        user_agent: Sent to catalogues; empty means the product's own honest name.
        proxy: Proxy for catalogue requests, unless a provider has its own; empty means none.
        allowed_hosts: Host names the server answers to besides addresses and localhost.
        trusted_proxies: Addresses whose `X-Forwarded-For` is believed.
        open_metrics: Whether `/metrics` needs no token.
    """

    user_agent: str = ""
    proxy: str = attrs.field(default="", repr=False)
    allowed_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    open_metrics: bool = False


class NewsKind(enum.StrEnum):
    """The kinds of news, as `notifications.events` names them."""

    COMPLETED = "completed"
    FAILED = "failed"
    QUEUE_DRAINED = "queue_drained"
    NEW_EPISODE = "new_episode"
    DISK_LOW = "disk_low"
    TEST = "test"  #: only when somebody asks for it


@attrs.frozen(kw_only=True)
class NotificationsConfig:
    """Who is told what happened.

    Attributes:
        urls: Apprise addresses; secret.
        webhooks: Addresses that get a signed JSON body; secret.
        webhook_secret: Key of the signatures; secret. Nothing is sent unsigned.
        events: Which kinds of news are told, by the names of `NewsKind`; empty means all.
    """

    urls: tuple[str, ...] = attrs.field(default=(), repr=False)
    webhooks: tuple[str, ...] = attrs.field(default=(), repr=False)
    webhook_secret: str = attrs.field(default="", repr=False)
    events: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class ServerConfig:
    """One server of a provider that knows several, with its secrets."""

    name: str
    base_url: str = attrs.field(repr=False)
    username: str = ""
    password: str = attrs.field(default="", repr=False)
    token: str = attrs.field(default="", repr=False)


@attrs.frozen(kw_only=True)
class ProviderConfig:
    """One catalogue.

    Attributes:
        enabled: Whether it is asked at all; `None` leaves it to the catalogue's own default.
        base_url: Where it lives; empty means its own default.
        servers: Servers, for a provider that knows several.
        proxy: Proxy for its requests; empty means the global one.
        requests_per_minute: Most requests per minute and host.
        layout: How the pages of its site are laid out, where a catalogue knows several; empty
            means its own default.
    """

    enabled: bool | None = None
    base_url: str = attrs.field(default="", repr=False)
    servers: tuple[ServerConfig, ...] = ()
    proxy: str = attrs.field(default="", repr=False)
    requests_per_minute: int = _number(60, 1, 6000)
    layout: str = ""

    @property
    def all_servers(self) -> tuple[ServerConfig, ...]:
        """The servers of a provider that knows several; a bare `base_url` is one more."""
        if not self.base_url or any(s.base_url == self.base_url for s in self.servers):
            return self.servers
        return (*self.servers, ServerConfig(name="", base_url=self.base_url))


@attrs.frozen(kw_only=True)
class Config:
    """The whole configuration.

    Attributes:
        unknown: Settings this version does not know, by JSON pointer; kept, warned about.
    """

    name: str = "Aniworld"
    data_dir: str = ""
    scheduler: SchedulerConfig = SchedulerConfig()
    logging: LoggingConfig = LoggingConfig()
    backup: BackupConfig = BackupConfig()
    other: OtherConfig = OtherConfig()
    downloads: DownloadsConfig = DownloadsConfig()
    languages: LanguagesConfig = LanguagesConfig()
    naming: NamingConfig = NamingConfig()
    network: NetworkConfig = NetworkConfig()
    notifications: NotificationsConfig = NotificationsConfig()
    providers: Mapping[str, ProviderConfig] = attrs.field(factory=dict)
    unknown: Mapping[str, object] = attrs.field(factory=dict, repr=False)

    def provider(self, name: str) -> ProviderConfig:
        """The section of one catalogue, or its defaults."""
        return self.providers.get(name, ProviderConfig())

    @property
    def anime_directory(self) -> Path | None:
        """The library root, or `None` until it is set."""
        return Path(self.other.anime_directory) if self.other.anime_directory else None


def parse_backup_name(raw: str) -> datetime:
    """Return the time in the name of a backup, `config-20260131T120000.000000Z.json`.

    Raises:
        InvalidNameError: If *raw* is not such a name.
    """
    match = _BACKUP_NAME.fullmatch(raw)
    try:
        if match is not None:
            return datetime.strptime(match[1], BACKUP_STAMP).replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidNameError(raw, f"it holds no valid time ({error})") from error
    raise InvalidNameError(raw, "it must be like config-20260131T120000.000000Z.json")


@attrs.frozen(kw_only=True)
class BackupInfo:
    """One kept former configuration."""

    name: str
    created_at: str
    size: int
