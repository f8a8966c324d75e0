"""Convert the result of yt-dlp to streams."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias
from urllib.parse import urldefrag, urlsplit

import attrs

from aniworld_core.domain.media import Language, MediaSource, Stream, StreamKind, parse_language
from aniworld_core.errors import (
    AddressRefusedError,
    InvalidLanguageError,
    InvalidLinkError,
    ProtectedError,
    UnsupportedSourceError,
)
from aniworld_core.messages import Message
from aniworld_providers.network import AddressGuard
from aniworld_providers.ytdlp.subtitles import subtitles_of

#: An `info_dict` or one of its formats; every value comes from a page.
Facts: TypeAlias = Mapping[str, Any]
#: Function that returns the `Cookie` header for a link, if any.
CookieJar: TypeAlias = Callable[[str], str | None]

_KINDS: Final = {
    "http": StreamKind.DIRECT,
    "https": StreamKind.DIRECT,
    "m3u8": StreamKind.HLS,
    "m3u8_native": StreamKind.HLS,
    "http_dash_segments": StreamKind.DASH,
}
#: Headers of a single request or connection; the fetcher sets its own.
_OWN_HEADERS: Final = frozenset(
    {
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "cookie",
        "host",
        "if-range",
        "proxy-authorization",
        "range",
        "te",
        "transfer-encoding",
        "upgrade",
        "x-forwarded-for",
    }
)


def streams_from_info(
    info: Facts, source: MediaSource, guard: AddressGuard, cookies: CookieJar
) -> tuple[Stream, ...]:
    """Return the streams of the one video of a page, best first.

    Raises:
        ProtectedError: If all streams are protected.
        UnsupportedSourceError: If it is live, several videos, or nothing that can be fetched.
        AddressRefusedError: If the guard refuses all links.
    """
    video = _only_video(info, source)
    if video.get("is_live") or video.get("live_status") in {"is_live", "is_upcoming", "post_live"}:
        raise UnsupportedSourceError(source.hoster, Message("live_broadcast"))
    formats = _formats(video)
    found = list(_unique(_offers(formats, source, video, cookies)))
    permitted, refusal = _permitted(found, guard)
    if permitted:
        shared = tuple(pair for pair in permitted[0].headers if pair[0] != "Cookie")
        beside = source.subtitles + subtitles_of(video, guard, shared)
        return tuple(attrs.evolve(stream, subtitles=beside) for stream in permitted)
    if refusal is not None:
        raise refusal
    if video.get("_has_drm") or any(entry.get("has_drm") is True for entry in formats):
        raise ProtectedError(source.hoster, "DRM")
    raise UnsupportedSourceError(source.hoster, Message("no_complete_video"))


def _only_video(info: Facts, source: MediaSource) -> Facts:
    kind = info.get("_type") or "video"
    if kind == "video":
        return info
    if kind == "playlist":
        entries = [entry for entry in info.get("entries") or () if entry]
        if len(entries) == 1:
            return _only_video(entries[0], source)
        if entries:
            # Picking one would be a guess, and a wrong guess gives a wrong file.
            raise UnsupportedSourceError(source.hoster, Message("several_videos_on_page"))
    if kind == "multi_video":
        raise UnsupportedSourceError(source.hoster, Message("video_in_parts"))
    raise UnsupportedSourceError(source.hoster, Message("no_video_on_page"))


def _formats(video: Facts) -> Sequence[Facts]:
    listed = video.get("formats")
    return [entry for entry in listed if entry] if listed else [video]


def _offers(
    formats: Sequence[Facts], source: MediaSource, video: Facts, cookies: CookieJar
) -> Iterator[Stream]:
    for entry in reversed(formats):  # yt-dlp lists the best last
        kind = _KINDS.get(_text(entry.get("protocol")))
        if kind is None or entry.get("has_drm") is True or not _has_picture(entry):
            continue
        manifest = "" if kind is StreamKind.DIRECT else _text(entry.get("manifest_url"))
        alone = kind is not StreamKind.DASH and entry.get("acodec") != "none"
        link = manifest or (_text(entry.get("url")) if alone else "")
        if not link:
            continue  # video without audio, or fragments without a manifest
        same = [e for e in formats if e.get("manifest_url") == manifest] if manifest else [entry]
        is_itself = link == source.url
        yield Stream(
            url=urldefrag(link).url,
            kind=kind,
            headers=_headers(entry, link, source, cookies),
            language=source.language or _language(entry.get("language")),
            height=_tallest(same) or source.height,
            size=_whole(entry.get("filesize")) if kind is StreamKind.DIRECT else None,
            checksum=source.checksum if is_itself else None,
            duration=source.duration or _seconds(video.get("duration")),
            reach=source.reach,
            provider=source.provider,
            hoster=source.hoster,
        )


def _has_picture(entry: Facts) -> bool:
    """Return whether it may have video; for plain links this is unknown and they pass."""
    return entry.get("vcodec") != "none"


def _unique(streams: Iterable[Stream]) -> Iterator[Stream]:
    seen: set[str] = set()
    for stream in streams:
        if stream.url not in seen:
            seen.add(stream.url)
            yield stream


def _permitted(
    streams: Iterable[Stream], guard: AddressGuard
) -> tuple[list[Stream], AddressRefusedError | None]:
    permitted: list[Stream] = []
    refusal: AddressRefusedError | None = None
    for stream in streams:
        try:
            guard.check_url(stream.url)
        except InvalidLinkError:
            continue
        except AddressRefusedError as exc:
            refusal = exc
        else:
            permitted.append(stream)
    return permitted, refusal


def _headers(
    entry: Facts, link: str, source: MediaSource, cookies: CookieJar
) -> tuple[tuple[str, str], ...]:
    given = entry.get("http_headers") or {}
    headers = [
        (str(name), str(value))
        for name, value in given.items()
        if str(name).lower() not in _OWN_HEADERS and _is_plain(f"{name}{value}")
    ]
    # The fetcher sends these headers to every host of the media. So a cookie is added only for a
    # plain file on the page's own host.
    if _text(entry.get("protocol")) in {"http", "https"} and _host(link) == _host(source.url):
        cookie = cookies(link)
        if cookie and _is_plain(cookie):
            headers.append(("Cookie", cookie))
    return tuple(headers)


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _host(link: str) -> str | None:
    try:
        return urlsplit(link).hostname
    except ValueError:
        return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _tallest(formats: Iterable[Facts]) -> int | None:
    return max(filter(None, (_whole(entry.get("height")) for entry in formats)), default=None)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and 0 < value < 1e6 else None


def _language(value: object) -> Language | None:
    try:
        return parse_language(_text(value))
    except InvalidLanguageError:
        return None
