"""Catalogues that are not asked for a while, and the queue items that wait for them."""

from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import attrs

from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.downloads.items import DownloadItem, Failure

#: The kind of the failure of items that wait for a catalogue.
RESTS: Final = "catalogue_rests"


@attrs.frozen(kw_only=True)
class CataloguePlace:
    """A catalogue, or one server of a catalogue that has several.

    Attributes:
        provider: The name of the catalogue.
        host: The server, with its port if links have one; `None` for the whole catalogue.
    """

    provider: str
    host: str | None = None

    @classmethod
    def named(cls, name: str) -> "CataloguePlace":
        """Return the place of a name such as `aniworld.to` or `jellyfin at attic:8096`."""
        provider, _, host = name.partition(" at ")
        return cls(provider=provider, host=host or None)

    def lists(self, series: Series) -> bool:
        """Return whether a series comes from this place."""
        if series.provider != self.provider:
            return False
        return self.host is None or urlsplit(series.link).netloc == self.host


@attrs.frozen(kw_only=True)
class RestingCatalogue:
    """A catalogue that is not asked for a while, with the items that wait for it.

    Attributes:
        name: The name of its place.
        items: Number of pending items that wait.
        until: Time of the next attempt.
        failure: Why it is not asked.
    """

    name: str
    items: int
    until: datetime
    failure: Failure


def rests_at(item: DownloadItem, now: datetime) -> bool:
    """Return whether an item waits for a catalogue that is not asked at this time."""
    is_delayed = item.not_before is not None and item.not_before > now
    return item.failure is not None and item.failure.kind == RESTS and is_delayed
