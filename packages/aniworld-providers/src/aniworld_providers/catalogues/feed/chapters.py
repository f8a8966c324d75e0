"""Chapters and transcripts of podcasts.

Sources: Podlove Simple Chapters (https://podlove.org/simple-chapters/), and the elements `chapters`
and `transcript` of the podcast namespace (https://github.com/Podcastindex-org/podcast-namespace).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from aniworld_core.domain.media import Chapter
from aniworld_providers.catalogues.feed.feed import FeedText
from aniworld_providers.catalogues.feed.items import text_of
from aniworld_providers.catalogues.feed.media import link_of, time_of
from aniworld_providers.media.link_kinds import suffix_of

#: Most chapters of an item.
_MOST: Final = 500
_LONGEST_TAG: Final = 35
#: Types of transcripts that are subtitles; HTML and JSON are not.
_FORMATS: Final = {
    "text/vtt": "vtt",
    "application/x-subrip": "srt",
    "application/srt": "srt",
    "text/srt": "srt",
}
_BEST_FIRST: Final = ("vtt", "srt")


def simple_chapters(entry: Mapping[str, Any]) -> tuple[Chapter, ...]:
    """Return the Podlove chapters of an entry of feedparser."""
    found = entry.get("psc_chapters")
    listed = found.get("chapters") if isinstance(found, Mapping) else None
    return _chapters(listed, "start", "end") if isinstance(listed, list) else ()


def read_chapters(text: str) -> tuple[Chapter, ...]:
    """Return the chapters of a JSON file; empty if it has another form.

    Chapters that are marked as no part of the table of contents are left out.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    listed = found.get("chapters") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        return ()
    shown = (each for each in listed if not isinstance(each, dict) or each.get("toc") is not False)
    return _chapters(shown, "startTime", "endTime")


def texts_of(entry: Mapping[str, Any], base: str, spoken: str | None) -> tuple[FeedText, ...]:
    """Return the transcripts of an entry that can be shown as subtitles, one per language.

    Args:
        entry: Entry of feedparser, with a list of transcripts.
        base: Link of the feed, for relative links.
        spoken: Language of the feed, which is that of a transcript that names none.
    """
    listed = entry.get("podcast_transcript")
    best: dict[str, tuple[int, FeedText]] = {}
    for raw in listed if isinstance(listed, list) else ():
        url = link_of(raw.get("url"), base)
        rank = _rank(text_of(raw.get("type")), url)
        if not url or rank is None:
            continue
        language = language_of(raw) or spoken
        name = (language or "").lower().replace("_", "-")
        if name not in best or rank < best[name][0]:
            best[name] = rank, FeedText(url=url, language=language)
    return tuple(text for _, text in best.values())


def language_of(element: Mapping[str, Any]) -> str | None:
    """Return the language tag that an element of feedparser names."""
    return text_of(element.get("language"), _LONGEST_TAG) or None


def _rank(type_: str, url: str) -> int | None:
    """Return the place of a format among the usable ones, 0 for the best; `None` for others."""
    format_ = _FORMATS.get(type_.lower().partition(";")[0].strip()) or suffix_of(urlsplit(url).path)
    return _BEST_FIRST.index(format_) if format_ in _BEST_FIRST else None


def chapters_link(entry: Mapping[str, Any], base: str) -> str | None:
    """Return the link of an entry's file of chapters."""
    found = entry.get("podcast_chapters")
    return (link_of(found.get("url"), base) or None) if isinstance(found, Mapping) else None


def _chapters(listed: Iterable[object], start: str, end: str) -> tuple[Chapter, ...]:
    found = sorted(_each(listed, start, end), key=lambda chapter: chapter.start)
    return tuple(found[:_MOST])


def _each(listed: Iterable[object], start: str, end: str) -> Iterator[Chapter]:
    for raw in listed:
        begins = time_of(raw.get(start)) if isinstance(raw, Mapping) else None
        if isinstance(raw, Mapping) and begins is not None:
            ends = time_of(raw.get(end))
            # An end that is not given is that of the film or the start of the next one.
            yield Chapter(
                start=begins, end=begins if ends is None else ends, title=text_of(raw.get("title"))
            )
