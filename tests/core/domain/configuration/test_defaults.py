"""Defaults, limits and protection of every setting, as the documentation states them."""

from enum import Enum
from typing import Any, Final

import attrs
import pytest

from aniworld_core.domain.configuration import (
    Config,
    NetworkConfig,
    NotificationsConfig,
    ServerConfig,
    described,
)
from aniworld_core.domain.configuration.document import NotificationKind

#: Name, default, smallest and largest number, displayed unit, and what is special about it.
SETTINGS: Final[list[tuple[str, object, tuple[float, float] | None, str, str]]] = [
    ("name", "Aniworld", None, "", "is_required"),
    ("data_dir", "", None, "", "is_folder needs_password is_fixed"),
    ("scheduler.enabled", True, None, "", ""),
    ("scheduler.interval_minutes", 60, (1, 10080), "minutes", ""),
    ("scheduler.times", (), None, "", ""),
    ("scheduler.queue_missing", False, None, "", ""),
    ("logging.level", "INFO", None, "", "any_case"),
    ("logging.file", "", None, "", "needs_password is_advanced"),
    ("logging.max_bytes", 10485760, (65536, 1073741824), "mib", "is_advanced"),
    ("logging.keep", 5, (0, 100), "", "is_advanced"),
    ("backup.enabled", True, None, "", ""),
    ("backup.path", "", None, "", "is_folder needs_password is_advanced"),
    ("backup.keep", 20, (1, 1000), "", "is_advanced"),
    ("backup.database.enabled", True, None, "", ""),
    ("backup.database.interval_hours", 24, (1, 8760), "hours", ""),
    ("backup.database.keep", 7, (1, 100), "", "is_advanced"),
    ("other.master_password_hash", "", None, "", "is_secret is_internal"),
    ("other.anime_directory", "", None, "", "is_folder needs_password"),
    ("library.folders", (), None, "", "needs_password"),
    ("library.watch", True, None, "", ""),
    ("library.bin_days", 30, (0, 3650), "", ""),
    ("library.bin_max_bytes", 0, (0, 1125899906842624), "gib", "is_advanced"),
    ("library.sidecars", False, None, "", ""),
    ("library.episode_frames", True, None, "", ""),
    ("library.check_audio", True, None, "", ""),
    ("downloads.quality", "best", None, "", ""),
    ("downloads.subtitles", "wanted", None, "", ""),
    ("downloads.concurrent", 1, (1, 16), "", ""),
    ("downloads.connections", 8, (1, 16), "", ""),
    ("downloads.stall_timeout", 80.0, (5.0, 3600.0), "seconds", "is_advanced"),
    ("downloads.limit_rate", 0, (0, 1000000000000), "mb_per_second", ""),
    ("downloads.hours", (), None, "", ""),
    ("downloads.reserve_bytes", 16777216, (0, 9223372036854775807), "mib", "is_advanced"),
    ("downloads.max_bytes", 21474836480, (1, 1125899906842624), "gib", "is_advanced"),
    ("downloads.retries", 3, (0, 100), "", "is_advanced"),
    ("downloads.retry_delay_seconds", 2.0, (0.0, 86400.0), "seconds", "is_advanced"),
    ("downloads.keep_completed", 1000, (0, 1000000), "", "is_advanced"),
    ("downloads.keep_failed", 1000, (0, 1000000), "", "is_advanced"),
    ("languages.order", ("ger-dub", "ger-sub"), None, "", "is_required is_unique"),
    ("languages.upgrade", False, None, "", ""),
    ("naming.preset", "own", None, "", ""),
    ("naming.series_folder", "{name} ({year})", None, "", "is_required"),
    ("naming.season_folder", "Season {season:02}", None, "", "is_required"),
    ("naming.episode", "{name} - {code} - {title} ({language})", None, "", "is_required"),
    ("naming.short_paths", False, None, "", "is_advanced"),
    ("network.user_agent", "", None, "", "is_advanced"),
    ("network.proxy", "", None, "", "is_proxy"),
    ("network.allowed_hosts", (), None, "", "is_advanced"),
    ("network.trusted_proxies", (), None, "", "is_advanced"),
    ("network.open_metrics", False, None, "", "is_advanced"),
    ("notifications.urls", (), None, "", "is_secret"),
    ("notifications.webhooks", (), None, "", "is_secret is_address"),
    ("notifications.webhook_secret", "", None, "", "is_secret"),
    ("notifications.events", (), None, "", ""),
    ("media_servers.servers", (), None, "", ""),
    ("media_servers.servers.*.name", "", None, "", ""),
    ("media_servers.servers.*.kind", None, None, "", "is_required"),
    ("media_servers.servers.*.base_url", None, None, "", "is_required is_address"),
    ("media_servers.servers.*.token", "", None, "", "is_secret"),
    ("media_servers.servers.*.username", "", None, "", "is_address"),
    ("media_servers.servers.*.password", "", None, "", "is_secret"),
    ("media_servers.servers.*.paths", (), None, "", ""),
    ("media_servers.servers.*.enabled", True, None, "", ""),
    ("media_servers.delay_seconds", 60, (0, 3600), "seconds", "is_advanced"),
    ("oidc.issuer", "", None, "", "is_address"),
    ("oidc.client_id", "", None, "", "is_address"),
    ("oidc.client_secret", "", None, "", "is_secret"),
    ("oidc.public_url", "", None, "", ""),
    ("oidc.label", "", None, "", ""),
    ("oidc.scopes", ("profile", "groups"), None, "", "is_advanced"),
    ("oidc.groups_claim", "groups", None, "", "is_required is_advanced"),
    ("oidc.manage_groups", (), None, "", ""),
    ("oidc.request_groups", (), None, "", ""),
    ("oidc.view_groups", (), None, "", ""),
    ("oidc.default_role", "none", None, "", ""),
    ("providers.*.enabled", None, None, "", ""),
    ("providers.*.base_url", "", None, "", "is_address"),
    ("providers.*.servers", (), None, "", "is_announced"),
    ("providers.*.servers.*.name", None, None, "", ""),
    ("providers.*.servers.*.base_url", None, None, "", "is_required is_address"),
    ("providers.*.servers.*.username", "", None, "", "is_address"),
    ("providers.*.servers.*.password", "", None, "", "is_secret"),
    ("providers.*.servers.*.token", "", None, "", "is_secret"),
    ("providers.*.proxy", "", None, "", "is_proxy is_advanced"),
    ("providers.*.requests_per_minute", 60, (1, 6000), "", "is_advanced"),
]


def _plain(default: Any) -> object:
    if isinstance(default, Enum):
        return default.value
    if isinstance(default, tuple):
        return tuple(getattr(each, "code", each) for each in default)
    return default


@pytest.mark.parametrize(
    ("name", "default", "bounds", "unit", "special"), SETTINGS, ids=[row[0] for row in SETTINGS]
)
def test_settings_have_their_documented_defaults_and_limits(
    name: str, default: object, bounds: tuple[float, float] | None, unit: str, special: str
) -> None:
    """A secret is hidden, a folder needs the password, and a number has its limits."""
    (found,) = (each for each in described(Config) if each.name == name)
    description = found.description
    assert _plain(found.default) == default
    assert type(found.default) is type(default) or isinstance(found.default, Enum)
    assert description.bounds == bounds
    assert (description.unit.name if description.unit else "") == unit
    flags = attrs.asdict(description, filter=lambda _, value: value is True)
    assert set(flags) == set(special.split())


def test_no_setting_is_left_out() -> None:
    """A new setting is added to the table with its limits."""
    assert {each.name for each in described(Config)} == {row[0] for row in SETTINGS}


def test_every_kind_of_notification_but_the_test_can_be_chosen() -> None:
    """The test notification is sent on request only."""
    (found,) = (each for each in described(Config) if each.name == "notifications.events")
    assert set(found.choices) == {kind.value for kind in NotificationKind} - {"test"}


def test_secrets_and_addresses_are_left_out_of_what_is_logged() -> None:
    """An address may contain a password, as a proxy may."""

    def shown(cls: type) -> dict[str, bool]:
        return {field.name: bool(field.repr) for field in attrs.fields(cls)}

    assert shown(ServerConfig) == {
        "name": True,
        "base_url": False,
        "username": False,
        "password": False,
        "token": False,
    }
    assert not shown(NetworkConfig)["proxy"]
    assert shown(NetworkConfig)["user_agent"]
    assert not shown(NotificationsConfig)["webhooks"]
