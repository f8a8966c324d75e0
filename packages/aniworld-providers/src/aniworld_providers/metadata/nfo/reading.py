"""Read the facts of NFO files, as Kodi and Jellyfin write them.

Sources: kodi.wiki (NFO files/TV shows) and jellyfin.org/docs (Local .nfo metadata).
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final

from aniworld_core.documents import XmlError, XmlLimits, read_xml
from aniworld_core.domain.catalogue import (
    AirDate,
    EpisodeDetails,
    MetadataDetails,
    MetadataEntry,
    SeasonDetails,
)
from aniworld_providers.metadata import fields
from aniworld_providers.network.pages import decode_declared

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NAME: Final = "nfo"
_LIMITS: Final = XmlLimits(elements=20_000, depth=16, attributes=32)
_DOCTYPE: Final = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
#: Most characters of the description of an episode.
_MOST_CHARACTERS: Final = 1000
_STATUSES: Final = {"continuing": "releasing", "ended": "finished"}
#: Element of an older form → database.
_OLD_IDS: Final = {
    "imdbid": "imdb",
    "imdb_id": "imdb",
    "tvdbid": "tvdb",
    "tmdbid": "tmdb",
    "anilistid": "anilist",
    "malid": "mal",
}
_ID: Final = re.compile(r"[a-z0-9]{1,40}", re.ASCII)
_DATABASE: Final = re.compile(r"[a-z][a-z0-9]{1,20}", re.ASCII)
#: Page of an entry in a database, best first.
_PAGES: Final = {
    "anilist": "https://anilist.co/anime/{}",
    "tvdb": "https://thetvdb.com/?tab=series&id={}",
    "imdb": "https://www.imdb.com/title/{}/",
    "tmdb": "https://www.themoviedb.org/tv/{}",
    "mal": "https://myanimelist.net/anime/{}",
}


def read_series_nfo(content: bytes, entry_id: str, now: datetime) -> MetadataEntry | None:
    """Return the entry of a `tvshow.nfo`; `None` if it cannot be read or has no title.

    Args:
        content: The file.
        entry_id: Id of the entry.
        now: Current time.
    """
    root = next(_roots(content, "tvshow"), None)
    title = _text(root, "title") if root is not None else ""
    if root is None or not title:
        return None
    ids = _ids(root)
    premiered = fields.moment(_text(root, "premiered") or _text(root, "aired"))
    status = fields.word(_text(root, "status"))
    original = _text(root, "originaltitle")
    return MetadataEntry(
        source=NAME,
        id=entry_id,
        title=title,
        link=next((page.format(ids[base]) for base, page in _PAGES.items() if base in ids), ""),
        fetched_at=now,
        aliases=fields.unique(t for t in (original, _text(root, "showtitle")) if t != title),
        status=_STATUSES.get(status, status),
        year=fields.year(_number(root, "year")) or (premiered.year if premiered else None),
        genres=_texts(root, "genre"),
        studios=_texts(root, "studio"),
        description=fields.description(root.findtext("plot")),
        external_ids=(f"{NAME}-{entry_id}", *(f"{base}-{ids[base]}" for base in sorted(ids))),
        poster_url=_picture(root, "poster"),
        banner_url=_picture(root, "banner"),
        details=MetadataDetails(seasons=_seasons(root)),
    )


def read_episode_nfo(content: bytes) -> Iterator[tuple[EpisodeDetails, AirDate | None]]:
    """Yield the details of each episode in an NFO file, and its air date if it has one."""
    for root in _roots(content, "episodedetails"):
        season, number = _number(root, "season"), _number(root, "episode")
        if season is None or not number:
            continue
        at = fields.aired_at(_text(root, "aired") or _text(root, "premiered"))
        date = AirDate(season=season, number=number, at=at) if at is not None else None
        details = EpisodeDetails(
            season=season,
            number=number,
            title=_text(root, "title"),
            description=fields.description(root.findtext("plot"))[:_MOST_CHARACTERS],
            minutes=_number(root, "runtime") or None,
            picture_url=next(
                filter(None, (fields.link(t.text) for t in root.findall("thumb"))), None
            ),
        )
        yield details, date


def _roots(content: bytes, name: str) -> "Iterator[Element]":
    """Yield the root elements of a file.

    A file may hold one root per episode, and Kodi allows a link after the last one, so it is no
    well-formed document. Each root is read alone.
    """
    text = decode_declared(content, "")
    if _DOCTYPE.search(text):
        return
    end = f"</{name}>"
    start = 0
    while (begin := text.find(f"<{name}", start)) >= 0 and (stop := text.find(end, begin)) >= 0:
        start = stop + len(end)
        try:
            yield read_xml(text[begin:start], _LIMITS)
        except XmlError:
            continue


def _ids(root: "Element") -> dict[str, str]:
    found = {base: id_ for name, base in _OLD_IDS.items() if (id_ := _text(root, name))}
    for unique in root.findall("uniqueid"):
        found[fields.word(unique.get("type"))] = fields.name(unique.text)
    old = _text(root, "id")
    if old.startswith("tt"):
        found.setdefault("imdb", old)
    return {
        base: value.lower()
        for base, value in found.items()
        if _DATABASE.fullmatch(base) and base != NAME and _ID.fullmatch(value.lower())
    }


def _picture(root: "Element", aspect: str, *, default: str = "poster") -> str | None:
    """Return the link of a picture of the series or episode; pictures of seasons are left out.

    Args:
        root: The element of the series or episode.
        aspect: Kind of the picture.
        default: Kind of a picture without one.
    """
    for thumb in root.findall("thumb"):
        is_meant = thumb.get("aspect", default) == aspect and thumb.get("type") != "season"
        if is_meant and (link := fields.link(thumb.text)):
            return link
    return None


def _seasons(root: "Element") -> tuple[SeasonDetails, ...]:
    """Return the titles and posters of seasons, as Kodi writes them into `tvshow.nfo`."""
    titles: dict[int, str] = {}
    posters: dict[int, str] = {}
    for named in root.findall("namedseason"):
        if (number := _digits(named.get("number", ""))) is not None:
            titles.setdefault(number, fields.name(named.text))
    for thumb in root.findall("thumb"):
        number = _digits(thumb.get("season", "")) if thumb.get("type") == "season" else None
        link = fields.link(thumb.text)
        if number is not None and link is not None and thumb.get("aspect", "poster") == "poster":
            posters.setdefault(number, link)
    return tuple(
        SeasonDetails(number=number, title=titles.get(number, ""), poster_url=posters.get(number))
        for number in sorted(titles.keys() | posters.keys())
    )


def _text(root: "Element", name: str) -> str:
    return fields.name(root.findtext(name))


def _texts(root: "Element", name: str) -> tuple[str, ...]:
    return fields.unique(fields.name(each.text) for each in root.findall(name))


def _number(root: "Element", name: str) -> int | None:
    return _digits(_text(root, name))


def _digits(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None
