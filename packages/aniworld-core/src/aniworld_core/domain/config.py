"""The configuration document as typed values with defaults.

The shape is that of `config.json`. Reading and writing the document is the application's job;
here are its meaning and the rules that no type expresses.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import attrs

from aniworld_core.domain.media import GER_DUB, GER_SUB, Language, Quality
from aniworld_core.domain.retry import RetryPolicy
from aniworld_core.domain.schedule import parse_hours, parse_time_of_day
from aniworld_core.domain.template import template_problems
from aniworld_core.errors import InvalidInputError

GIB = 1024**3


@attrs.frozen(kw_only=True)
class SchedulerConfig:
    """When the library is rescanned by itself.

    Attributes:
        interval_minutes: Minutes between scans, when no times are given.
        times: Times of day `HH:MM` in local time; replace the interval when given.
        queue_missing: Also queue what is missing of monitored series.
    """

    enabled: bool = True
    interval_minutes: int = 60
    times: tuple[str, ...] = ()
    queue_missing: bool = False


@attrs.frozen(kw_only=True)
class LoggingConfig:
    """How much is logged."""

    level: str = "INFO"


@attrs.frozen(kw_only=True)
class BackupConfig:
    """Where configuration backups go.

    Attributes:
        path: Folder of the backups; empty means `backups` in the data folder.
        keep: How many are kept.
    """

    enabled: bool = True
    path: str = ""
    keep: int = 20


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
        limit_rate: Bytes per second for all transfers together; 0 means no limit.
        hours: Allowed times `HH:MM-HH:MM` in local time; empty means always.
        reserve_bytes: Free space that is never used up.
        max_bytes: Largest file that is fetched.
        retries: How many retries follow a first attempt.
        retry_delay_seconds: Delay before the first retry; doubles for each further one.
        quality: Wanted quality.
        keep_completed: How many completed items the history keeps.
        keep_failed: How many failed items the history keeps.
    """

    concurrent: int = 1
    connections: int = 8
    limit_rate: int = 0
    hours: tuple[str, ...] = ()
    reserve_bytes: int = 16 * 1024**2
    max_bytes: int = 20 * GIB
    retries: int = 3
    retry_delay_seconds: float = 2.0
    quality: Quality = Quality.BEST
    keep_completed: int = 1000
    keep_failed: int = 1000

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

    The placeholders are those of `aniworld_core.domain.naming`.
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
    proxy: str = ""
    allowed_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    open_metrics: bool = False


@attrs.frozen(kw_only=True)
class NotificationsConfig:
    """Who is told what happened.

    Attributes:
        urls: Apprise addresses; secret.
        webhooks: Addresses that get a signed JSON body; secret.
        events: Which events are told; empty means all.
    """

    urls: tuple[str, ...] = attrs.field(default=(), repr=False)
    webhooks: tuple[str, ...] = attrs.field(default=(), repr=False)
    events: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class ServerConfig:
    """One server of a provider that knows several, with its secrets."""

    name: str
    base_url: str
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
    """

    enabled: bool | None = None
    base_url: str = ""
    servers: tuple[ServerConfig, ...] = ()
    proxy: str = ""
    requests_per_minute: int = 60


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
    unknown: Mapping[str, object] = attrs.field(factory=dict)

    def provider(self, name: str) -> ProviderConfig:
        """The section of one catalogue, or its defaults."""
        return self.providers.get(name, ProviderConfig())

    @property
    def anime_directory(self) -> Path | None:
        """The library root, or `None` until it is set."""
        return Path(self.other.anime_directory) if self.other.anime_directory else None


@attrs.frozen(kw_only=True)
class BackupInfo:
    """One kept former configuration."""

    name: str
    created_at: str
    size: int


_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def config_problems(config: Config) -> tuple[tuple[str, str], ...]:
    """Every broken rule of a configuration, as JSON pointer and explanation."""
    downloads, scheduler = config.downloads, config.scheduler
    checks: list[tuple[bool, str, str]] = [
        (not config.name.strip(), "/name", "must not be empty"),
        (
            not 1 <= scheduler.interval_minutes <= 10_080,
            "/scheduler/interval_minutes",
            "must be 1 to 10080",
        ),
        (
            config.logging.level.upper() not in _LEVELS,
            "/logging/level",
            f"must be one of {', '.join(_LEVELS)}",
        ),
        (not 1 <= config.backup.keep <= 1000, "/backup/keep", "must be 1 to 1000"),
        (not 1 <= downloads.concurrent <= 16, "/downloads/concurrent", "must be 1 to 16"),
        (not 1 <= downloads.connections <= 16, "/downloads/connections", "must be 1 to 16"),
        (downloads.limit_rate < 0, "/downloads/limit_rate", "must be 0 or more"),
        (downloads.reserve_bytes < 0, "/downloads/reserve_bytes", "must be 0 or more"),
        (downloads.max_bytes < 1, "/downloads/max_bytes", "must be 1 or more"),
        (not 0 <= downloads.retries <= 100, "/downloads/retries", "must be 0 to 100"),
        (
            not 0 <= downloads.retry_delay_seconds <= 86_400,
            "/downloads/retry_delay_seconds",
            "must be 0 to 86400",
        ),
        (downloads.keep_completed < 0, "/downloads/keep_completed", "must be 0 or more"),
        (downloads.keep_failed < 0, "/downloads/keep_failed", "must be 0 or more"),
        (not config.languages.order, "/languages/order", "must name at least one language"),
        (
            len(set(config.languages.order)) != len(config.languages.order),
            "/languages/order",
            "must not name a language twice",
        ),
    ]
    problems = [(pointer, detail) for is_broken, pointer, detail in checks if is_broken]
    problems += _unparsable("/scheduler/times", scheduler.times, parse_time_of_day)
    problems += _unparsable("/downloads/hours", downloads.hours, parse_hours)
    problems += [
        (f"/naming/{field}", detail)
        for field in ("series_folder", "season_folder", "episode")
        for detail in template_problems(field, getattr(config.naming, field))
    ]
    for name, provider in config.providers.items():
        problems += _provider_problems(f"/providers/{name}", provider)
    return tuple(problems)


def _unparsable(
    pointer: str, values: tuple[str, ...], parse: Callable[[str], object]
) -> list[tuple[str, str]]:
    problems = []
    for index, value in enumerate(values):
        try:
            parse(value)
        except InvalidInputError as error:
            problems.append((f"{pointer}/{index}", str(error)))
    return problems


def _provider_problems(pointer: str, provider: ProviderConfig) -> list[tuple[str, str]]:
    problems = []
    if not 1 <= provider.requests_per_minute <= 6000:
        problems.append((f"{pointer}/requests_per_minute", "must be 1 to 6000"))
    urls = [(f"{pointer}/base_url", provider.base_url)] if provider.base_url else []
    urls += [
        (f"{pointer}/servers/{index}/base_url", server.base_url)
        for index, server in enumerate(provider.servers)
    ]
    problems += [
        (where, "must start with http:// or https://")
        for where, url in urls
        if not url.lower().startswith(("http://", "https://"))
    ]
    return problems
