"""A stored listing of yt-dlp, and the key of its series.

The file of the listing, `ytdlp/KEY.json` in the data folder, keeps the number of every entry.
The library keeps those of its episodes too, so that a lost file is replaced with the same numbers.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import attrs

from aniworld_core.domain.identity import MAX_KEY_LENGTH, SeriesKey, key_from_name
from aniworld_providers.catalogues.ytdlp.refusals import Refusal
from aniworld_providers.listings import StoredEntry
from aniworld_providers.ytdlp import EntryState, ListedEntry

#: State of former versions for live streams and premieres; the next listing corrects it.
_FORMER_WAITING: Final = "waiting"
#: Extractors that read pages of every site.
_OF_ANY_PAGE: Final = frozenset({"generic", "html5mediaembed"})


@attrs.frozen(kw_only=True)
class StoredListing:
    """A series as its listings gave it.

    Attributes:
        link: Canonical link.
        read_whole_at: Time of the last complete listing.
        by_year: Whether entries without numbers are divided by year, unless the rules of the
            series say.
        grows_at_end: Whether new entries come last in the list.
        is_single: Whether it is one video.
        entries: Ordered by season and number.
        refusals: Videos that were refused at their download, by the id of the entry.
    """

    key: SeriesKey
    link: str
    name: str
    description: str
    cover_url: str | None
    read_whole_at: datetime
    by_year: bool
    grows_at_end: bool
    is_single: bool = False
    entries: tuple[StoredEntry[ListedEntry], ...] = ()
    refusals: Mapping[str, Refusal] = attrs.field(factory=dict)


def stored_to_json(stored: StoredListing) -> Mapping[str, Any]:
    """Return a stored listing as a JSON object."""
    refusals = {
        id_: {"state": r.state, "at": r.at.isoformat(), "cookies": r.cookies}
        for id_, r in stored.refusals.items()
    }
    return attrs.asdict(stored) | {
        "read_whole_at": stored.read_whole_at.isoformat(),
        "refusals": refusals,
    }


def stored_from_json(raw: dict[str, Any]) -> StoredListing:
    """Return the stored listing of a JSON object.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: If it has another form.
    """
    entries = tuple(_entry(each) for each in raw.pop("entries"))
    read = datetime.fromisoformat(raw.pop("read_whole_at"))
    refusals = {
        str(id_): Refusal(
            state=EntryState(each["state"]),
            at=datetime.fromisoformat(each["at"]),
            cookies=str(each["cookies"]),
        )
        for id_, each in raw.pop("refusals", {}).items()
    }
    return StoredListing(**raw, read_whole_at=read, entries=entries, refusals=refusals)


def _entry(raw: Mapping[str, Any]) -> StoredEntry[ListedEntry]:
    facts = dict(raw["entry"])
    state = facts.pop("state")
    return StoredEntry(
        entry=ListedEntry(
            **facts, state=EntryState.UPCOMING if state == _FORMER_WAITING else EntryState(state)
        ),
        season=int(raw["season"]),
        number=int(raw["number"]),
        is_listed=bool(raw["is_listed"]),
    )


def key_of_link(link: str) -> SeriesKey:
    """Return the provisional key of a link that was not listed yet."""
    return SeriesKey(f"link-{hashlib.sha256(link.encode('utf-8', 'replace')).hexdigest()[:16]}")


def key_of_list(extractor: str, list_id: str, link: str) -> SeriesKey:
    """Return the key of a list: extractor and id, with a digest.

    Extractor and id do not name one list. Ids can differ only in case or punctuation, which a key
    cannot hold. An extractor that reads many sites, such as PeerTube, has the same id on several of
    them. Those that read any page make the id from a part of its link.

    Args:
        extractor: Name of the extractor.
        list_id: Its id of the list.
        link: Canonical link of the list.
    """
    name = f"{extractor.lower()}-{list_id}"
    host = urlsplit(link).netloc.lower().removeprefix("www.").removeprefix("m.")
    place = link if extractor.lower() in _OF_ANY_PAGE else host
    digest = hashlib.sha256(f"{name}\n{place}".encode("utf-8", "replace")).hexdigest()[:8]
    slug = key_from_name(name) or "list"
    return SeriesKey(f"{slug[: MAX_KEY_LENGTH - 9].rstrip('-')}-{digest}")
