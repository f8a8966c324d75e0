"""The statistics in SQLite."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from aniworld_core.domain.automation import (
    FIGURES,
    LONGEST_NAME,
    MOST,
    DownloadFigures,
    DownloadResult,
    DownloadSums,
    LibrarySize,
)
from aniworld_core.ports.statistics import StatisticsRepository
from aniworld_sqlite._database import Database
from aniworld_sqlite._repositories.rows import Values
from aniworld_sqlite._schema import download_hour as table
from aniworld_sqlite._schema import library_size

_ADD: Final = insert(table)
_COUNT: Final = _ADD.on_conflict_do_update(
    index_elements=["hour", "hoster", "language"],
    set_={name: sa.func.min(table.c[name] + _ADD.excluded[name], MOST) for name in FIGURES},
)
# `total` is a float sum, which does not overflow and is exact up to `MOST`.
_SUMS: Final = tuple(sa.func.total(table.c[name]).label(name) for name in FIGURES)


@attrs.define(eq=False)
class SqliteStatisticsRepository(StatisticsRepository):
    """Sums in the table `download_hour`, sizes in the table `library_size`."""

    _database: Database

    async def count(self, results: Sequence[DownloadResult]) -> None:
        if not results:
            return
        rows = [_values(each) for each in results]
        await self._database.write(lambda c: c.execute(_COUNT, rows), durable=False)

    async def sums(self, first: datetime, last: datetime) -> DownloadSums:
        def grouped(connection: sa.Connection, name: str) -> Mapping[Any, DownloadFigures]:
            column = table.c[name]
            query = (
                sa.select(column, *_SUMS)
                .where(table.c.hour >= first, table.c.hour < last)
                .group_by(column)
                .order_by(column)
            )
            return {row[0]: _figures(row) for row in connection.execute(query)}

        def work(connection: sa.Connection) -> DownloadSums:
            return DownloadSums(
                hours=grouped(connection, "hour"),
                hosters=grouped(connection, "hoster"),
                languages=grouped(connection, "language"),
            )

        return await self._database.read(work)

    async def first_hour(self) -> datetime | None:
        query = sa.select(table.c.hour).order_by(table.c.hour).limit(1)
        return await self._database.read(lambda c: c.execute(query).scalar_one_or_none())

    async def save_size(self, size: LibrarySize) -> None:
        replace = sa.insert(library_size).prefix_with("OR REPLACE").values(attrs.asdict(size))
        await self._database.write(lambda c: c.execute(replace), durable=False)

    async def sizes(self, first: date, last: date) -> Sequence[LibrarySize]:
        query = (
            sa.select(library_size)
            .where(library_size.c.day.between(first, last))
            .order_by(library_size.c.day)
        )
        return await self._database.read(
            lambda c: tuple(LibrarySize(**row) for row in c.execute(query).mappings())
        )


def _values(result: DownloadResult) -> Values:
    return {
        "hour": result.hour,
        "hoster": result.hoster[:LONGEST_NAME],
        "language": result.language[:LONGEST_NAME],
        **attrs.asdict(result.figures()),
    }


def _figures(row: sa.Row[Any]) -> DownloadFigures:
    values = {name: min(row[number], MOST) for number, name in enumerate(FIGURES, start=1)}
    seconds = float(values.pop("seconds"))
    return DownloadFigures(**{name: int(value) for name, value in values.items()}, seconds=seconds)
