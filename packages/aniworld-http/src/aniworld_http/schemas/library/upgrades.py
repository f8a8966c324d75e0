"""Queries and body of `/api/library/upgrades` and `/api/library/wanted`."""

from typing import Annotated, Literal

import attrs
from msgspec import Meta

from aniworld_core.application.downloads import UpgradeRequest
from aniworld_core.domain.catalogue import SeriesQuery, SeriesSort
from aniworld_core.domain.identity import SeriesKey, parse_episode_selection
from aniworld_core.errors import InvalidEpisodeError, InvalidFieldsError
from aniworld_core.messages import Message
from aniworld_http.schemas.anime import SelectionCode
from aniworld_http.schemas.paging import Limit, Needle, Offset, SeriesKeyText


@attrs.frozen(kw_only=True)
class UpgradesQuery:
    """Which waiting episodes to list.

    Attributes:
        series: Key of the series; all monitored ones by default.
    """

    series: SeriesKeyText | None = None
    limit: Limit = 1000
    offset: Offset = 0


@attrs.frozen(kw_only=True)
class UpgradesBody:
    """Which waiting episodes to queue.

    Attributes:
        key: Key of the series; null for all monitored ones.
        episodes: Episodes or ranges such as `S01E03-E04`, of the series in `key`; null for all.
    """

    key: SeriesKeyText | None = None
    episodes: Annotated[tuple[SelectionCode, ...], Meta(min_length=1, max_length=1000)] | None = (
        None
    )

    def as_request(self) -> UpgradeRequest:
        """Return the request as a value of the core.

        Raises:
            InvalidFieldsError: If a range counts backwards, or episodes have no series.
        """
        if self.episodes is None:
            return UpgradeRequest(keys=() if self.key is None else (SeriesKey(self.key),))
        if self.key is None:
            raise InvalidFieldsError([("/key", Message("required_for_episodes"))])
        try:
            chosen = tuple(parse_episode_selection(each) for each in self.episodes)
        except InvalidEpisodeError as error:
            raise InvalidFieldsError([("/episodes", error.message)]) from error
        return UpgradeRequest(keys=(SeriesKey(self.key),), episodes=chosen)


@attrs.frozen(kw_only=True)
class WantedQuery:
    """Query of `GET /api/library/wanted`."""

    search: Needle = ""
    sort: Literal["name", "added", "missing"] = "name"
    limit: Annotated[int, Meta(ge=1, le=200, description="Maximum number of rows")] = 50
    offset: Offset = 0

    def to_domain(self) -> SeriesQuery:
        """Return the query as a domain value."""
        return SeriesQuery(
            search=self.search, sort=SeriesSort(self.sort), limit=self.limit, offset=self.offset
        )
