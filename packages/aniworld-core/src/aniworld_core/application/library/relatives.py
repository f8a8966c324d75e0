"""Sequels, prequels and other relatives of a series, and whether the library has them."""

from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from aniworld_core.domain.catalogue import RelatedEntry, SeriesMetadata, seasons_of_series
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.ports.storage import Storage

#: Relations that are no reason to watch the other series.
_DISTANT: Final = frozenset({"character", "other", "self"})


@attrs.frozen(kw_only=True)
class RelatedSeriesView:
    """A related entry of a metadata source.

    Attributes:
        relation: Kind of the relation, such as `sequel`, `prequel`, `parent` or `side_story`.
        id: The entry, such as `anilist:16498`.
        kind: Format, such as `tv` or `movie`; empty if unknown.
        key: Series of the library that the entry is or is a season of; null if there is none.
        season: Season of that series; null if the entry is the whole series.
    """

    relation: str
    id: str
    title: str
    kind: str
    year: int | None
    episode_count: int | None
    key: SeriesKey | None
    season: int | None


async def related_series(storage: Storage, key: SeriesKey) -> Sequence[RelatedSeriesView]:
    """Return the relatives of a series in the order of their story, without any request.

    Raises:
        SeriesNotFoundError: If there is no such series.
    """
    series = await storage.series.get(key)
    found: list[RelatedSeriesView] = []
    known = {
        external: head.key
        for head in await storage.series.heads()
        for external in head.external_ids
    }
    for metadata in await storage.metadata.of_series(key):
        seasons = {e.id: season for e, season, _ in seasons_of_series(series, metadata.entry)}
        found += (
            _view(each, metadata, seasons, known)
            for each in _relatives(metadata)
            if each.relation not in _DISTANT
        )
    return found


def _relatives(metadata: SeriesMetadata) -> Sequence[RelatedEntry]:
    """Return the story, then the other related entries; each once."""
    found: dict[str, RelatedEntry] = {}
    for each in (*metadata.entry.story, *metadata.entry.related):
        found.setdefault(each.id, each)
    return tuple(found.values())


def _view(
    related: RelatedEntry,
    metadata: SeriesMetadata,
    seasons: Mapping[str, int],
    known: Mapping[str, SeriesKey],
) -> RelatedSeriesView:
    source = metadata.entry.source
    season = seasons.get(related.id)
    return RelatedSeriesView(
        relation=related.relation,
        id=f"{source}:{related.id}",
        title=related.title,
        kind=related.kind,
        year=related.year,
        episode_count=related.episode_count,
        key=metadata.key if season is not None else known.get(f"{source}-{related.id}"),
        season=season,
    )
