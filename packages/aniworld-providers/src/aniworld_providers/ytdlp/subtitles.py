"""Subtitle files that yt-dlp found beside a video."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from aniworld_core.domain.subtitles import Subtitle
from aniworld_core.errors import AddressRefusedError, InvalidLinkError
from aniworld_providers.media.probe.language_names import language_named
from aniworld_providers.network import AddressGuard

#: Supported formats, best first.
_FORMATS: Final = ("vtt", "srt", "ass", "ssa")
#: Protocols of a subtitle in one plain file; other subtitles are in the manifest anyway.
_PROTOCOLS: Final = frozenset({"", "http", "https"})
#: Most languages to read.
_MOST: Final = 200


def subtitles_of(
    video: Mapping[str, Any], guard: AddressGuard, headers: tuple[tuple[str, str], ...]
) -> tuple[Subtitle, ...]:
    """Return one subtitle per language, without automatic captions.

    Args:
        video: Result of yt-dlp; every value comes from a page.
        guard: The address guard.
        headers: Headers of the video's stream, without secrets.
    """
    listed = video.get("subtitles")
    if not isinstance(listed, Mapping):
        return ()
    return tuple(_found(listed, guard, headers))


def _found(
    listed: Mapping[object, object], guard: AddressGuard, headers: tuple[tuple[str, str], ...]
) -> Iterator[Subtitle]:
    for tag, offers in list(listed.items())[:_MOST]:
        entries = [e for e in offers if isinstance(e, Mapping)] if isinstance(offers, list) else []
        usable = [entry for entry in entries if _is_usable(entry, guard)]
        best = min(usable, key=lambda entry: _FORMATS.index(str(entry.get("ext"))), default=None)
        if best is not None:
            name = f"{tag} {best.get('name') or ''}"
            yield Subtitle.called(
                name,
                url=str(best["url"]),
                headers=headers,
                language=language_named(str(tag).replace("_", "-"), name),
            )


def _is_usable(entry: Mapping[Any, Any], guard: AddressGuard) -> bool:
    url = entry.get("url")
    if not isinstance(url, str) or entry.get("ext") not in _FORMATS:
        return False
    try:
        is_plain = urlsplit(url).path.rpartition(".")[2].lower() not in {"m3u8", "mpd"}
        guard.check_url(url)
    except (AddressRefusedError, InvalidLinkError, ValueError):
        return False
    return is_plain and str(entry.get("protocol") or "") in _PROTOCOLS
