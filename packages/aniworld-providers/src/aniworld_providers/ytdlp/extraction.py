"""One extraction by yt-dlp: http and https only, no files written, no programs started.

Runs in a separate process. This module imports yt-dlp, which takes a while.
"""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, Final

import yt_dlp.globals
from yt_dlp import YoutubeDL
from yt_dlp.networking import RequestDirector

from aniworld_core.domain.media import Extra, MediaSource, Stream
from aniworld_core.errors import AdapterBrokenError, AniworldError, UnsupportedSourceError
from aniworld_core.messages import Message
from aniworld_providers.network import AddressGuard
from aniworld_providers.ytdlp.additions import add_sponsors
from aniworld_providers.ytdlp.failures import explain
from aniworld_providers.ytdlp.job import Job
from aniworld_providers.ytdlp.network import GuardedRH, LastPage
from aniworld_providers.ytdlp.sockets import GuardedConnections
from aniworld_providers.ytdlp.streams import streams_from_info

# Any installed distribution could add a plug-in. To support more hosters, install a resolver:
# it has a name and can be switched off.
yt_dlp.globals.plugin_dirs.value = []

#: Extractors that open pages in a browser program, past the address guard.
_BROWSER_USERS: Final = ("iqiyi.*", "iq\\.com.*", "douyu.*", "pornhub.*")


class _Silence:
    """Discard the messages of yt-dlp."""

    def debug(self, message: str) -> None:
        """Discard a message."""

    warning = error = info = debug


class _GuardedYoutubeDL(YoutubeDL):  # type: ignore[misc]  # yt-dlp has no types
    def __init__(
        self, options: Mapping[str, Any], connections: GuardedConnections, page: LastPage
    ) -> None:
        self._handler = partial(GuardedRH, connections=connections, page=page)
        super().__init__(dict(options))

    def build_request_director(self, handlers: object, preferences: object = None) -> Any:
        # Leave out yt-dlp's own handlers, which connect anywhere.
        return super().build_request_director([self._handler], set())

    def require_guard(self) -> None:
        """Raise an error unless every request of yt-dlp goes through the guard.

        Raises:
            AdapterBrokenError: If the installed release works differently.
        """
        director: RequestDirector = self._request_director
        if any(type(handler) is not GuardedRH for handler in director.handlers.values()):
            reason = Message("ytdlp_unguarded")
            raise AdapterBrokenError("aniworld.resolver", "ytdlp", reason)


def options_for(source: MediaSource, *, answer_within: float, cookies: str) -> dict[str, Any]:
    """Return the options of an extraction; all that writes, runs or evades is off."""
    return {
        "logger": _Silence(),
        "quiet": True,
        "no_warnings": True,
        "noprogress": True,
        "color": "no_color",
        "skip_download": True,
        "check_formats": False,  # a check would download
        "noplaylist": True,
        "playlistend": 3,
        "cachedir": False,
        "enable_file_urls": False,
        "js_runtimes": {},
        "remote_components": (),
        "allowed_extractors": ["default", *(f"-{name}" for name in _BROWSER_USERS)],
        "geo_bypass": False,  # a fake location would circumvent a block
        "proxy": "",  # no proxy, not even that of the environment
        "socket_timeout": answer_within,
        "extractor_retries": 1,
        "http_headers": dict(source.headers),
        # A text instead of a path: yt-dlp writes its cookies back at the end.
        **({"cookiefile": io.StringIO(cookies)} if cookies else {}),
    }


def find_streams(job: Job) -> tuple[Stream, ...]:
    """Extract the streams of a page; blocks until the site has answered.

    Raises:
        AniworldError: What `StreamResolver.resolve` raises.
    """
    options = {
        **options_for(job.source, answer_within=job.answer_within, cookies=job.cookies),
        "sleep_interval_requests": job.pause,
        # Without these, many extractors do not request the list of subtitles. Nothing is written.
        "writesubtitles": True,
        "writeautomaticsub": Extra.AUTOMATIC_SUBTITLES in job.source.extras,
    }
    with guarded_extractor(job.source, job.allowed, job.now, options) as (extractor, guard):
        info = extractor.extract_info(job.source.url, download=False)
        if Extra.SPONSORBLOCK in job.source.extras:
            add_sponsors(extractor, info)
        cookies = extractor.cookiejar.get_cookie_header
        return streams_from_info(info or {}, job.source, guard, cookies)


@contextmanager
def guarded_extractor(
    source: MediaSource, allowed: frozenset[str], now: datetime, options: Mapping[str, Any]
) -> Iterator[tuple[YoutubeDL, AddressGuard]]:
    """Open a `YoutubeDL` whose connections pass the address guard, and map its errors.

    Raises:
        AniworldError: What `StreamResolver.resolve` raises.
    """
    connections, page = GuardedConnections(AddressGuard(allowed)), LastPage()
    try:
        with _GuardedYoutubeDL(options, connections, page) as extractor:
            extractor.require_guard()
            yield extractor, connections.guard
    except AniworldError:
        raise
    except Exception as exc:
        # The 1,800 extractors can raise anything for an unexpected page.
        meaning = explain(exc, source, page, now)
        if connections.refusal is not None and isinstance(meaning, UnsupportedSourceError):
            raise connections.refusal from exc
        raise meaning from exc
    finally:
        connections.close()
