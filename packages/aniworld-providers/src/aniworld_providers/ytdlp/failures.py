"""Map failures of yt-dlp to errors of this project."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from yt_dlp.networking.exceptions import HTTPError, network_exceptions
from yt_dlp.utils import ExtractorError, GeoRestrictedError, UnsupportedError, YoutubeDLError

from aniworld_core.domain.media import MediaSource
from aniworld_core.errors import (
    AddressRefusedError,
    AniworldError,
    InvalidLinkError,
    NeedsPersonError,
    ProtectedError,
    ProviderUnavailableError,
    SourceGoneError,
    UnsupportedSourceError,
)
from aniworld_core.messages import Message
from aniworld_providers.network import is_temporary, transfer_wait
from aniworld_providers.ytdlp.network import LastPage

_Answer: TypeAlias = Callable[[MediaSource], AniworldError]


def _person(reason: str) -> _Answer:
    return lambda source: NeedsPersonError(source.hoster, source.url, reason)


def _gone(reason: str) -> _Answer:
    return lambda source: SourceGoneError(Message("video_at_host", host=source.hoster), reason)


def _unsupported(reason: str) -> _Answer:
    return lambda source: UnsupportedSourceError(source.hoster, reason)


def _matching(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


#: Characters of a message to search.
_LONGEST_MESSAGE: Final = 4000
#: Messages of yt-dlp and its extractors and their errors; the first match counts.
_MESSAGES: Final[tuple[tuple[re.Pattern[str], _Answer], ...]] = (
    (_matching(r"\bdrm\b"), lambda source: ProtectedError(source.hoster, "DRM")),
    (
        _matching(r"no longer supported since|primarily used for piracy|would be a liability"),
        _unsupported(Message("refused_by_policy")),
    ),
    (
        _matching(
            r"geo.?(?:restrict|block)|"
            r"(?:in|from|outside of) (?:your|this) (?:country|region|location)"
        ),
        _person(Message("region_blocked")),
    ),
    (
        _matching(
            r"captcha|anti-?bot|not a (?:bot|robot)|cloudflare|ddos-guard|verify (?:that )?you are"
        ),
        _person(Message("bot_check")),
    ),
    (
        _matching(r"rate.?limited|rate limit exceeded"),
        lambda source: ProviderUnavailableError(source.hoster, Message("site_asked_for_pause")),
    ),
    (
        _matching(
            r"been (?:removed|deleted|taken down|terminated)|"
            r"(?:was|is) (?:removed|deleted)|no longer (?:available|exists)|does(?: not|n't) exist|"
            r"(?:video|file|page|media|clip) (?:was |could )?not (?:be )?found"
        ),
        _gone(Message("site_says_gone")),
    ),
    (_matching(r"private video|video is private"), _gone(Message("site_says_private"))),
    (_matching(r"video (?:is )?unavailable"), _gone(Message("site_says_unavailable"))),
    (_matching(r"link (?:has |is )?expired"), _gone(Message("site_says_expired"))),
    (
        _matching(r"confirm your age|age.?(?:restrict|verif|check|gate)"),
        _person(Message("age_check_wanted")),
    ),
    (
        _matching(
            r"members?.only|(?:only|available|access).{0,40}\b(?<!registered )members\b|"
            r"join this channel|"
            r"subscribers? only|only (?:for|to) subscribers"
        ),
        _person(Message("membership_wanted")),
    ),
    (
        _matching(
            r"sign ?in|log ?in|registered users|--cookies|subscri(?:be|ption)|"
            r"password|premium|purchase"
        ),
        _person(Message("login_wanted")),
    ),
    (
        _matching(r"\blive (?:event|stream|broadcast)|not currently live|premieres? in|is_live"),
        _unsupported(Message("live_broadcast")),
    ),
)

#: Markers of a bot check. A script of the same company on an ordinary page is not a marker.
_CHECKS: Final = re.compile(
    rb"_cf_chl_opt|cf-turnstile|<title>\s*(?:just a moment|attention required!|ddos-guard|"
    rb"access denied|security check|bot (?:check|verification)|are you (?:a )?(?:human|robot))|"
    rb"checking your browser before|class=[\"'][^\"']*(?:g-recaptcha|h-captcha)",
    re.IGNORECASE,
)
_LINK: Final = re.compile(r"https?://\S+", re.IGNORECASE)
#: Absolute paths with at least two parts, as in the messages of the operating system.
_PATH: Final = re.compile(r"(?<![\w/])/[\w.-]++/[^\s'\"]++")
_LOGIN_PATH: Final = re.compile(
    r"/(?:log-?in|sign-?in|auth|account/login)(?:[/.]|$)", re.IGNORECASE
)


def explain(
    failure: BaseException, source: MediaSource, page: LastPage, now: datetime
) -> AniworldError:
    """Return the error for a failed extraction.

    Args:
        failure: The exception.
        source: The source of the extraction.
        page: The last page of the site.
        now: Current time, for waiting times.
    """
    chain = list(_chain(failure))
    for link in chain:
        if isinstance(link, AddressRefusedError):
            return link
        if isinstance(link, InvalidLinkError):
            return UnsupportedSourceError(source.hoster, link.reason)
        if isinstance(link, GeoRestrictedError):
            return NeedsPersonError(source.hoster, source.url, Message("region_blocked"))
    if _shows_check(page):
        return NeedsPersonError(source.hoster, source.url, Message("bot_check"))
    for link in chain:
        if isinstance(link, ExtractorError):
            message = _LINK.sub("", _said(link)[:_LONGEST_MESSAGE])
            for pattern, answer in _MESSAGES:
                if pattern.search(message):
                    return answer(source)
    for link in chain:
        if isinstance(link, HTTPError):
            return _from_status(link, source, now)
    if any(isinstance(link, network_exceptions) for link in chain):
        return ProviderUnavailableError(source.hoster, _short(_said(chain[-1])))
    return _nothing_found(chain, source, page)


def _nothing_found(
    chain: list[BaseException], source: MediaSource, page: LastPage
) -> AniworldError:
    if _LOGIN_PATH.search(urlsplit(page.url).path) and page.url != source.url:
        return NeedsPersonError(source.hoster, source.url, Message("login_wanted"))
    if any(isinstance(link, UnsupportedError) for link in chain):
        return UnsupportedSourceError(source.hoster, Message("no_media_link_on_page"))
    if any(isinstance(link, YoutubeDLError) for link in chain):
        said = next((_said(link) for link in chain if isinstance(link, ExtractorError)), "")
        return UnsupportedSourceError(source.hoster, _short(said or _said(chain[0])))
    broken = type(chain[0]).__name__
    return UnsupportedSourceError(source.hoster, Message("page_unreadable", detail=broken))


def _chain(failure: BaseException) -> Iterator[BaseException]:
    """Yield an exception and its causes, including those in attributes of yt-dlp."""
    waiting: list[object] = [failure]
    seen: set[int] = set()
    while waiting:
        link = waiting.pop(0)
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        kept = getattr(link, "exc_info", None) or (None, None)
        waiting += [getattr(link, "cause", None), kept[1], link.__cause__, link.__context__]


def _said(link: BaseException) -> str:
    return str(getattr(link, "orig_msg", None) or link)


def _short(text: str) -> str:
    """Return a text of unknown origin as one printable line without links and paths."""
    text = text[:_LONGEST_MESSAGE]
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    line = _PATH.sub("a file", _LINK.sub("the link", line.removeprefix("ERROR: ")))
    return line[:160] or "no reason given"


def _shows_check(page: LastPage) -> bool:
    if page.headers.get("cf-mitigated", "").lower() == "challenge":
        return True
    return _CHECKS.search(bytes(page.head)) is not None


def _from_status(failure: HTTPError, source: MediaSource, now: datetime) -> AniworldError:
    status = int(failure.status)
    if status in {404, 410}:
        return SourceGoneError(
            Message("video_at_host", host=source.hoster), Message("http_status", status=status)
        )
    if status == 451:
        reason = Message("legally_blocked", status=status)
        return NeedsPersonError(source.hoster, source.url, reason)
    if status in {401, 403, 407}:
        return NeedsPersonError(source.hoster, source.url, Message("http_status", status=status))
    if is_temporary(status):
        asked = failure.response.headers.get("Retry-After")
        wait = transfer_wait(asked, now) if asked else None
        return ProviderUnavailableError(
            source.hoster, Message("http_status", status=status), retry_after=wait
        )
    return UnsupportedSourceError(source.hoster, Message("http_status", status=status))
