"""What a configuration must keep to, beyond the types of its values."""

from collections.abc import Callable
from typing import Final

from aniworld_core.domain.config import Config, NotificationsConfig, ProviderConfig
from aniworld_core.domain.news import NewsKind
from aniworld_core.domain.schedule import parse_hours, parse_time_of_day
from aniworld_core.domain.template import template_problems
from aniworld_core.errors import InvalidInputError

#: Shortest key of webhook signatures.
SHORTEST_SECRET: Final = 16
#: The layouts of pages that a section of `providers` may name.
LAYOUTS: Final = ("v1", "v2")
_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_TOLD: Final = tuple(kind.value for kind in NewsKind if kind is not NewsKind.TEST)
_WEB_ONLY: Final = "must start with http:// or https://"


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
    problems += _notification_problems(config.notifications)
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


def _notification_problems(notifications: NotificationsConfig) -> list[tuple[str, str]]:
    pointer = "/notifications"
    problems = [
        (f"{pointer}/events/{index}", f"must be one of {', '.join(_TOLD)}")
        for index, name in enumerate(notifications.events)
        if name not in _TOLD
    ]
    problems += [
        (f"{pointer}/webhooks/{index}", _WEB_ONLY)
        for index, url in enumerate(notifications.webhooks)
        if not _is_web(url)
    ]
    if notifications.webhooks and len(notifications.webhook_secret) < SHORTEST_SECRET:
        detail = f"must have at least {SHORTEST_SECRET} characters while there are webhooks"
        problems.append((f"{pointer}/webhook_secret", detail))
    return problems


def _provider_problems(pointer: str, provider: ProviderConfig) -> list[tuple[str, str]]:
    problems = []
    if not 1 <= provider.requests_per_minute <= 6000:
        problems.append((f"{pointer}/requests_per_minute", "must be 1 to 6000"))
    if provider.layout not in {"", *LAYOUTS}:
        problems.append((f"{pointer}/layout", f"must be empty or one of {', '.join(LAYOUTS)}"))
    urls = [(f"{pointer}/base_url", provider.base_url)] if provider.base_url else []
    urls += [
        (f"{pointer}/servers/{index}/base_url", server.base_url)
        for index, server in enumerate(provider.servers)
    ]
    problems += [(where, _WEB_ONLY) for where, url in urls if not _is_web(url)]
    return problems


def _is_web(url: str) -> bool:
    return url.lower().startswith(("http://", "https://"))
