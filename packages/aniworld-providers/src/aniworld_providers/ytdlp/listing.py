"""List the entries of a channel, playlist or series page with yt-dlp, one page at a time.

Runs in a separate process. Entries are reduced to a few fields as they arrive, so a list of
thousands needs little memory, and reading stops at stored entries: further pages of the list
are not requested.
"""

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from yt_dlp import YoutubeDL

from aniworld_core.domain.plain_text import one_line
from aniworld_core.errors import UnsupportedSourceError
from aniworld_core.messages import Message
from aniworld_providers.ytdlp.extraction import guarded_extractor, options_for
from aniworld_providers.ytdlp.job import EntryState, ListedEntry, Listing, ListingJob

#: Most entries of one list.
MAX_ENTRIES: Final = 20_000
#: Stored entries in a row at which a refresh ends.
KNOWN_IN_A_ROW: Final = 8
#: Most characters of a title and of a description.
_TITLE: Final = 300
_DESCRIPTION: Final = 4000
#: Most links from one list to the next: a short link, then a channel, then its tab.
_MAX_HOPS: Final = 5
#: Most levels of lists within lists.
_MAX_DEPTH: Final = 3
#: `live_status` of yt-dlp → state; `was_live` is a recording.
_LIVE: Final = {
    "is_live": EntryState.LIVE,
    "post_live": EntryState.LIVE,
    "is_upcoming": EntryState.UPCOMING,
    "was_live": EntryState.AVAILABLE,
}
#: Age from which sites ask for a proof of age.
_OF_AGE: Final = 18
#: `availability` of yt-dlp → state; `public` and `unlisted` are available.
_AVAILABILITY: Final = {
    "private": EntryState.PRIVATE,
    "premium_only": EntryState.MEMBERS_ONLY,
    "subscriber_only": EntryState.MEMBERS_ONLY,
    "needs_auth": EntryState.LOGIN,
}
#: Titles that sites give to entries that cannot be watched.
_PLACEHOLDERS: Final = {
    "[private video]": EntryState.PRIVATE,
    "[deleted video]": EntryState.GONE,
}


def list_entries(job: ListingJob) -> Listing:
    """List a page; blocks until its site has answered.

    Raises:
        UnsupportedSourceError: If the page is no list and no video that yt-dlp reads.
        AniworldError: What `StreamResolver.resolve` raises.
    """
    options = {
        **options_for(job.source, answer_within=job.answer_within, cookies=job.cookies),
        "noplaylist": False,
        "playlistend": None,
        "lazy_playlist": True,
        "sleep_interval_requests": job.pause,
        # Without it, channels of YouTube list no dates. Older ones are rounded to months or years.
        "extractor_args": {"youtubetab": {"approximate_date": [""]}},
    }
    with guarded_extractor(job.source, job.allowed, job.now, options) as (extractor, _guard):
        return _listing(extractor, job)


def _listing(extractor: YoutubeDL, job: ListingJob) -> Listing:
    info = _resolved(extractor, job)
    link = _link(info.get("webpage_url")) or _link(info.get("original_url")) or job.url
    name = _text(info.get("extractor_key")) or _text(info.get("ie_key")) or "Generic"
    is_single = (info.get("_type") or "video") not in {"playlist", "multi_video"}
    if is_single:
        entry = listed_entry(info, name)
        entries, is_whole = [entry or ListedEntry(id=f"{name}:{link}", url=link)], True
    else:
        entries, is_whole = read_list(_entries(extractor, info, name, _MAX_DEPTH), job.known)
    if not entries and is_whole:
        raise UnsupportedSourceError(job.source.hoster, Message("no_video_on_page"))
    covers = [*_thumbnails(info)]
    return Listing(
        extractor=name,
        id=_text(info.get("id")) or link,
        link=link,
        title=_text(info.get("series") if is_single else None)
        or _text(info.get("title"))
        or _text(info.get("channel"))
        or _text(info.get("uploader")),
        description=_text(info.get("description"), _DESCRIPTION, lines=True),
        cover_url=covers[-1] if covers else None,
        is_whole=is_whole,
        is_single=is_single,
        entries=tuple(entries),
    )


def _resolved(extractor: YoutubeDL, job: ListingJob) -> Mapping[str, Any]:
    """Follow links from one page to the next until there is a list or a video."""
    url, key = job.url, None
    above: dict[str, Any] = {}
    for _ in range(_MAX_HOPS):
        info = extractor.extract_info(url, download=False, process=False, ie_key=key) or {}
        kind = info.get("_type") or "video"
        if kind not in {"url", "url_transparent"}:
            return {**info, **above}
        if kind == "url_transparent":
            facts = ("id", "title", "description", "thumbnail", "series")
            above = {name: info[name] for name in facts if info.get(name)} | above
        url, key = str(info.get("url") or ""), info.get("ie_key")
    raise UnsupportedSourceError(job.source.hoster, Message("no_video_on_page"))


def _entries(
    extractor: YoutubeDL, info: Mapping[str, Any], name: str, depth: int
) -> Iterator[ListedEntry]:
    """Yield the entries of a list and of the lists in it; request each page when it is needed."""
    for found in info.get("entries") or ():
        if not isinstance(found, Mapping):
            continue
        kind, key = found.get("_type") or "video", found.get("ie_key")
        if kind == "playlist" and depth:
            yield from _entries(extractor, found, name, depth - 1)
        elif kind == "url" and depth and key and _lists(extractor, key):
            inner = extractor.extract_info(found["url"], download=False, process=False, ie_key=key)
            yield from _entries(extractor, inner or {}, str(key), depth - 1)
        else:
            entry = listed_entry(found, _text(key) or name)
            if entry is not None:
                yield entry


def _lists(extractor: YoutubeDL, key: str) -> bool:
    return getattr(extractor.get_info_extractor(key), "_RETURN_TYPE", None) == "playlist"


def read_list(
    found: Iterator[ListedEntry], known: frozenset[str]
) -> tuple[list[ListedEntry], bool]:
    """Return the entries of a list up to several stored ones in a row, and whether it ended.

    Stored entries are among them: sites keep old entries before new ones, such as a pinned video.
    The first page of a list usually has more entries than the row, so no request is added.

    Args:
        found: The entries, each read when it is needed.
        known: Ids of stored entries; empty reads all.
    """
    entries: dict[str, ListedEntry] = {}
    row = 0
    for entry in found:
        if entry.id in entries:
            continue  # a list that grows while it is read shows entries of the last page again
        entries[entry.id] = entry
        row = row + 1 if entry.id in known else 0
        if row >= KNOWN_IN_A_ROW:
            return list(entries.values()), False
        if len(entries) >= MAX_ENTRIES:
            break
    return list(entries.values()), True


def listed_entry(info: Mapping[str, Any], extractor: str) -> ListedEntry | None:
    """Return an entry of an `info_dict`; `None` if it has no http link.

    Fields of another type or outside their range are left out.
    """
    url = _link(info.get("webpage_url")) or _link(info.get("url"))
    if not url:
        return None
    title = _text(info.get("episode")) or _text(info.get("title"))
    id_ = _text(info.get("id"))
    return ListedEntry(
        id=f"{extractor}:{id_}" if id_ else url,
        url=url,
        title=title,
        season=_whole(info.get("season_number"), least=0),
        number=_whole(info.get("episode_number"), least=1),
        published=_published(info),
        duration=_seconds(info.get("duration")),
        language=_text(info.get("language")) or None,
        state=_state(info, title),
        is_live=_text(info.get("live_status")) in _LIVE or info.get("is_live") is True,
        is_short=_text(info.get("media_type")) == "short" or "/shorts/" in urlsplit(url).path,
    )


def _state(info: Mapping[str, Any], title: str) -> EntryState:
    placeholder = _PLACEHOLDERS.get(title.lower())
    if placeholder is not None:
        return placeholder
    live = _LIVE.get(_text(info.get("live_status")), EntryState.AVAILABLE)
    if live is EntryState.AVAILABLE and info.get("is_live") is True:
        live = EntryState.LIVE
    if live is not EntryState.AVAILABLE:
        return live
    state = _AVAILABILITY.get(_text(info.get("availability")), EntryState.AVAILABLE)
    if state is EntryState.LOGIN and (_whole(info.get("age_limit"), least=0) or 0) >= _OF_AGE:
        return EntryState.AGE
    if state is EntryState.AVAILABLE and _has_only_audio(info):
        return EntryState.AUDIO_ONLY
    return state


def _has_only_audio(info: Mapping[str, Any]) -> bool:
    formats = info.get("formats")
    listed = [info, *formats] if isinstance(formats, list) else [info]
    known = [each.get("vcodec") for each in listed if isinstance(each, Mapping)]
    stated = [codec for codec in known if codec is not None]
    return bool(stated) and all(codec == "none" for codec in stated)


def _published(info: Mapping[str, Any]) -> str | None:
    for name in ("release_timestamp", "timestamp"):
        value = info.get(name)
        if isinstance(value, int | float) and math.isfinite(value) and 0 < value < 1e11:
            return datetime.fromtimestamp(value, UTC).date().isoformat()
    for name in ("release_date", "upload_date"):
        text = _text(info.get(name))
        try:
            return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date().isoformat()
        except ValueError:
            continue
    return None


def _thumbnails(info: Mapping[str, Any]) -> Iterator[str]:
    listed = info.get("thumbnails")
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, Mapping) and _link(entry.get("url")):
            yield _link(entry["url"])
    if _link(info.get("thumbnail")):
        yield _link(info["thumbnail"])


def _text(value: object, most: int = _TITLE, *, lines: bool = False) -> str:
    """Return a text of a page without control characters; spaces are joined unless *lines*."""
    return one_line(value, most, lines=lines) if isinstance(value, str) else ""


def _link(value: object) -> str:
    if not isinstance(value, str):
        return ""
    try:
        parts = urlsplit(value)
    except ValueError:
        return ""
    return value if parts.scheme in {"http", "https"} and parts.hostname else ""


def _whole(value: object, *, least: int) -> int | None:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and least <= value <= 9999 else None  # type: ignore[operator, return-value]


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and 0 < value < 1e6 else None
