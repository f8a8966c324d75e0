"""Chapters and pictures of a video as yt-dlp found them, and marks from SponsorBlock."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final
from urllib.parse import urlsplit

from yt_dlp import YoutubeDL
from yt_dlp.postprocessor.common import PostProcessor
from yt_dlp.postprocessor.sponsorblock import SponsorBlockPP
from yt_dlp.utils import PostProcessingError

from aniworld_core.domain.media import Chapter, Extra, Thumbnail
from aniworld_core.domain.plain_text import one_line
from aniworld_core.errors import AddressRefusedError, InvalidLinkError
from aniworld_providers.network import AddressGuard

#: Server of SponsorBlock; its address is public and cannot be configured.
SPONSORBLOCK: Final = "https://sponsor.ajay.app"
#: Most chapters or marks to read, and most characters of a title.
_MOST: Final = 2000
_TITLE: Final = 300
#: Most pictures of a video to offer.
_MOST_THUMBNAILS: Final = 6
#: Suffixes of pictures that no player shows as a cover; others are tried first.
_UNFIT: Final = (".webp", ".avif", ".gif", ".svg")


def chapters_of(video: Mapping[str, Any], extras: frozenset[Extra]) -> tuple[Chapter, ...]:
    """Return the wanted chapters of a video; marks of SponsorBlock divide them.

    Args:
        video: Result of yt-dlp; every value comes from a page.
        extras: What is wanted.
    """
    if extras.isdisjoint({Extra.CHAPTERS, Extra.SPONSORBLOCK}):
        return ()
    chapters = list(_read(video.get("chapters")))
    marks = list(_read(video.get("sponsorblock_chapters")))
    if not marks:
        return tuple(chapters)
    if not chapters:
        length = video.get("duration")
        end = _time(length) or max(mark.end for mark in marks)
        title = video.get("title")
        chapters = [Chapter(start=0, end=end, title=_text(title))]
    return tuple(_divided(chapters, marks))


def _read(listed: object) -> Iterator[Chapter]:
    for entry in listed[:_MOST] if isinstance(listed, list) else ():
        start = _time(entry.get("start_time")) if isinstance(entry, Mapping) else None
        if start is not None:
            end = _time(entry.get("end_time"))
            title = _text(entry.get("title"))
            if "_categories" in entry:
                title = f"[SponsorBlock] {title}"
            yield Chapter(start=start, end=start if end is None else end, title=title)


def _divided(chapters: Sequence[Chapter], marks: Sequence[Chapter]) -> Iterator[Chapter]:
    """Yield the parts of the chapters between the marks, and the marks."""
    times = sorted({time for each in (*chapters, *marks) for time in (each.start, each.end)})
    last: Chapter | None = None
    for start, end in pairwise(times):
        inside = (each for each in (*marks, *chapters) if each.start <= start and end <= each.end)
        owner = next(inside, None)
        if owner is None:
            continue
        if last is not None and last.title == owner.title and last.end == start:
            last = Chapter(start=last.start, end=end, title=owner.title)
            continue
        if last is not None:
            yield last
        last = Chapter(start=start, end=end, title=owner.title)
    if last is not None:
        yield last


def add_sponsors(extractor: YoutubeDL, video: Any) -> None:
    """Request the marks of a video from SponsorBlock and store them in its facts.

    SponsorBlock has them for YouTube only, and gets a part of a hash of the id. Without an answer
    there are no marks.
    """
    if not isinstance(video, dict) or not video.get("id") or not video.get("extractor_key"):
        return
    try:
        _SponsorBlock(extractor, api=SPONSORBLOCK).run(video)
    except (PostProcessingError, ArithmeticError, LookupError, TypeError, ValueError):
        video.pop("sponsorblock_chapters", None)


class _SponsorBlock(SponsorBlockPP):  # type: ignore[misc]  # yt-dlp has no types
    """The request only: the base class would look for ffmpeg, which cuts videos."""

    def __init__(self, extractor: YoutubeDL, api: str) -> None:
        PostProcessor.__init__(self, extractor)
        self._categories = tuple(self.CATEGORIES)
        self._API_URL = api


def thumbnails_of(
    video: Mapping[str, Any],
    guard: AddressGuard,
    headers: tuple[tuple[str, str], ...],
    extras: frozenset[Extra],
) -> tuple[Thumbnail, ...]:
    """Return the pictures of a video if they are wanted, best first.

    Args:
        video: Result of yt-dlp; every value comes from a page.
        guard: The address guard.
        headers: Headers of the video's stream, without secrets.
        extras: What is wanted.
    """
    if Extra.THUMBNAIL not in extras:
        return ()
    listed = video.get("thumbnails")
    entries = listed[-_MOST:] if isinstance(listed, list) else []
    links = [entry.get("url") for entry in reversed(entries) if isinstance(entry, Mapping)]
    links.append(video.get("thumbnail"))
    usable = dict.fromkeys(link for link in links if isinstance(link, str) and _may(link, guard))
    ranked = sorted(usable, key=lambda link: urlsplit(link).path.lower().endswith(_UNFIT))
    return tuple(Thumbnail(url=link, headers=headers) for link in ranked[:_MOST_THUMBNAILS])


def _may(link: str, guard: AddressGuard) -> bool:
    try:
        guard.check_url(link)
    except (AddressRefusedError, InvalidLinkError, ValueError):
        return False
    return True


def _time(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return float(value) if math.isfinite(value) and 0 <= value < 1e6 else None


def _text(value: object) -> str:
    return one_line(value, _TITLE) if isinstance(value, str) else ""
