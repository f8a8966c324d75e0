"""Page client: refusals, faults and bot checks."""

from datetime import UTC, datetime, timedelta

import pytest

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
)
from aniworld_providers.network.pages.answers import page_wait
from support.adapter_context import JumpingClock
from support.sites.page_site import Site, html

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 521])
async def test_temporary_faults_are_retried(
    client: PageClient, site: Site, clock: JumpingClock, status: int
) -> None:
    """After a temporary fault the page is requested again after a delay."""
    site.answers = [html("busy", status=status), html("fine")]

    assert (await client.get(site.url)).text == "fine"
    assert any(wait > 0.3 for wait in clock.slept)


async def test_it_gives_up_after_three_attempts(
    client: PageClient, site: Site, clock: JumpingClock
) -> None:
    """The delays grow, and then the site counts as unavailable."""
    site.answers = [html("busy", status=500)]

    with pytest.raises(ProviderUnavailableError, match="HTTP 500") as caught:
        await client.get(site.url)

    assert len(site.requests) == 3
    assert caught.value.retry_after is None
    backoff = [wait for wait in clock.slept if wait > 0.3]
    assert len(backoff) == 2
    assert backoff[0] < backoff[1]


async def test_a_short_requested_wait_is_kept(
    client: PageClient, site: Site, clock: JumpingClock
) -> None:
    """A wait of up to ten seconds that the site asks for is kept exactly."""
    site.answers = [html("busy", status=429, Retry_After="7"), html("fine")]

    assert (await client.get(site.url)).text == "fine"
    assert 7.0 in clock.slept


async def test_requested_waits_have_a_total_limit(
    client: PageClient, site: Site, clock: JumpingClock
) -> None:
    """All waits of one request together are at most ten seconds."""
    site.answers = [html("busy", status=503, Retry_After="6")]

    with pytest.raises(ProviderUnavailableError) as caught:
        await client.get(site.url)

    assert len(site.requests) == 2
    assert caught.value.retry_after == timedelta(seconds=6)


async def test_a_long_requested_wait_is_passed_on(
    client: PageClient, site: Site, clock: JumpingClock
) -> None:
    """A longer wait ends the request, and the site gets no request until it is over."""
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
    """A bot check is reported at once, whatever its status, and not requested again."""
    site.answers = [html(f"<html>{mark}</html>", status=status)]

    with pytest.raises(NeedsPersonError) as caught:
        await client.get(f"{site.url}/page")

    assert caught.value.site == "fake.example"
    assert caught.value.link == f"{site.url}/page"
    assert len(site.requests) == 1


async def test_a_real_page_may_mention_captchas(client: PageClient, site: Site) -> None:
    """A page with the expected content is not a bot check; neither is a JSON value."""
    site.answers = [html("<h1>How a captcha works</h1>")]
    page = await client.get(site.url, expects=lambda text: "<h1>" in text)
    assert "captcha" in page.text

    site.answers = [html('{"title": "captcha"}')]
    assert await client.get_json(f"{site.url}/json") == {"title": "captcha"}


@pytest.mark.parametrize(("status", "reason"), [(401, "login"), (403, "refuses"), (451, "legal")])
async def test_refusals_need_a_person(
    client: PageClient, site: Site, status: int, reason: str
) -> None:
    """A refusal without credentials needs a person and is not repeated."""
    site.answers = [html("no", status=status)]

    with pytest.raises(NeedsPersonError, match=reason):
        await client.get(site.url)
    assert len(site.requests) == 1


@pytest.mark.parametrize("status", [401, 403])
async def test_refused_credentials_are_reported(
    client: PageClient, site: Site, status: int
) -> None:
    """Credentials are tried once."""
    site.answers = [html("no", status=status)]

    with pytest.raises(ProviderDeniedError):
        await client.get(site.url, headers={"Authorization": "Token secret"})
    assert len(site.requests) == 1


@pytest.mark.parametrize("status", [404, 410])
async def test_a_missing_page_is_told_apart(client: PageClient, site: Site, status: int) -> None:
    """A missing page has an error of its own and is not requested again."""
    site.answers = [html("gone", status=status)]

    with pytest.raises(PageMissingError) as caught:
        await client.get(site.url)
    assert caught.value.status == status
    assert len(site.requests) == 1


@pytest.mark.parametrize("status", [400, 405, 418])
async def test_other_refusals_mean_the_site_changed(
    client: PageClient, site: Site, status: int
) -> None:
    """Another error status means that the site has changed, and is not retried."""
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
async def test_invalid_json_is_an_error(client: PageClient, site: Site, text: str) -> None:
    """An answer that is not JSON raises NotJsonError."""
    site.answers = [html(text)]

    with pytest.raises(NotJsonError):
        await client.get_json(site.url)


async def test_a_bot_check_in_place_of_json(client: PageClient, site: Site) -> None:
    """A bot check instead of JSON needs a person."""
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
def test_retry_after_follows_the_standard(value: str, seconds: int | None) -> None:
    """RFC 9110, section 10.2.3: seconds or a date; other values count as missing."""
    now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    expected = None if seconds is None else timedelta(seconds=seconds)
    assert page_wait(value, now) == expected
