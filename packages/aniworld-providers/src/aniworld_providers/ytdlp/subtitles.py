"""Subtitle files that yt-dlp found beside a video."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import attrs

from aniworld_core.domain.media import Language
from aniworld_core.domain.subtitles import Subtitle
from aniworld_core.errors import AddressRefusedError, InvalidLinkError
from aniworld_providers.media.probe.language_names import language_named
from aniworld_providers.network import AddressGuard

#: Supported formats, best first.
_FORMATS: Final = ("vtt", "srt", "ass", "ssa")
#: Protocols of a subtitle in one plain file; other subtitles are in the manifest anyway.
_PROTOCOLS: Final = frozenset({"", "http", "https"})
#: Most languages to read.
_MOST: Final = 300
#: End of the tag of automatic captions in the language that was recognised.
_ORIGINAL: Final = "-orig"


def subtitles_of(
    video: Mapping[str, Any],
    guard: AddressGuard,
    headers: tuple[tuple[str, str], ...],
    *,
    spoken: Language | None = None,
    with_automatic: bool = False,
) -> tuple[Subtitle, ...]:
    """Return one subtitle per language.

    Args:
        video: Result of yt-dlp; every value comes from a page.
        guard: The address guard.
        headers: Headers of the video's stream, without secrets.
        spoken: Language of the video; automatic captions in another one are translations.
        with_automatic: Whether to add automatic captions in languages without other subtitles.
    """
    found = [subtitle for _, subtitle in _found(video.get("subtitles"), guard, headers)]
    if not with_automatic:
        return tuple(found)
    taken = {subtitle.language for subtitle in found}
    captions = list(_found(video.get("automatic_captions"), guard, headers))
    # Sites mark the language that was recognised; the others are machine translations of it.
    for tag, caption in sorted(captions, key=lambda pair: not pair[0].endswith(_ORIGINAL)):
        if caption.language not in taken:
            taken.add(caption.language)
            is_spoken = spoken is not None and caption.language == spoken.audio
            is_original = is_spoken or len(captions) == 1 or tag.endswith(_ORIGINAL)
            found.append(attrs.evolve(caption, translated=not is_original))
    return tuple(found)


def _found(
    listed: object, guard: AddressGuard, headers: tuple[tuple[str, str], ...]
) -> Iterator[tuple[str, Subtitle]]:
    for key, offers in list(listed.items())[:_MOST] if isinstance(listed, Mapping) else ():
        entries = [e for e in offers if isinstance(e, Mapping)] if isinstance(offers, list) else []
        usable = [entry for entry in entries if _is_usable(entry, guard)]
        best = min(usable, key=lambda entry: _FORMATS.index(str(entry.get("ext"))), default=None)
        if best is not None:
            tag = str(key)
            name = f"{tag} {best.get('name') or ''}"
            named = tag.removesuffix(_ORIGINAL).replace("_", "-")
            yield (
                tag,
                Subtitle.called(
                    name,
                    url=str(best["url"]),
                    headers=headers,
                    language=language_named(named, name),
                ),
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
