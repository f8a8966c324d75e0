"""Convert the result of yt-dlp to streams."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias
from urllib.parse import urldefrag, urlsplit

import attrs

from aniworld_core.domain.media import (
    Extra,
    Language,
    MediaSource,
    Stream,
    StreamKind,
    parse_language,
)
from aniworld_core.errors import (
    AddressRefusedError,
    InvalidLanguageError,
    InvalidLinkError,
    ProtectedError,
    UnsupportedSourceError,
)
from aniworld_core.messages import Message
from aniworld_providers.network import AddressGuard
from aniworld_providers.ytdlp.additions import chapters_of, thumbnails_of
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
#: Most pairs of video and audio files per height, and most languages of each.
_MOST_PAIRS: Final = 2
_MOST_SOUNDS: Final = 20
#: Longest name of a format in characters.
_VARIANT: Final = 100
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
        beside = source.subtitles + subtitles_of(
            video,
            guard,
            shared,
            spoken=source.language or _language(video.get("language")),
            with_automatic=Extra.AUTOMATIC_SUBTITLES in source.extras,
        )
        named = source.chapters if Extra.CHAPTERS in source.extras else ()
        chapters = chapters_of(video, source.extras) or named
        thumbnails = thumbnails_of(video, guard, shared, source.extras)
        return tuple(
            attrs.evolve(stream, subtitles=beside, chapters=chapters, thumbnails=thumbnails)
            for stream in permitted
        )
    if refusal is not None:
        raise refusal
    if video.get("_has_drm") or any(entry.get("has_drm") is True for entry in formats):
        raise ProtectedError(source.hoster, "DRM")
    if formats and all(entry.get("vcodec") == "none" for entry in formats):
        raise UnsupportedSourceError(source.hoster, Message("only_audio"))
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
    sounds = _sounds(formats, source, cookies)
    is_silent = all(entry.get("acodec") == "none" for entry in formats)
    pairs: Counter[int | None] = Counter()
    for entry in reversed(formats):  # yt-dlp lists the best last
        kind = _KINDS.get(_text(entry.get("protocol")))
        if kind is None or entry.get("has_drm") is True or not _has_picture(entry):
            continue
        stream = _offer(formats, entry, kind, source, cookies)
        if stream is None:
            continue
        stream = attrs.evolve(
            stream, duration=source.duration or _seconds(video.get("duration")), reach=source.reach
        )
        has_no_sound = entry.get("acodec") == "none" and not is_silent
        # Beside separate audio, a file of unknown codecs probably has none; the fetcher will see.
        may_be_half = not entry.get("acodec") and bool(sounds)
        if kind is not StreamKind.DIRECT or not (has_no_sound or may_be_half):
            yield stream
        elif pairs[stream.height] < _MOST_PAIRS:
            pairs[stream.height] += 1
            for sound in sounds:
                yield attrs.evolve(
                    stream,
                    sound=attrs.evolve(sound, reach=source.reach),
                    language=source.language or sound.language or stream.language,
                    variant=f"{stream.variant}+{sound.variant}",
                )


def _offer(
    formats: Sequence[Facts],
    entry: Facts,
    kind: StreamKind,
    source: MediaSource,
    cookies: CookieJar,
) -> Stream | None:
    """Return the stream of a format; `None` if only yt-dlp can join its fragments."""
    manifest = "" if kind is StreamKind.DIRECT else _text(entry.get("manifest_url"))
    # A playlist of a single format without audio has no audio beside it.
    alone = kind is StreamKind.DIRECT or (kind is StreamKind.HLS and entry.get("acodec") != "none")
    link = manifest or (_text(entry.get("url")) if alone else "")
    if not link:
        return None
    same = [e for e in formats if e.get("manifest_url") == manifest] if manifest else [entry]
    return Stream(
        url=urldefrag(link).url,
        kind=kind,
        headers=_headers(entry, link, source, cookies),
        language=source.language or _language(entry.get("language")),
        height=_tallest(same) or source.height,
        size=_whole(entry.get("filesize")) if kind is StreamKind.DIRECT else None,
        checksum=source.checksum if link == source.url else None,
        provider=source.provider,
        hoster=source.hoster,
        variant=_text(entry.get("format_id"))[:_VARIANT],
    )


def _sounds(formats: Sequence[Facts], source: MediaSource, cookies: CookieJar) -> Sequence[Stream]:
    """Return the best audio file of each language, best first.

    If the catalogue names the language, only audio that may be in it is returned, where offered.
    """
    best: dict[Language | None, Stream] = {}
    for entry in reversed(formats):
        is_sound = entry.get("vcodec") == "none" and entry.get("acodec") != "none"
        is_file = _KINDS.get(_text(entry.get("protocol"))) is StreamKind.DIRECT
        if is_sound and is_file and entry.get("has_drm") is not True:
            found = _offer(formats, entry, StreamKind.DIRECT, source, cookies)
            language = _language(entry.get("language"))
            if found is not None:
                best.setdefault(language, attrs.evolve(found, language=language))
    wanted = source.language
    if wanted is not None:
        fitting = [
            sound
            for language, sound in best.items()
            if language is None or wanted.allows_audio(language.audio)
        ]
        return fitting or list(best.values())
    return list(best.values())[:_MOST_SOUNDS]


def _has_picture(entry: Facts) -> bool:
    """Return whether it may have video; for plain links this is unknown and they pass."""
    return entry.get("vcodec") != "none"


def _unique(streams: Iterable[Stream]) -> Iterator[Stream]:
    seen: set[tuple[str, str]] = set()
    for stream in streams:
        links = (stream.url, stream.sound.url if stream.sound is not None else "")
        if links not in seen:
            seen.add(links)
            yield stream


def _permitted(
    streams: Iterable[Stream], guard: AddressGuard
) -> tuple[list[Stream], AddressRefusedError | None]:
    permitted: list[Stream] = []
    refusal: AddressRefusedError | None = None
    for stream in streams:
        try:
            guard.check_url(stream.url)
            if stream.sound is not None:
                guard.check_url(stream.sound.url)
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
