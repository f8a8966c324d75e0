"""The recent guesses of passwords at all machines."""

from datetime import datetime

import attrs
import sqlalchemy as sa

from aniworld_core.domain.access import GUESS_WINDOW, Guess, next_guess
from aniworld_core.ports.guesses import GuessCounter
from aniworld_postgres._database import Database
from aniworld_postgres._shared import password_guess


@attrs.define(eq=False)
class PostgresGuessCounter(GuessCounter):
    """Guesses in the table `password_guess`, which never has more rows than all budgets."""

    _database: Database

    async def reserve(self, group: str, *, at: datetime, budget: int) -> Guess:
        table = password_guess

        def work(connection: sa.Connection) -> Guess:
            connection.execute(
                sa.delete(table).where(
                    ~table.c.counts_from.between(at - GUESS_WINDOW, at + GUESS_WINDOW)
                )
            )
            query = sa.select(table.c.counts_from).where(table.c.caller_group == group)
            taken = connection.execute(query).scalars().all()
            counts_from, delay = next_guess(taken, at=at, budget=budget)
            add = sa.insert(table).values(caller_group=group, counts_from=counts_from)
            number = connection.execute(add.returning(table.c.id)).scalar_one()
            return Guess(id=number, group=group, delay=delay)

        return await self._database.write(work, durable=False)

    async def forget(self, guess: Guess) -> None:
        delete = sa.delete(password_guess).where(password_guess.c.id == guess.id)
        await self._database.write(lambda c: c.execute(delete), durable=False)
