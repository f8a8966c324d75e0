"""Query of browse lists."""

from typing import Annotated, Literal

import attrs
from msgspec import Meta

from aniworld_core.domain.catalogue import BrowseListName
from aniworld_http.schemas.paging import Limit, Offset


@attrs.frozen(kw_only=True)
class BrowseQuery:
    """Query of `GET /api/anime/browse`.

    Attributes:
        list: Popular series, new episodes, or the calendar.
        provider: Query only this catalogue.
    """

    list: Literal["popular", "new", "calendar"] = "popular"
    provider: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    limit: Limit | None = None
    offset: Offset = 0

    @property
    def name(self) -> BrowseListName:
        """Return the browse list as a domain value."""
        return BrowseListName(self.list)
