"""What the page client makes of refusals, faults and bot checks."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aniworld_core.domain.configuration import ProviderConfig
from aniworld_core.errors import (
    NeedsPersonError,
    ProviderChangedError,
    ProviderDeniedError,
    ProviderUnavailableError,
)
from aniworld_providers.network.pages import (
    NotJsonError,
    PageClient,
    PageMissingError,
    open_page_client,
)
from aniworld_providers.network.pages.answers import page_wait
from support.adapter_context import JumpingClock, make_context
from support.sites.page_site import Site, html, serve_pages

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serve_pages() as site:
        yield site


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
async def client(site: Site, clock: JumpingClock, tmp_path: Path) -> AsyncIterator[PageClient]:
    config = ProviderConfig(base_url=site.url, requests_per_minute=6000)
    context = make_context(tmp_path, clock=clock, fake=config)
    async with open_page_client(context, "fake", site="fake.example") as client:
        yield client


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 521])
async def test_passing_faults_are_asked_again(
    client: PageClient, site: Site, clock: JumpingClock, status: int
) -> None:
    """After a fault that may pass, the page is asked for again a little later."""
    site.answers = [html("busy", status=status), html("fine")]

    assert (await client.get(site.url)).text == "fine"
    assert any(wait > 0.3 for wait in clock.slept)


async def test_it_gives_up_after_three_attempts(
    client: PageClient, site: Site, clock: JumpingClock
) -> None:
    """The delays grow, then the site counts as not available."""
    site.answers = [html("busy", status=500)]

    with pytest.raises(ProviderUnavailableError, match="HTTP 500") as caught:
        await client.get(site.url)

    assert len(site.requests) == 3
    assert caught.value.retry_after is None
    backoff = [wait for wait in clock.slept if wait > 0.3]
    assert len(backoff) == 2
    assert backoff[0] < backoff[1]


async def test_a_short_wait_is_sat_out(client: PageClient, site: Site, clock: JumpingClock) -> None:
    """Up to ten seconds, the site's own word on when to ask again is followed exactly."""
    site.answers = [html("busy", status=429, Retry_After="7"), html("fine")]

    assert (await client.get(site.url)).text == "fine"
    assert 7.0 in clock.slept


async def test_waits_do_not_add_up(client: PageClient, site: Site, clock: JumpingClock) -> None:
    """Ten seconds are the limit for one question, however often the site asks to wait."""
    site.answers = [html("busy", status=503, Retry_After="6")]

    with pytest.raises(ProviderUnavailableError) as caught:
        await client.get(site.url)

    assert len(site.requests) == 2
    assert caught.value.retry_after == timedelta(seconds=6)


async def test_a_long_wait_is_passed_on_and_kept(
    client: PageClient, site: Site, clock: JumpingClock
) -> None:
    """A longer wait ends the question at once, and the site is left alone until it is over."""
    site.answers = [html("busy", status=503, Retry_After="120"), html("fine")]

    with pytest.raises(ProviderUnavailableError) as first:
        await client.get(site.url)
    with pytest.raises(ProviderUnavailableError) as second:
        await client.get(f"{site.url}/other")
    asked_meanwhile = len(site.requests)
    clock.time += timedelta(seconds=121)
    page = await client.get(f"{site.url}/other")

    assert first.value.retry_after == timedelta(seconds=120)
    assert second.value.retry_after is not None
    assert asked_meanwhile == 1
    assert page.text == "fine"


@pytest.mark.parametrize(
    "mark",
    [
        "DDoS-Guard",
        "Checking your browser",
        "cf-turnstile",
        "challenge-platform",
        "hCaptcha",
        "<title>Just a moment...</title>",
    ],
)
@pytest.mark.parametrize("status", [200, 403, 404, 429, 503])
async def test_a_bot_check_needs_a_person(
    client: PageClient, site: Site, mark: str, status: int
) -> None:
    """Whatever the status, it is asked once, named, and never insisted on."""
    site.answers = [html(f"<html>{mark}</html>", status=status)]

    with pytest.raises(NeedsPersonError) as caught:
        await client.get(f"{site.url}/page")

    assert caught.value.site == "fake.example"
    assert caught.value.link == f"{site.url}/page"
    assert len(site.requests) == 1


async def test_a_true_page_may_speak_of_captchas(client: PageClient, site: Site) -> None:
    """A page that has what was expected is no bot check, and neither is a JSON value."""
    site.answers = [html("<h1>How a captcha works</h1>")]
    page = await client.get(site.url, expects=lambda text: "<h1>" in text)
    assert "captcha" in page.text

    site.answers = [html('{"title": "captcha"}')]
    assert await client.get_json(f"{site.url}/json") == {"title": "captcha"}


@pytest.mark.parametrize(("status", "reason"), [(401, "login"), (403, "refuses"), (451, "region")])
async def test_refusals_need_a_person(
    client: PageClient, site: Site, status: int, reason: str
) -> None:
    """A refusal without credentials is for a person to look into, and is not repeated."""
    site.answers = [html("no", status=status)]

    with pytest.raises(NeedsPersonError, match=reason):
        await client.get(site.url)
    assert len(site.requests) == 1


@pytest.mark.parametrize("status", [401, 403])
async def test_refused_credentials_are_said_so(client: PageClient, site: Site, status: int) -> None:
    """Credentials are tried once."""
    site.answers = [html("no", status=status)]

    with pytest.raises(ProviderDeniedError):
        await client.get(site.url, headers={"Authorization": "Token secret"})
    assert len(site.requests) == 1


@pytest.mark.parametrize("status", [404, 410])
async def test_a_missing_page_is_told_apart(client: PageClient, site: Site, status: int) -> None:
    """What is not there is not asked for again."""
    site.answers = [html("gone", status=status)]

    with pytest.raises(PageMissingError) as caught:
        await client.get(site.url)
    assert caught.value.status == status
    assert len(site.requests) == 1


@pytest.mark.parametrize("status", [400, 405, 418])
async def test_other_refusals_mean_the_site_changed(
    client: PageClient, site: Site, status: int
) -> None:
    """A question the site does not understand will not be understood later either."""
    site.answers = [html("what?", status=status)]

    with pytest.raises(ProviderChangedError, match=str(status)):
        await client.get(site.url)


@pytest.mark.parametrize(
    "text",
    [
        "<html>oops</html>",
        "",
        "{",
        "[" * 100_000,
        "9" * 10_000,
        '"\ud800'.encode("utf-8", "replace").decode(),
    ],
)
async def test_json_that_is_none(client: PageClient, site: Site, text: str) -> None:
    """Anything but JSON where JSON was asked for is a type of its own."""
    site.answers = [html(text)]

    with pytest.raises(NotJsonError):
        await client.get_json(site.url)


async def test_a_bot_check_in_place_of_json(client: PageClient, site: Site) -> None:
    """It is told apart from a page that is merely wrong."""
    site.answers = [html("<html>Checking your browser</html>")]

    with pytest.raises(NeedsPersonError):
        await client.get_json(site.url)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("5", 5),
        (" 0 ", 0),
        ("Sat, 21 Nov 2026 12:00:30 GMT", 30),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0),
        ("99999999999999999999", 7 * 24 * 3600),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("²", None),
        ("Sat, 99 Nov 2026 12:00:30 GMT", None),
    ],
)
def test_retry_after_is_read_as_the_standard_says(value: str, seconds: int | None) -> None:
    """RFC 9110, section 10.2.3: seconds or a date; nonsense counts as nothing."""
    now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    expected = None if seconds is None else timedelta(seconds=seconds)
    assert page_wait(value, now) == expected
