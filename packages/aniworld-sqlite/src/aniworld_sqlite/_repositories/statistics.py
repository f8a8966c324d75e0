"""The statistics in SQLite."""

import functools
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise
from operator import add
from typing import Final

import attrs
import sqlalchemy as sa

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
from aniworld_sqlite._dialects import Transactions, float_sum, inserting, least, replace
from aniworld_sqlite._repositories.rows import Values
from aniworld_sqlite._schema import download_hour as table
from aniworld_sqlite._schema import library_size

# A float sum does not overflow and is exact up to `MOST`.
_PART: Final = (
    sa.select(table.c.hoster, table.c.language, *(float_sum(table.c[name]) for name in FIGURES))
    .where(table.c.hour >= sa.bindparam("first"), table.c.hour < sa.bindparam("last"))
    .group_by(table.c.hoster, table.c.language)
)


@attrs.define(eq=False)
class SqlStatisticsRepository(StatisticsRepository):
    """Sums in the table `download_hour`, sizes in the table `library_size`."""

    _database: Transactions

    async def count(self, results: Sequence[DownloadResult]) -> None:
        if not results:
            return
        rows = [_values(each) for each in results]
        await self._database.write(
            lambda c: c.execute(_adding(c.dialect.name), rows), durable=False
        )

    async def sums(self, bounds: Sequence[datetime]) -> DownloadSums:
        return await self._database.read(lambda connection: _sums(connection, bounds))

    async def first_hour(self) -> datetime | None:
        query = sa.select(table.c.hour).order_by(table.c.hour).limit(1)
        return await self._database.read(lambda c: c.execute(query).scalar_one_or_none())

    async def save_size(self, size: LibrarySize) -> None:
        values = attrs.asdict(size)
        await self._database.write(lambda c: replace(c, library_size, values), durable=False)

    async def sizes(self, first: date, last: date) -> Sequence[LibrarySize]:
        query = (
            sa.select(library_size)
            .where(library_size.c.day.between(first, last))
            .order_by(library_size.c.day)
        )
        return await self._database.read(
            lambda c: tuple(LibrarySize(**row) for row in c.execute(query).mappings())
        )


@functools.cache
def _adding(dialect: str) -> sa.Insert:
    """Return the statement that adds figures to those of the same hour, hoster and language."""
    insert = inserting(dialect, table)
    statement: sa.Insert = insert.on_conflict_do_update(
        index_elements=["hour", "hoster", "language"],
        set_={name: least(table.c[name] + insert.excluded[name], MOST) for name in FIGURES},
    )
    return statement


def _values(result: DownloadResult) -> Values:
    return {
        "hour": result.hour,
        "hoster": result.hoster.replace("\0", "")[:LONGEST_NAME],
        "language": result.language.replace("\0", "")[:LONGEST_NAME],
        **attrs.asdict(result.figures()),
    }


def _sums(connection: sa.Connection, bounds: Sequence[datetime]) -> DownloadSums:
    """Read every hour once; the database sums it up, because there are many."""
    parts: list[DownloadFigures] = []
    hosters: dict[str, list[float]] = defaultdict(_zeros)
    languages: dict[str, list[float]] = defaultdict(_zeros)
    for first, last in pairwise(bounds):
        part = _zeros()
        for hoster, language, *row in connection.execute(_PART, {"first": first, "last": last}):
            for sums in (part, hosters[hoster], languages[language]):
                sums[:] = map(add, sums, row)
        parts.append(_figures(part))
    return DownloadSums(
        parts=parts,
        hosters={name: _figures(sums) for name, sums in hosters.items()},
        languages={name: _figures(sums) for name, sums in languages.items()},
    )


def _zeros() -> list[float]:
    return [0.0] * len(FIGURES)


def _figures(sums: Sequence[float]) -> DownloadFigures:
    values = {name: min(value, MOST) for name, value in zip(FIGURES, sums, strict=True)}
    seconds = values.pop("seconds")
    return DownloadFigures(**{name: int(value) for name, value in values.items()}, seconds=seconds)
