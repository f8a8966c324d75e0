"""Metadata of series in SQLite; an entry is stored as one JSON object."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import attrs
import sqlalchemy as sa

from aniworld_core.domain.catalogue import (
    AirDate,
    EpisodeDetails,
    MetadataDetails,
    MetadataEntry,
    RelatedEntry,
    SeasonDetails,
    SeriesMetadata,
)
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.ports.metadata import MetadataRepository
from aniworld_sqlite._dialects import Transactions, replace
from aniworld_sqlite._repositories.rows import listed
from aniworld_sqlite._schema import series_metadata as table

#: Everything but the details, which are large.
_ENTRY: Final = [column for column in table.c if column.name != "details"]


@attrs.define(eq=False)
class SqlMetadataRepository(MetadataRepository):
    """Entries in the table `series_metadata`, with their details in a column of their own."""

    _database: Transactions

    async def of_series(self, key: SeriesKey) -> Sequence[SeriesMetadata]:
        return (await self.of_many([key])).get(key, ())

    async def of_many(
        self, keys: Collection[SeriesKey]
    ) -> Mapping[SeriesKey, Sequence[SeriesMetadata]]:
        query = (
            sa.select(*_ENTRY)
            .where(table.c.series_key.in_(listed(keys)))
            .order_by(table.c.series_key, table.c.source)
        )
        rows = await self._database.read(lambda c: c.execute(query).mappings().all())
        found: dict[SeriesKey, list[SeriesMetadata]] = {}
        for row in rows:
            found.setdefault(SeriesKey(row["series_key"]), []).append(_metadata_of(row))
        return found

    async def details(self, key: SeriesKey) -> Mapping[str, MetadataDetails]:
        query = (
            sa.select(table.c.source, table.c.details)
            .where(table.c.series_key == key)
            .order_by(table.c.source)
        )
        rows = await self._database.read(lambda c: c.execute(query).all())
        return {source: _details_of(details) for source, details in rows}

    async def save(self, metadata: SeriesMetadata) -> None:
        values = {
            "series_key": metadata.key,
            "source": metadata.entry.source,
            "chosen": metadata.chosen,
            "fetched_at": metadata.entry.fetched_at,
            "entry": _stored(metadata.entry),
            "details": attrs.asdict(metadata.entry.details),
        }
        await self._database.write(lambda c: replace(c, table, values))

    async def forget(self, key: SeriesKey, source: str) -> None:
        delete = sa.delete(table).where(table.c.series_key == key, table.c.source == source)
        await self._database.write(lambda c: c.execute(delete))


def _stored(entry: MetadataEntry) -> dict[str, Any]:
    values = attrs.asdict(entry)
    del values["source"], values["fetched_at"], values["details"]
    values["air_dates"] = _stored_dates(entry.air_dates)
    for each, related in zip(values["story"], entry.story, strict=True):
        each["air_dates"] = _stored_dates(related.air_dates)
    for each in values["related"]:
        del each["air_dates"]
    return values


def _metadata_of(row: sa.RowMapping) -> SeriesMetadata:
    values = dict(row["entry"])
    for name in ("aliases", "genres", "studios", "external_ids"):
        values[name] = tuple(values[name])
    values["air_dates"] = _air_dates(values["air_dates"])
    for name in ("related", "story"):
        values[name] = tuple(_related(each) for each in values.get(name, ()))
    entry = MetadataEntry(source=row["source"], fetched_at=row["fetched_at"], **values)
    return SeriesMetadata(key=SeriesKey(row["series_key"]), entry=entry, chosen=row["chosen"])


def _details_of(stored: Mapping[str, Any] | None) -> MetadataDetails:
    """Return stored details; entries of earlier versions have none."""
    if stored is None:
        return MetadataDetails()
    return MetadataDetails(
        seasons=tuple(SeasonDetails(**each) for each in stored["seasons"]),
        episodes=tuple(EpisodeDetails(**each) for each in stored["episodes"]),
    )


def _related(values: Mapping[str, Any]) -> RelatedEntry:
    """Return a related entry; rows of former versions lack titles and format."""
    titles, dates = tuple(values.get("titles", ())), _air_dates(values.get("air_dates", ()))
    return RelatedEntry(**{**values, "titles": titles, "air_dates": dates})


def _stored_dates(dates: Iterable[AirDate]) -> list[list[int | str | None]]:
    return [[d.season, d.number, d.at.isoformat()] for d in dates]


def _air_dates(rows: Iterable[tuple[int | None, int, str]]) -> tuple[AirDate, ...]:
    return tuple(
        AirDate(season=season, number=number, at=datetime.fromisoformat(at))
        for season, number, at in rows
    )
