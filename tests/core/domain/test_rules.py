"""Rules for preferences, ranking, hours, passwords, templates and configuration limits."""

from datetime import time, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from aniworld_core.domain.access import PasswordPolicy
from aniworld_core.domain.configuration import (
    Config,
    DownloadsConfig,
    Field,
    Hours,
    NetworkConfig,
    NotificationsConfig,
    OtherConfig,
    ProviderConfig,
    ServerConfig,
    config_problems,
    parse_hours,
    parse_template,
    parse_time_of_day,
    template_problems,
)
from aniworld_core.domain.downloads import (
    Failure,
    is_upgrade,
    rank_sources,
    rank_streams,
    wanted_languages,
)
from aniworld_core.domain.media import (
    ENG_DUB,
    GER_DUB,
    GER_SUB,
    Language,
    MediaSource,
    Quality,
    Stream,
    StreamKind,
)
from aniworld_core.domain.retry_policy import RetryPolicy
from aniworld_core.errors import InvalidTemplateError, UsageError
from aniworld_core.messages import kind_of
from aniworld_core.testing.factories import make_item


def source(url: str, language: Language | None) -> MediaSource:
    return MediaSource(provider="p", hoster="h", url=url, language=language)


def stream(height: int | None) -> Stream:
    return Stream(url=str(height), kind=StreamKind.DIRECT, height=height)


def test_the_most_specific_preference_applies() -> None:
    """The order of the item applies, else that of the series, else the global one."""
    assert wanted_languages([GER_SUB], [ENG_DUB], [GER_DUB]) == (GER_SUB,)
    assert wanted_languages(None, [ENG_DUB], [GER_DUB]) == (ENG_DUB,)
    assert wanted_languages(None, (), [GER_DUB]) == (GER_DUB,)


def test_sources_are_ranked_by_language() -> None:
    """Sources are in the preferred order of languages; unknown last, others left out."""
    given_ = [
        source("a", None),
        source("b", GER_SUB),
        source("c", ENG_DUB),
        source("d", GER_DUB),
        source("e", GER_SUB),
    ]
    assert [s.url for s in rank_sources(given_, [GER_DUB, GER_SUB])] == ["d", "b", "e", "a"]


@pytest.mark.parametrize(
    ("quality", "order"),
    [
        (Quality.BEST, [1080, 720, 480, None]),
        (Quality.WORST, [480, 720, 1080, None]),
        (Quality.P720, [720, 480, None, 1080]),
        (Quality.P360, [None, 480, 720, 1080]),
    ],
)
def test_streams_are_ranked_by_quality(quality: Quality, order: list[int | None]) -> None:
    """Streams within the maximum come first, tallest first, then unknown, then taller ones."""
    ranked = rank_streams([stream(h) for h in (720, None, 1080, 480)], quality)
    assert [s.height for s in ranked] == order


@pytest.mark.parametrize(
    ("current", "offered", "is_better"),
    [
        (GER_SUB, GER_DUB, True),
        (GER_DUB, GER_SUB, False),
        (GER_DUB, GER_DUB, False),
        (ENG_DUB, GER_SUB, True),
        (GER_SUB, ENG_DUB, False),
        (None, GER_DUB, False),
    ],
)
def test_upgrades(current: Language | None, offered: Language, *, is_better: bool) -> None:
    """Only a more preferred language is an upgrade; an unknown one is not."""
    assert is_upgrade(current, offered, [GER_DUB, GER_SUB]) is is_better


def test_what_is_retried() -> None:
    """Temporary failures are retried up to the limit."""
    policy = RetryPolicy(limit=2)
    passing = Failure(kind="k", message="m", retryable=True)
    assert make_item(1, failure=passing, retry_count=1).may_be_retried(policy)
    assert not make_item(1, failure=passing, retry_count=2).may_be_retried(policy)
    assert not make_item(1, failure=attrs.evolve(passing, retryable=False)).may_be_retried(policy)
    assert not make_item(1).may_be_retried(policy)


@pytest.mark.parametrize(
    ("raw", "inside", "outside"),
    [
        ("08:00-12:00", ["08:00", "11:59"], ["07:59", "12:00"]),
        ("22:00-06:00", ["22:00", "00:00", "5:59"], ["06:00", "21:59"]),
        ("7:00-7:00", ["07:00", "00:00", "23:59"], []),
    ],
)
def test_hours(raw: str, inside: list[str], outside: list[str]) -> None:
    """A span includes its start and excludes its end, also across midnight."""
    hours = parse_hours(raw)
    assert all(hours.contains(parse_time_of_day(t)) for t in inside)
    assert not any(hours.contains(parse_time_of_day(t)) for t in outside)
    assert isinstance(hours, Hours)


def test_times_of_day() -> None:
    """`HH:MM` and `H:MM` are accepted, nothing else."""
    assert parse_time_of_day(" 03:30 ") == time(3, 30)
    assert parse_time_of_day("3:30") == time(3, 30)
    for wrong in ("24:00", "3:60", "3", "", "٣:30", "03:30:00"):
        with pytest.raises(UsageError):
            parse_time_of_day(wrong)
    for wrong in ("03:30", "03:30-", "a-b"):
        with pytest.raises(UsageError):
            parse_hours(wrong)


@pytest.mark.parametrize(
    ("password", "broken"),
    [
        ("Secret-7x", 0),
        ("Ünïcødé7!", 0),
        ("", 5),
        ("secret-7x", 1),
        ("SECRET-7X", 1),
        ("Secret-xx", 1),
        ("Secret77x", 1),
        ("Secret 77", 1),
        ("S-7x", 1),
        ("Password1!", 1),
        ("Aa1!" * 257, 1),
    ],
)
def test_every_broken_password_rule_is_named(password: str, broken: int) -> None:
    """All broken password rules are listed."""
    assert len(PasswordPolicy().violations(password)) == broken


def test_templates_are_parsed() -> None:
    """Templates are parsed to text and placeholders with widths."""
    template = parse_template("episode", "{name} x{episode:03}-{season} end")
    assert template.parts == (
        Field("name"),
        " x",
        Field("episode", 3),
        "-",
        Field("season"),
        " end",
    )
    assert template.fields == {"name", "episode", "season"}
    assert parse_template("season_folder", "plain").parts == ("plain",)


@pytest.mark.parametrize(
    ("kind", "text", "problem"),
    [
        ("episode", "", "empty"),
        ("episode", "{code", "brace"),
        ("episode", "{code} }", "brace"),
        ("episode", "{code} ?", "must not hold"),
        ("episode", "{code}/x", "slash"),
        ("season_folder", "a/../b", "folder"),
        ("season_folder", "a/ b", "folder"),
        ("episode", "{code} {nope}", "unknown"),
        ("episode", "{code} {}", "unknown"),
        ("episode", "{code} {name:2}", "width"),
        ("episode", "{code} {season:9}", "width"),
        ("series_folder", "{year}", "needs"),
        ("episode", "{season} {title}", "needs"),
        ("episode", "{code}" + "x" * 101, "bytes"),
    ],
)
def test_template_problems_are_named(kind: str, text: str, problem: str) -> None:
    """A template with ambiguous or missing names is refused with the reason."""
    assert any(problem in found for found in template_problems(kind, text))
    with pytest.raises(InvalidTemplateError):
        parse_template(kind, text)


def test_the_default_configuration_breaks_no_rule() -> None:
    """The default configuration is valid."""
    assert config_problems(Config()) == ()
    assert Config().anime_directory is None
    assert Config(other=OtherConfig(anime_directory="/a")).anime_directory == Path("/a")
    assert Config().downloads.retry_policy == RetryPolicy(limit=3, base=timedelta(seconds=2))
    assert Config().provider("x") == ProviderConfig()


@pytest.mark.parametrize("text", ["", " ", "\u2003"])
def test_a_required_text_is_not_blank(text: str) -> None:
    """Other texts may be empty, and are not judged by their spaces."""
    ((pointer, problem),) = config_problems(Config(name=text))
    assert (pointer, kind_of(problem)) == ("/name", "must_not_be_empty")
    assert config_problems(Config(network=NetworkConfig(user_agent=text.strip()))) == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("concurrent", 0),
        ("concurrent", 17),
        ("connections", 0),
        ("limit_rate", -1),
        ("reserve_bytes", -1),
        ("max_bytes", 0),
        ("retries", 101),
        ("retry_delay_seconds", -0.1),
        ("retry_delay_seconds", float("nan")),
        ("keep_completed", -1),
        ("keep_failed", -1),
        ("hours", ("x",)),
    ],
)
def test_download_limits(field: str, value: Any) -> None:
    """Each number has a range, and the pointer names the setting."""
    downloads = attrs.evolve(DownloadsConfig(), **{field: value})
    ((pointer, _),) = config_problems(Config(downloads=downloads))
    assert pointer.startswith(f"/downloads/{field}")


def test_notification_rules() -> None:
    """Unknown kinds, invalid webhooks and webhooks without a key are refused."""
    wrong = NotificationsConfig(
        events=("completed", "tset", "test"),
        webhooks=("https://a.invalid", "ftp://a"),
        webhook_secret="short",
    )
    assert [pointer for pointer, _ in config_problems(Config(notifications=wrong))] == [
        "/notifications/webhooks/1",
        "/notifications/events/1",
        "/notifications/events/2",
        "/notifications/webhook_secret",
    ]
    right = NotificationsConfig(webhooks=("https://a.invalid",), webhook_secret="x" * 16)
    assert config_problems(Config(notifications=right)) == ()
    assert "https" not in repr(right)
    assert "xxx" not in repr(right)


def test_provider_rules() -> None:
    """Addresses need a web scheme, and rate limits have bounds."""
    server = ServerConfig(name="a", base_url="ftp://a")
    provider = ProviderConfig(base_url="a.b", servers=(server,), requests_per_minute=6001)
    assert [pointer for pointer, _ in config_problems(Config(providers={"x": provider}))] == [
        "/providers/x/base_url",
        "/providers/x/servers/0/base_url",
        "/providers/x/requests_per_minute",
    ]


@pytest.mark.parametrize(
    "url",
    [
        *("nonsense", "http://", "http:///path", "http://[::1", "http://h:99999", "http://h:-1"),
        *("http://h:0", "http://h:x", "http://h y", " http://h", "socks5://h:1", "ftp://h"),
    ],
)
def test_addresses_that_no_request_can_be_sent_to(url: str) -> None:
    """Every address setting requires a scheme, a host and a valid port."""
    server = ServerConfig(name="a", base_url=url)
    config = Config(
        network=NetworkConfig(proxy=url),
        notifications=NotificationsConfig(webhooks=(url,), webhook_secret="x" * 16),
        providers={"x": ProviderConfig(base_url=url, proxy=url, servers=(server,))},
    )
    assert [pointer for pointer, _ in config_problems(config)] == [
        "/network/proxy",
        "/notifications/webhooks/0",
        "/providers/x/base_url",
        "/providers/x/servers/0/base_url",
        "/providers/x/proxy",
    ]


@pytest.mark.parametrize("url", ["http://h", "HTTPS://u:p@h:8443/a?b=c", "http://[::1]:1/"])
def test_addresses_that_requests_can_be_sent_to(url: str) -> None:
    """Ports, credentials, paths and IPv6 addresses are accepted."""
    provider = ProviderConfig(base_url=url, proxy=url)
    assert (
        config_problems(Config(network=NetworkConfig(proxy=url), providers={"x": provider})) == ()
    )


def test_trusted_proxies_and_apprise_urls_can_be_read() -> None:
    """Proxies and Apprise addresses that cannot be parsed are refused."""
    config = Config(
        network=NetworkConfig(trusted_proxies=("10.0.0.1", "fd00::/8", "10.0.0.0/33", "proxy")),
        notifications=NotificationsConfig(urls=("ntfy://topic", "nonsense", "mailto://")),
    )
    assert [pointer for pointer, _ in config_problems(config)] == [
        "/network/trusted_proxies/2",
        "/network/trusted_proxies/3",
        "/notifications/urls/1",
        "/notifications/urls/2",
    ]
