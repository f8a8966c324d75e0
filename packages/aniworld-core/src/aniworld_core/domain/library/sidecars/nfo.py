"""NFO files of series, seasons and episodes, as Kodi and Jellyfin read them.

Sources: kodi.wiki (NFO files/TV shows) and jellyfin.org/docs (Local .nfo metadata).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from aniworld_core.domain.catalogue import Episode, Series
from aniworld_core.domain.library.files import FileFacts
from aniworld_core.domain.library.sidecars.facts import SidecarFacts
from aniworld_core.domain.library.sidecars.marks import marked

#: Characters that XML 1.0 does not allow (section 2.2).
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_FACTS: Final = SidecarFacts()


def render_series_nfo(
    series: Series, pictures: Mapping[str, str] | None = None, facts: SidecarFacts = _NO_FACTS
) -> bytes:
    """Return the content of `tvshow.nfo`.

    Args:
        series: The series.
        pictures: Name → SHA-256 of the pictures beside the file that this program wrote.
        facts: Facts of metadata sources.
    """
    root = Element("tvshow")
    _add(root, "title", series.name)
    _add(root, "originaltitle", facts.original_title or next(iter(series.alternative_titles), ""))
    _add(root, "plot", series.description)
    _add(root, "year", series.year)
    _add(root, "premiered", facts.premiered)
    _add(root, "enddate", facts.ended)
    if series.end_year is not None or facts.has_ended:
        _add(root, "status", "Ended")
    elif facts.has_ended is False:
        _add(root, "status", "Continuing")
    for genre in series.genres:
        _add(root, "genre", genre)
    for studio in facts.studios:
        _add(root, "studio", studio)
    for number, season in sorted(facts.seasons.items()):
        _add(root, "namedseason", season.title, number=str(number))
    for position, (database, value) in enumerate(_ids(series)):
        unique = _add(root, "uniqueid", value, type=database)
        if unique is not None and not position:
            unique.set("default", "true")
    if series.added_at is not None:
        _add(root, "dateadded", f"{series.added_at:%Y-%m-%d %H:%M:%S}")
    return marked(_document(root), pictures or {})


def render_season_nfo(season: int, facts: SidecarFacts = _NO_FACTS) -> bytes:
    """Return the content of `season.nfo`; media servers show season 0 as specials.

    Without a title in a metadata source it has none, so that each media server shows its own word
    for a season.
    """
    root = Element("season")
    _add(root, "seasonnumber", season)
    details = facts.seasons.get(season)
    if details is not None:
        _add(root, "title", details.title)
        _add(root, "plot", details.description)
    premiered = min((day for (s, _), day in facts.aired.items() if s == season), default=None)
    _add(root, "premiered", premiered)
    return marked(_document(root), {})


def render_episode_nfo(
    series: Series,
    episodes: Sequence[Episode],
    media: FileFacts | None = None,
    facts: SidecarFacts = _NO_FACTS,
    pictures: Mapping[str, str] | None = None,
) -> bytes:
    """Return the content of the NFO beside an episode file.

    A file with several episodes gets one root element for each: media servers read such a file
    although it is no well-formed document.

    Args:
        series: The series.
        episodes: The episodes in the file, at least one.
        media: Facts about its media, if they are known.
        facts: Facts of metadata sources.
        pictures: Name → SHA-256 of the thumb beside the file that this program wrote.
    """
    roots = [
        _episode(series, each, number, media, facts)
        for each in episodes
        for number in _numbers(each)
    ]
    return marked(b"".join(map(_document, roots)), pictures or {})


def _episode(
    series: Series, episode: Episode, number: int, media: FileFacts | None, facts: SidecarFacts
) -> Element:
    place = (episode.season, number)
    details = facts.episodes.get(place)
    root = Element("episodedetails")
    _add(root, "title", _title(episode, number, "" if details is None else details.title))
    _add(root, "showtitle", series.name)
    _add(root, "season", episode.season)
    _add(root, "episode", number)
    if details is not None:
        _add(root, "plot", details.description)
        database, _, value = details.external_id.partition("-")
        _add(root, "uniqueid", value, type=database, default="true")
    _add(root, "aired", facts.aired.get(place))
    if episode.season == 0:
        _add_place(root, number, facts)
    if media is not None and media.duration_seconds:
        _add(root, "runtime", max(1, round(media.duration_seconds / 60)))
    elif details is not None:
        _add(root, "runtime", details.minutes)
    if media is not None:
        _add_streams(root, media)
    return root


def _title(episode: Episode, number: int, found: str) -> str:
    """Return the title of the catalogue, else that of a metadata source, else a number."""
    has_title = episode.titles.de or episode.titles.en
    own = episode.titles.preferred(episode.file_language, number)
    return own if has_title or not found else found


def _add_place(root: Element, number: int, facts: SidecarFacts) -> None:
    """Place a special before the first regular episode that was shown later, or behind the last.

    `displayseason` and `displayepisode` are read by Kodi, the others by Jellyfin.
    """
    aired = facts.aired.get((0, number))
    if aired is None:
        return
    regular = sorted(place for place in facts.aired if place[0])
    following = next((place for place in regular if facts.aired[place] > aired), None)
    if following is not None:
        season, episode = following
        for name in ("displayseason", "airsbefore_season"):
            _add(root, name, season)
        for name in ("displayepisode", "airsbefore_episode"):
            _add(root, name, episode)
    elif regular:
        _add(root, "airsafter_season", regular[-1][0])


def _add_streams(root: Element, media: FileFacts) -> None:
    details = SubElement(SubElement(root, "fileinfo"), "streamdetails")
    if media.video_codec:
        video = SubElement(details, "video")
        _add(video, "codec", media.video_codec)
        _add(video, "width", media.width)
        _add(video, "height", media.height)
        if media.duration_seconds:
            _add(video, "durationinseconds", round(media.duration_seconds))
    for codec, spoken in zip(media.audio_codecs, media.audio_languages, strict=False):
        audio = SubElement(details, "audio")
        _add(audio, "codec", codec)
        _add(audio, "language", spoken)
    for written in media.subtitle_languages:
        _add(SubElement(details, "subtitle"), "language", written)


def _numbers(episode: Episode) -> range:
    return range(episode.number, (episode.last_number or episode.number) + 1)


def _ids(series: Series) -> Iterator[tuple[str, str]]:
    for identifier in series.external_ids:
        database, _, value = identifier.partition("-")
        # Ids of the source `nfo` mean nothing outside this library.
        if database and value and database != "nfo":
            yield database, value


def _add(
    parent: Element, name: str, value: str | int | date | None, **attributes: str
) -> Element | None:
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
