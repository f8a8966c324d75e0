"""Read the facts of NFO files, as Kodi and Jellyfin write them.

Sources: kodi.wiki (NFO files/TV shows) and jellyfin.org/docs (Local .nfo metadata).
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final

from aniworld_core.documents import XmlError, XmlLimits, read_xml
from aniworld_core.domain.catalogue import AirDate, MetadataEntry
from aniworld_providers.metadata import fields
from aniworld_providers.network.pages import decode_declared

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NAME: Final = "nfo"
_LIMITS: Final = XmlLimits(elements=20_000, depth=16, attributes=32)
_DOCTYPE: Final = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
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
    )


def read_episode_nfo(content: bytes) -> Iterator[tuple[tuple[int, int], AirDate | None]]:
    """Yield season and number of each episode in an NFO file, and its air date if it has one."""
    for root in _roots(content, "episodedetails"):
        season, number = _number(root, "season"), _number(root, "episode")
        if season is None or not number:
            continue
        at = fields.moment(_text(root, "aired") or _text(root, "premiered"))
        date = AirDate(season=season, number=number, at=at) if at is not None else None
        yield (season, number), date


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


def _picture(root: "Element", aspect: str) -> str | None:
    for thumb in root.findall("thumb"):
        if thumb.get("aspect", "poster") == aspect and (link := fields.link(thumb.text)):
            return link
    return None


def _text(root: "Element", name: str) -> str:
    return fields.name(root.findtext(name))


def _texts(root: "Element", name: str) -> tuple[str, ...]:
    return fields.unique(fields.name(each.text) for each in root.findall(name))


def _number(root: "Element", name: str) -> int | None:
    text = _text(root, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None
