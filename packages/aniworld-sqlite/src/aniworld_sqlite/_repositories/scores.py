"""Hoster scores in SQLite."""

from collections.abc import Callable, Sequence
from datetime import datetime

import attrs
import sqlalchemy as sa

from aniworld_core.domain.catalogue import Place, SourceScore
from aniworld_core.ports.scores import ScoreRepository
from aniworld_sqlite._dialects import Transactions, replace
from aniworld_sqlite._repositories.rows import Values
from aniworld_sqlite._schema import source_score as table


@attrs.define(eq=False)
class SqlScoreRepository(ScoreRepository):
    """Hoster scores in the table `source_score`."""

    _database: Transactions

    async def find(self) -> Sequence[SourceScore]:
        query = sa.select(table).order_by(table.c.provider, table.c.hoster, table.c.language)
        return await self._database.read(
            lambda c: tuple(_from_row(row) for row in c.execute(query).mappings())
        )

    async def save(self, score: SourceScore) -> None:
        values = _values(score)
        # A power failure may lose the newest result, which is one of many.
        await self._database.write(lambda c: replace(c, table, values), durable=False)

    async def add_success(self, place: Place, *, rate: float, at: datetime) -> None:
        await self._change(place, lambda score: score.succeeded(rate, at))

    async def add_failure(self, place: Place, *, kind: str, at: datetime) -> None:
        await self._change(place, lambda score: score.failed(kind, at))

    async def _change(self, place: Place, change: Callable[[SourceScore], SourceScore]) -> None:
        query = sa.select(table).where(
            table.c.provider == place.provider,
            table.c.hoster == place.hoster,
            table.c.language == place.language,
        )

        def work(connection: sa.Connection) -> None:
            row = connection.execute(query).mappings().one_or_none()
            score = SourceScore(place=place) if row is None else _from_row(row)
            replace(connection, table, _values(change(score)))

        await self._database.write(work, durable=False)

    async def clear(self) -> int:
        delete = sa.delete(table)
        return await self._database.write(lambda c: c.execute(delete).rowcount)


def _values(score: SourceScore) -> Values:
    """Return the row of a score."""
    return {
        "provider": score.place.provider,
        "hoster": score.place.hoster,
        "language": score.place.language,
        "tries": score.tries,
        "successes": score.successes,
        "rate": score.rate,
        "last_failure": score.last_failure,
        "last_failed_at": score.last_failed_at,
        "last_succeeded_at": score.last_succeeded_at,
    }


def _from_row(row: sa.RowMapping) -> SourceScore:
    """Return the score of a row."""
    return SourceScore(
        place=Place(row["provider"], row["hoster"], row["language"]),
        tries=row["tries"],
        successes=row["successes"],
        rate=row["rate"],
        last_failure=row["last_failure"],
        last_failed_at=row["last_failed_at"],
        last_succeeded_at=row["last_succeeded_at"],
    )
