"""Looking at what the catalogues put on show: what is asked."""

from typing import Annotated, Literal

import attrs
from msgspec import Meta

from aniworld_core.domain.catalogue import ShelfName
from aniworld_http.schemas.paging import Limit, Offset


@attrs.frozen(kw_only=True)
class BrowseQuery:
    """Which shelf is looked at.

    Attributes:
        shelf: Popular series, new episodes, or the calendar.
        provider: Only that of this catalogue.
    """

    shelf: Literal["popular", "new", "calendar"] = "popular"
    provider: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    limit: Limit | None = None
    offset: Offset = 0

    @property
    def name(self) -> ShelfName:
        """The shelf in the words of the domain."""
        return ShelfName(self.shelf)
