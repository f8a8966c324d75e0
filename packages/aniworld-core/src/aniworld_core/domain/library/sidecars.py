"""NFO files of series, seasons and episodes, as Kodi and Jellyfin read them.

Sources: kodi.wiki (NFO files/TV shows) and jellyfin.org/docs (Local .nfo metadata).

Each file ends with a comment that holds the SHA-256 of everything before it. A file whose
comment still fits was written by this program and was not changed since; any other file belongs
to somebody else. The comment of `tvshow.nfo` also holds the digests of the pictures beside it.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from aniworld_core.domain.catalogue import Episode, Series
from aniworld_core.domain.library.files import FileFacts

#: Largest NFO file that is read; a longer one is somebody else's.
MAX_NFO_BYTES: Final = 1 << 20
_DECLARATION: Final = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MARK: Final = re.compile(
    rb"<!-- aniworld ([0-9a-f]{64})((?: [a-z0-9.-]{1,60}=[0-9a-f]{64}){0,8}) -->\n\Z"
)
#: Characters that XML 1.0 does not allow (section 2.2).
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Longest comment at the end of a file.
_MARK_BYTES: Final = 2048


def render_series_nfo(series: Series, pictures: Mapping[str, str] | None = None) -> bytes:
    """Return the content of `tvshow.nfo`.

    Args:
        series: The series.
        pictures: Name → SHA-256 of the pictures beside the file that this program wrote.
    """
    root = Element("tvshow")
    _add(root, "title", series.name)
    for title in series.alternative_titles[:1]:
        _add(root, "originaltitle", title)
    _add(root, "plot", series.description)
    _add(root, "year", series.year)
    if series.end_year is not None:
        _add(root, "status", "Ended")
    for genre in series.genres:
        _add(root, "genre", genre)
    for number, (database, value) in enumerate(_ids(series)):
        unique = _add(root, "uniqueid", value, type=database)
        if unique is not None and not number:
            unique.set("default", "true")
    if series.added_at is not None:
        _add(root, "dateadded", f"{series.added_at:%Y-%m-%d %H:%M:%S}")
    return _marked(_document(root), pictures or {})


def render_season_nfo(season: int) -> bytes:
    """Return the content of `season.nfo`; media servers show season 0 as specials.

    It has no title, so that each media server shows its own word for a season.
    """
    root = Element("season")
    _add(root, "seasonnumber", season)
    return _marked(_document(root), {})


def render_episode_nfo(
    series: Series, episodes: Sequence[Episode], facts: FileFacts | None = None
) -> bytes:
    """Return the content of the NFO beside an episode file.

    A file with several episodes gets one root element for each: media servers read such a file
    although it is no well-formed document.

    Args:
        series: The series.
        episodes: The episodes in the file, at least one.
        facts: Facts about its media, if they are known.
    """
    roots = [
        _episode(series, each, number, facts) for each in episodes for number in _numbers(each)
    ]
    return _marked(b"".join(map(_document, roots)), {})


def is_own_nfo(content: bytes) -> bool:
    """Return whether this program wrote the file and nobody changed it since."""
    match = _MARK.search(content, max(0, len(content) - _MARK_BYTES))
    if match is None:
        return False
    return hashlib.sha256(content[: match.start()] + match[2]).hexdigest().encode() == match[1]


def own_pictures(content: bytes) -> dict[str, str]:
    """Return the pictures that an own `tvshow.nfo` names: name → SHA-256."""
    match = _MARK.search(content, max(0, len(content) - _MARK_BYTES))
    if match is None or not is_own_nfo(content):
        return {}
    pairs = (pair.partition("=") for pair in match[2].decode("ascii").split())
    return {name: digest for name, _, digest in pairs}


def _episode(series: Series, episode: Episode, number: int, facts: FileFacts | None) -> Element:
    language = episode.file_language
    root = Element("episodedetails")
    _add(root, "title", episode.titles.preferred(language, episode.number))
    _add(root, "showtitle", series.name)
    _add(root, "season", episode.season)
    _add(root, "episode", number)
    if facts is None:
        return root
    if facts.duration_seconds:
        _add(root, "runtime", max(1, round(facts.duration_seconds / 60)))
    details = SubElement(SubElement(root, "fileinfo"), "streamdetails")
    if facts.video_codec:
        video = SubElement(details, "video")
        _add(video, "codec", facts.video_codec)
        _add(video, "height", facts.height)
        if facts.duration_seconds:
            _add(video, "durationinseconds", round(facts.duration_seconds))
    for codec, spoken in zip(facts.audio_codecs, facts.audio_languages, strict=False):
        audio = SubElement(details, "audio")
        _add(audio, "codec", codec)
        _add(audio, "language", spoken)
    for written in facts.subtitle_languages:
        _add(SubElement(details, "subtitle"), "language", written)
    return root


def _numbers(episode: Episode) -> range:
    return range(episode.number, (episode.last_number or episode.number) + 1)


def _ids(series: Series) -> Iterator[tuple[str, str]]:
    for identifier in series.external_ids:
        database, _, value = identifier.partition("-")
        # Ids of the source `nfo` mean nothing outside this library.
        if database and value and database != "nfo":
            yield database, value


def _add(parent: Element, name: str, value: str | int | None, **attributes: str) -> Element | None:
    """Add an element with a text; nothing for a value that is unknown."""
    text = _FORBIDDEN.sub("", "" if value is None else str(value)).strip()
    if not text:
        return None
    element = SubElement(parent, name, {k: _FORBIDDEN.sub("", v) for k, v in attributes.items()})
    element.text = text
    return element


def _document(root: Element) -> bytes:
    indent(root)
    content: bytes = tostring(root, encoding="utf-8")
    return content + b"\n"


def _marked(body: bytes, pictures: Mapping[str, str]) -> bytes:
    content = _DECLARATION + body
    named = "".join(f" {name}={digest}" for name, digest in sorted(pictures.items())).encode(
        "ascii"
    )
    digest = hashlib.sha256(content + named).hexdigest().encode("ascii")
    return content + b"<!-- aniworld " + digest + named + b" -->\n"
