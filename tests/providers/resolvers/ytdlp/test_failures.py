"""yt-dlp's own words and causes, told apart."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from yt_dlp.networking import Response
from yt_dlp.networking.exceptions import HTTPError, TransportError
from yt_dlp.utils import DownloadError, ExtractorError, GeoRestrictedError, UnsupportedError

from aniworld_core.domain.media import MediaSource
from aniworld_core.errors import (
    AddressRefusedError,
    AniworldError,
    NeedsPersonError,
    ProtectedError,
    ProviderUnavailableError,
    SourceGoneError,
    UnsupportedSourceError,
)
from aniworld_providers.resolvers.ytdlp.failures import explain
from aniworld_providers.resolvers.ytdlp.network import LastPage

SOURCE = MediaSource(provider="x", hoster="Hoster", url="https://hoster.invalid/e/1")
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def meaning_of(failure: Exception, page: LastPage | None = None) -> AniworldError:
    """Explain a failure as `extract_info` raises it."""
    wrapped = DownloadError(f"ERROR: {failure}", (type(failure), failure, None))
    return explain(wrapped, SOURCE, page or LastPage(), NOW)


def said(text: str) -> AniworldError:
    """Explain what an extractor says."""
    return meaning_of(ExtractorError(text, expected=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("This video is DRM protected", ProtectedError),
        ("The requested site is known to use DRM protection.", ProtectedError),
        ("Sign in to confirm you're not a bot. Use --cookies-from-browser", NeedsPersonError),
        ("Sign in to confirm your age", NeedsPersonError),
        ("This video is only available for registered users", NeedsPersonError),
        ("This video is not available in your country", NeedsPersonError),
        ("The uploader has not made this video available in your country", NeedsPersonError),
        ("Got HTTP Error 403 caused by Cloudflare anti-bot challenge", NeedsPersonError),
        ("Solve the captcha first", NeedsPersonError),
        ("Private video. Sign in if you've been granted access", SourceGoneError),
        ("Video unavailable. This video has been removed by the uploader", SourceGoneError),
        ("This video does not exist", SourceGoneError),
        ("The file was not found", SourceGoneError),
        ("This live event will begin in 3 hours", UnsupportedSourceError),
        ("No video formats found!", UnsupportedSourceError),
        ("Unable to extract title", UnsupportedSourceError),
        ("Nothing at https://x.invalid/login/captcha?drm", UnsupportedSourceError),
    ],
)
def test_words(text: str, expected: type[AniworldError]) -> None:
    """What a site says through its extractor decides what can be done about it."""
    assert type(said(text)) is expected


def test_a_refused_hoster_is_named_as_policy() -> None:
    """yt-dlp's refusal is final and says so."""
    meaning = said("This website is no longer supported since it has been determined to be ...")

    assert "unsupported by policy" in str(meaning)
    assert not meaning.retryable


def test_a_region() -> None:
    """A geo block has a class of its own in yt-dlp."""
    assert isinstance(meaning_of(GeoRestrictedError("x")), NeedsPersonError)


@pytest.fixture
def failed_request(request: pytest.FixtureRequest) -> Iterator[HTTPError]:
    """Make the error of an answer with the status given as parameter."""
    import io

    with Response(io.BytesIO(b""), "https://hoster.invalid/", {}, request.param) as answer:
        yield HTTPError(answer)


@pytest.mark.parametrize(
    ("failed_request", "expected"),
    [
        (404, SourceGoneError),
        (410, SourceGoneError),
        (451, NeedsPersonError),
        (401, NeedsPersonError),
        (403, NeedsPersonError),
        (429, ProviderUnavailableError),
        (500, ProviderUnavailableError),
        (418, UnsupportedSourceError),
    ],
    indirect=["failed_request"],
)
def test_statuses(failed_request: HTTPError, expected: type[AniworldError]) -> None:
    """Without words, the status of the request that failed decides."""
    failure = ExtractorError("Unable to download webpage", cause=failed_request)

    assert type(meaning_of(failure)) is expected


def test_a_broken_network_is_worth_another_try() -> None:
    """Connections that break say nothing about the media."""
    failure = ExtractorError("Unable to download", cause=TransportError("reset by peer"))

    assert type(meaning_of(failure)) is ProviderUnavailableError


def test_a_refused_address_is_found_however_deep() -> None:
    """The guard's word is never turned into something that is retried."""
    refusal = AddressRefusedError("127.0.0.1:1", "no")
    failure = ExtractorError("Unable to download", cause=TransportError(cause=refusal))

    assert meaning_of(failure) is refusal


def test_an_extractor_that_breaks_is_no_crash() -> None:
    """An error of its code means that the page cannot be read."""
    meaning = explain(TypeError("NoneType"), SOURCE, LastPage(), NOW)

    assert isinstance(meaning, UnsupportedSourceError)
    assert "TypeError" in str(meaning)


@pytest.mark.parametrize(
    "head",
    [
        b"<title>Just a moment...</title>",
        b"<p>Checking your browser before accessing</p>",
        b'<div class="cf-turnstile">',
        b"<div class='x g-recaptcha'>",
    ],
)
def test_a_bot_check_is_seen_on_the_page(head: bytes) -> None:
    """A page without media that shows a check is a case for a person."""
    page = LastPage(url=SOURCE.url, head=bytearray(head))

    assert isinstance(meaning_of(UnsupportedError(SOURCE.url), page), NeedsPersonError)


def test_a_usual_page_behind_a_guarding_company_is_none() -> None:
    """Its script stands on every page there and means nothing."""
    page = LastPage(head=bytearray(b'<script src="/cdn-cgi/challenge-platform/jsd.js">'))

    assert isinstance(meaning_of(UnsupportedError(SOURCE.url), page), UnsupportedSourceError)


def test_text_of_a_site_stays_one_clean_line() -> None:
    """Nothing of it can forge lines or links in logs and lists."""
    text = str(said("bad\x1b[31m\nERROR: see https://evil.invalid/?token=1 " + "x" * 500))

    assert "\x1b" not in text
    assert "\n" not in text
    assert "evil.invalid" not in text
    assert len(text) < 250
