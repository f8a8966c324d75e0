"""What a configuration must keep to, beyond the types of its values."""

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from typing import Final
from urllib.parse import urlsplit

import attrs

from aniworld_core.domain.configuration.document import (
    LEAST,
    MOST,
    Config,
    NetworkConfig,
    NewsKind,
    NotificationsConfig,
    ProviderConfig,
)
from aniworld_core.domain.configuration.hours import parse_hours, parse_time_of_day
from aniworld_core.domain.configuration.naming_template import template_problems
from aniworld_core.errors import InvalidInputError

#: Shortest key of webhook signatures.
SHORTEST_SECRET: Final = 16
#: Most entries of a list: a time of day for every minute.
MOST_ENTRIES: Final = 1440
#: The layouts of pages that a section of `providers` may name.
LAYOUTS: Final = ("v1", "v2")
_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_TOLD: Final = tuple(kind.value for kind in NewsKind if kind is not NewsKind.TEST)
_WEB_ONLY: Final = "must be a web address with a host, such as http://192.168.1.5:8096"
_APPRISE_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S")
_HEADER_ONLY: Final = "must hold only visible ASCII characters and spaces between them"


def config_problems(config: Config) -> tuple[tuple[str, str], ...]:
    """Every broken rule of a configuration, as JSON pointer and explanation."""
    downloads, scheduler = config.downloads, config.scheduler
    checks: list[tuple[bool, str, str]] = [
        (not config.name.strip(), "/name", "must not be empty"),
        (
            config.logging.level.upper() not in _LEVELS,
            "/logging/level",
            f"must be one of {', '.join(_LEVELS)}",
        ),
        (
            not is_header_value(config.network.user_agent),
            "/network/user_agent",
            _HEADER_ONLY,
        ),
        (not config.languages.order, "/languages/order", "must name at least one language"),
        (
            len(set(config.languages.order)) != len(config.languages.order),
            "/languages/order",
            "must not name a language twice",
        ),
    ]
    problems = [(pointer, detail) for is_broken, pointer, detail in checks if is_broken]
    problems += bounds_problems(config)
    problems += _unparsable("/scheduler/times", scheduler.times[:MOST_ENTRIES], parse_time_of_day)
    problems += _unparsable("/downloads/hours", downloads.hours[:MOST_ENTRIES], parse_hours)
    problems += [
        (f"/naming/{field}", detail)
        for field in ("series_folder", "season_folder", "episode")
        for detail in template_problems(field, getattr(config.naming, field))
    ]
    problems += _network_problems(config.network)
    problems += _notification_problems(config.notifications)
    for name, provider in config.providers.items():
        problems += _provider_problems(f"/providers/{name}", provider)
    return tuple(problems)


def bounds_problems(section: object, pointer: str = "") -> list[tuple[str, str]]:
    """Return every number out of its bounds and every list that is too long, at any depth."""
    problems: list[tuple[str, str]] = []
    if isinstance(section, Mapping):
        for name, inner in section.items():
            problems += bounds_problems(inner, f"{pointer}/{name}")
    elif isinstance(section, tuple):
        if len(section) > MOST_ENTRIES:
            problems.append((pointer, f"must have at most {MOST_ENTRIES} entries"))
        for index, inner in enumerate(section[:MOST_ENTRIES]):
            problems += bounds_problems(inner, f"{pointer}/{index}")
    elif attrs.has(kind := type(section)):
        for field in attrs.fields(kind):
            value, where = getattr(section, field.name), f"{pointer}/{field.name}"
            if LEAST not in field.metadata:
                problems += bounds_problems(value, where)
            elif not field.metadata[LEAST] <= value <= field.metadata[MOST]:
                least, most = field.metadata[LEAST], field.metadata[MOST]
                problems.append((where, f"must be {_written(least)} to {_written(most)}"))
    return problems


def is_header_value(text: str) -> bool:
    """Whether a text can be sent as the value of a header: visible ASCII and spaces inside.

    RFC 9110, section 5.5, leaves other characters to former uses, and clients refuse them.
    """
    return text.isascii() and (not text or text.isprintable()) and text == text.strip()


def _written(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


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


def _network_problems(network: NetworkConfig) -> list[tuple[str, str]]:
    pointer = "/network"
    problems = [(f"{pointer}/proxy", _WEB_ONLY)] if not _is_web_or_empty(network.proxy) else []
    for index, raw in enumerate(network.trusted_proxies[:MOST_ENTRIES]):
        try:
            ip_network(raw, strict=False)
        except ValueError:
            detail = "must be an address or a network such as 10.0.0.0/8"
            problems.append((f"{pointer}/trusted_proxies/{index}", detail))
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
    problems += [
        (f"{pointer}/urls/{index}", "must be an Apprise URL such as ntfy://topic")
        for index, url in enumerate(notifications.urls[:MOST_ENTRIES])
        if not _APPRISE_URL.match(url)
    ]
    if notifications.webhooks and len(notifications.webhook_secret) < SHORTEST_SECRET:
        detail = f"must have at least {SHORTEST_SECRET} characters while there are webhooks"
        problems.append((f"{pointer}/webhook_secret", detail))
    return problems


def _provider_problems(pointer: str, provider: ProviderConfig) -> list[tuple[str, str]]:
    problems = [
        (f"{pointer}/servers/{index}/token", _HEADER_ONLY)
        for index, server in enumerate(provider.servers)
        if not is_header_value(server.token)
    ]
    if provider.layout not in {"", *LAYOUTS}:
        problems.append((f"{pointer}/layout", f"must be empty or one of {', '.join(LAYOUTS)}"))
    problems += [
        (f"{pointer}/{name}", _WEB_ONLY)
        for name in ("base_url", "proxy")
        if not _is_web_or_empty(getattr(provider, name))
    ]
    problems += [
        (f"{pointer}/servers/{index}/base_url", _WEB_ONLY)
        for index, server in enumerate(provider.servers)
        if not _is_web(server.base_url)
    ]
    return problems


def _is_web_or_empty(url: str) -> bool:
    return not url or _is_web(url)


def _is_web(url: str) -> bool:
    """Whether requests can be sent to a link: `http` or `https`, a host and a possible port."""
    try:
        parts = urlsplit(url)
        has_port = parts.port != 0  # raises for ports that are no number or too large
    except ValueError:
        return False
    is_one_word = not any(letter.isspace() for letter in url)
    return is_one_word and has_port and parts.scheme in ("http", "https") and bool(parts.hostname)
