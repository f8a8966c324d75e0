"""Parse answers of a Jellyfin server: PascalCase objects in which any field may be missing."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

import attrs

from aniworld_core.errors import ProviderChangedError
from aniworld_providers.catalogues.jellyfin.links import item_id_of

NAME: Final = "jellyfin"
SITE: Final = "Jellyfin"

Item: TypeAlias = Mapping[str, Any]

_TAG = re.compile(r"<[^<>]{0,200}>")
_YEAR = re.compile(r"(1[89]\d\d|20\d\d)(?!\d)", re.ASCII)
_OVERVIEW = 20_000


@attrs.frozen(kw_only=True)
class SeriesItem:
    """Parsed description of a series.

    Attributes:
        cover_tag: Version of its cover; empty without one.
        created_at: When it was added to the server, if stated.
    """

    id: str
    name: str
    original_title: str = ""
    overview: str = ""
    year: int | None = None
    end_year: int | None = None
    genres: tuple[str, ...] = ()
    cover_tag: str = ""
    created_at: datetime | None = None


def read_list(answer: object, what: str) -> tuple[Sequence[Item], int | None]:
    """Return the items of a list, and the size of the whole list if stated.

    Raises:
        ProviderChangedError: If the answer is not a list of items.
    """
    items = answer.get("Items") if isinstance(answer, dict) else None
    if not isinstance(answer, dict) or not isinstance(items, list):
        raise ProviderChangedError(NAME, what)
    return [item for item in items if isinstance(item, dict)], whole(answer.get("TotalRecordCount"))


def read_series(item: Item) -> SeriesItem | None:
    """Return the series in an item, or `None` if it is something else."""
    item_id, name = item_id_of(item.get("Id")), text(item.get("Name"))
    if not item_id or not name or item.get("Type") not in {"Series", None}:
        return None
    genres, tags = item.get("Genres"), item.get("ImageTags")
    has_ended = item.get("Status") == "Ended"
    return SeriesItem(
        id=item_id,
        name=name,
        original_title=text(item.get("OriginalTitle")),
        overview=plain(item.get("Overview")),
        year=whole(item.get("ProductionYear")) or _year(item.get("PremiereDate")),
        end_year=_year(item.get("EndDate")) if has_ended else None,
        genres=tuple(filter(None, map(text, genres)))[:20] if isinstance(genres, list) else (),
        cover_tag=text(tags.get("Primary")) if isinstance(tags, dict) else "",
        created_at=moment(item.get("DateCreated")),
    )


def text(value: object) -> str:
    """Return a text with single spaces, or an empty text."""
    return " ".join(value.split()) if isinstance(value, str) else ""


def whole(value: object) -> int | None:
    """Return a non-negative whole number, otherwise `None`."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value < 2**63 else None


def seconds(ticks: object) -> float | None:
    """Convert ticks of 100 ns to seconds."""
    number = whole(ticks)
    return number / 10_000_000 if number else None


def moment(value: object) -> datetime | None:
    """Parse a UTC time; servers write seven decimal places."""
    try:
        read = datetime.fromisoformat(text(value))
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def plain(value: object) -> str:
    """Return a description without the tags that metadata sources leave in it."""
    if not isinstance(value, str):
        return ""
    lines = _TAG.sub("\n", value[:_OVERVIEW]).splitlines()
    return "\n".join(filter(None, map(text, lines)))


def _year(value: object) -> int | None:
    match = _YEAR.match(text(value))
    return int(match[1]) if match else None
