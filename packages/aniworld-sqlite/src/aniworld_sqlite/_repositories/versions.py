"""Times of language versions in SQLite."""

from collections.abc import Collection, Sequence

import attrs
import sqlalchemy as sa

from aniworld_core.domain.catalogue import VersionSeen
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.media import Language
from aniworld_core.ports.versions import VersionRepository
from aniworld_sqlite._dialects import Transactions, ignoring
from aniworld_sqlite._schema import version_seen as table


@attrs.define(eq=False)
class SqlVersionRepository(VersionRepository):
    """Versions in the table `version_seen`."""

    _database: Transactions

    async def find(self) -> Sequence[VersionSeen]:
        query = sa.select(table).order_by(*table.primary_key.columns)
        rows = await self._database.read(lambda c: c.execute(query).mappings().all())
        return tuple(
            VersionSeen(
                key=SeriesKey(row["series_key"]),
                season=row["season"],
                number=row["number"],
                language=Language(row["language"]),
                at=row["seen_at"],
                is_first=row["is_first"],
            )
            for row in rows
        )

    async def add(self, seen: Collection[VersionSeen]) -> None:
        rows = [
            {
                "series_key": each.key,
                "season": each.season,
                "number": each.number,
                "language": each.language.code,
                "seen_at": each.at,
                "is_first": each.is_first,
            }
            for each in seen
        ]
        if rows:
            await self._database.write(lambda c: c.execute(ignoring(c.dialect.name, table), rows))
