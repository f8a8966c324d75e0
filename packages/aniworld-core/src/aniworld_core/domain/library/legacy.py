"""Parse the `data` files of the former program."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

import attrs

from aniworld_core.domain.identity import (
    MAX_EPISODE,
    FolderName,
    SeriesKey,
    key_from_name,
    parse_series_key,
)
from aniworld_core.errors import InvalidKeyError, InvalidLinkError, LegacyDataError
from aniworld_core.messages import Message, clipped

#: Host -> name of today's catalogue, and path of its series.
_SITES: Final[Mapping[str, tuple[str, str, str]]] = MappingProxyType(
    {
        "aniworld.to": ("aniworld", "aniworld.to", "/anime/stream/"),
        "s.to": ("serienstream", "s.to", "/serie/stream/"),
        "serienstream.to": ("serienstream", "s.to", "/serie/stream/"),
    }
)
#: Site of files that name none: the first versions had only this one.
_FIRST_SITE: Final = "aniworld.to"


@attrs.frozen(kw_only=True)
class LegacySeries:
    """A series in a `data` file of the former program.

    Attributes:
        provider: Name of the loader of its site.
        folder: Folder of the file; the content does not matter.
        episodes: Season and number of known episodes, ascending. These are probably the missing
            ones; the file does not name those on disk.
    """

    key: SeriesKey
    name: str
    site: str
    provider: str
    link: str
    folder: FolderName
    episodes: tuple[tuple[int, int], ...] = ()


def legacy_series(document: object, folder: FolderName) -> LegacySeries:
    """Parse the content of a `data` file.

    Args:
        document: The decoded JSON; seasons may be numbers or text, and so may episodes.
        folder: Folder of the file.

    Raises:
        LegacyDataError: If the content cannot be used; the error has the reason.
    """
    if not isinstance(document, Mapping):
        raise LegacyDataError(Message("legacy_no_object"))
    key = _key(document.get("key"))
    provider, site, path = _site(document.get("site"))
    name = document.get("name")
    return LegacySeries(
        key=key,
        name=name.strip() if isinstance(name, str) and name.strip() else folder or key,
        site=site,
        provider=provider,
        link=f"https://{site}{path}{key}",
        folder=folder,
        episodes=_episodes(document.get("episodeDict")),
    )


def former_series_link(raw: str) -> tuple[str, SeriesKey]:
    """Parse a link to a series of aniworld.to or s.to.

    Args:
        raw: Link such as `https://aniworld.to/anime/stream/attack-on-titan/staffel-1`.

    Returns:
        Name of today's catalogue, and the key.

    Raises:
        InvalidLinkError: If it is no link, belongs to another site, or names no series.
    """
    try:
        parts = urlsplit(raw.strip())
        host, user, port = parts.hostname or "", parts.username, parts.port
    except ValueError as error:
        raise InvalidLinkError(raw, Message("not_a_web_address")) from error
    if parts.scheme not in {"http", "https"}:
        raise InvalidLinkError(raw, Message("not_a_web_address"))
    site = _SITES.get(host.removeprefix("www."))
    if site is None or user is not None or port not in {None, 80, 443}:
        raise InvalidLinkError(raw, Message("link_not_of_sites", sites=list(_SITES)))
    names = [part for part in parts.path.split("/") if part]
    first = next((part for part in names if part not in {"anime", "serie", "stream"}), "")
    try:
        return site[0], parse_series_key(first)
    except InvalidKeyError as error:
        raise InvalidLinkError(raw, Message("link_names_no_series")) from error


def _key(raw: object) -> SeriesKey:
    if not isinstance(raw, str) or not raw.strip():
        raise LegacyDataError(Message("legacy_no_key"))
    try:
        return parse_series_key(raw.strip())
    except InvalidKeyError as error:
        repaired = key_from_name(raw)
        problem = error.message
        if repaired:
            problem = Message("legacy_key_proposal", problem=problem, key=repaired)
        raise LegacyDataError(problem) from error


def _site(raw: object) -> tuple[str, str, str]:
    if raw is None or raw == "":
        return _SITES[_FIRST_SITE]
    host = str(raw).strip().lower().partition("://")[2] or str(raw).strip().lower()
    host = host.partition("/")[0].removeprefix("www.")
    if host not in _SITES:
        raise LegacyDataError(Message("legacy_site", site=clipped(str(raw)), sites=list(_SITES)))
    return _SITES[host]


def _episodes(raw: object) -> tuple[tuple[int, int], ...]:
    if raw is None:
        return ()
    if not isinstance(raw, Mapping):
        raise LegacyDataError(Message("legacy_no_episodes"))
    found = set()
    for season, numbers in raw.items():
        if not isinstance(numbers, list):
            raise LegacyDataError(Message("legacy_season_no_list", season=str(season)[:20]))
        found |= {(_number(season), _number(number)) for number in numbers}
    return tuple(sorted(found))


def _number(raw: object) -> int:
    text = raw.strip() if isinstance(raw, str) else raw
    if isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) <= 6:
        text = int(text)
    if not isinstance(text, int) or isinstance(text, bool) or not 0 <= text <= MAX_EPISODE:
        raise LegacyDataError(Message("legacy_no_number", raw=str(raw)[:20], most=MAX_EPISODE))
    return text
