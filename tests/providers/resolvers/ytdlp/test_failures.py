"""Messages and causes of yt-dlp, mapped to errors."""

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
from aniworld_core.messages import kind_of
from aniworld_providers.ytdlp.failures import explain
from aniworld_providers.ytdlp.network import LastPage

SOURCE = MediaSource(provider="x", hoster="Hoster", url="https://hoster.invalid/e/1")
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def meaning_of(failure: Exception, page: LastPage | None = None) -> AniworldError:
    """Return the error for a failure as `extract_info` raises it."""
    wrapped = DownloadError(f"ERROR: {failure}", (type(failure), failure, None))
    return explain(wrapped, SOURCE, page or LastPage(), NOW)


def said(text: str) -> AniworldError:
    """Return the error for a message of an extractor."""
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
def test_messages(text: str, expected: type[AniworldError]) -> None:
    """The message of the extractor decides on the error."""
    assert type(said(text)) is expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Private video. Sign in if you've been granted access", "site_says_private"),
        ("Video unavailable", "site_says_unavailable"),
        ("Video unavailable. This video has been removed by the uploader", "site_says_gone"),
        ("The link has expired", "site_says_expired"),
        ("Please confirm your age", "age_check_wanted"),
        ("This is a live stream", "live_broadcast"),
        ("no longer supported since it is a liability", "refused_by_policy"),
    ],
)
def test_the_reason_is_what_the_site_says(text: str, kind: str) -> None:
    """No cause is given that the site does not name, and every reason can be translated."""
    assert kind_of(said(text).reason) == kind  # type: ignore[attr-defined]


def test_unknown_messages_show_neither_links_nor_paths() -> None:
    """Messages of other libraries name files of this machine and whole links."""
    meaning = said("Cannot open '/home/u/.cache/yt-dlp/x.json' for https://a:b@x.invalid/?t=s3cret")

    assert "/home" not in str(meaning)
    assert "s3cret" not in str(meaning)


def test_a_refused_hoster_is_named_as_policy() -> None:
    """A hoster that yt-dlp refuses is a final error that says so."""
    meaning = said("This website is no longer supported since it has been determined to be ...")

    assert "unsupported by policy" in str(meaning)
    assert not meaning.retryable


def test_a_region() -> None:
    """A region block has its own exception in yt-dlp."""
    assert isinstance(meaning_of(GeoRestrictedError("x")), NeedsPersonError)


@pytest.fixture
def failed_request(request: pytest.FixtureRequest) -> Iterator[HTTPError]:
    """Return the error of a response with the given status."""
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
    """Without a known message the status of the failed request decides."""
    failure = ExtractorError("Unable to download webpage", cause=failed_request)

    assert type(meaning_of(failure)) is expected


def test_a_broken_connection_can_be_retried() -> None:
    """A broken connection says nothing about the media."""
    failure = ExtractorError("Unable to download", cause=TransportError("reset by peer"))

    assert type(meaning_of(failure)) is ProviderUnavailableError


def test_a_refused_address_is_found_in_the_causes() -> None:
    """A refusal of the guard is never reported as an error to retry."""
    refusal = AddressRefusedError("127.0.0.1:1", "no")
    failure = ExtractorError("Unable to download", cause=TransportError(cause=refusal))

    assert meaning_of(failure) is refusal


def test_a_crashing_extractor_is_an_error() -> None:
    """An exception of its code means that the page cannot be read."""
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
def test_a_bot_check_is_found_on_the_page(head: bytes) -> None:
    """A page without media that shows a bot check needs a person."""
    page = LastPage(url=SOURCE.url, head=bytearray(head))

    assert isinstance(meaning_of(UnsupportedError(SOURCE.url), page), NeedsPersonError)


def test_a_protected_page_without_check() -> None:
    """The script of a protection service on an ordinary page is not a bot check."""
    page = LastPage(head=bytearray(b'<script src="/cdn-cgi/challenge-platform/jsd.js">'))

    assert isinstance(meaning_of(UnsupportedError(SOURCE.url), page), UnsupportedSourceError)


def test_messages_of_a_site_are_one_clean_line() -> None:
    """They cannot forge lines or links in logs and lists."""
    text = str(said("bad\x1b[31m\nERROR: see https://evil.invalid/?token=1 " + "x" * 500))

    assert "\x1b" not in text
    assert "\n" not in text
    assert "evil.invalid" not in text
    assert len(text) < 250


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Join this channel to get access to members-only content like this video", "membership"),
        ("This video is available to this channel's members on level: Gold", "membership"),
        ("This video is only available for members", "membership"),
        ("Only subscribers. This content is subscribers only", "membership"),
        ("This video is only available for registered members. Use --cookies", "login"),
        ("You need to log in to access this content", "login"),
        ("Sign in to confirm your age. This video may be inappropriate", "age_check"),
    ],
)
def test_what_a_person_would_need(text: str, kind: str) -> None:
    """A membership, a login and a proof of age are different states of a video."""
    error = said(text)

    assert isinstance(error, NeedsPersonError)
    assert kind_of(error.reason) == f"{kind}_wanted"
