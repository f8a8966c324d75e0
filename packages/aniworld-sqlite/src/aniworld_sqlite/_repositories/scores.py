"""Hoster scores in SQLite."""

from collections.abc import Sequence

import attrs
import sqlalchemy as sa

from aniworld_core.domain.catalogue import SourceScore
from aniworld_core.ports.scores import ScoreRepository
from aniworld_sqlite._database import Database
from aniworld_sqlite._repositories.rows import score_from_row, score_values
from aniworld_sqlite._schema import source_score as table


@attrs.define(eq=False)
class SqliteScoreRepository(ScoreRepository):
    """Hoster scores in the table `source_score`."""

    _database: Database

    async def find(self) -> Sequence[SourceScore]:
        query = sa.select(table).order_by(table.c.provider, table.c.hoster, table.c.language)
        return await self._database.read(
            lambda c: tuple(score_from_row(row) for row in c.execute(query).mappings())
        )

    async def save(self, score: SourceScore) -> None:
        replace = sa.insert(table).prefix_with("OR REPLACE").values(score_values(score))
        # A power failure may lose the newest result, which is one of many.
        await self._database.write(lambda connection: connection.execute(replace), durable=False)

    async def clear(self) -> int:
        delete = sa.delete(table)
        return await self._database.write(lambda c: c.execute(delete).rowcount)
