"""Accounts in SQLite."""

from collections.abc import Sequence

import attrs
import sqlalchemy as sa

from aniworld_core.domain.access import Account, folded_user_name
from aniworld_core.errors import UserChangedError, UserExistsError, UserNotFoundError
from aniworld_core.ports.accounts import AccountRepository
from aniworld_sqlite._dialects import Transactions
from aniworld_sqlite._repositories.rows import account_from_row, account_values
from aniworld_sqlite._schema import user_account as table


@attrs.define(eq=False)
class SqlAccountRepository(AccountRepository):
    """Accounts in the table `user_account`."""

    _database: Transactions

    async def add(self, account: Account) -> None:
        def insert(connection: sa.Connection) -> None:
            _require_free_name(connection, account)
            connection.execute(sa.insert(table).values(account_values(account)))

        await self._database.write(insert, always=True)

    async def get(self, user_id: str) -> Account:
        found = await self._found(sa.select(table).where(table.c.id == user_id))
        if not found:
            raise UserNotFoundError(user_id)
        return found[0]

    async def with_name(self, name: str) -> Account | None:
        folded = folded_user_name(name)
        found = await self._found(sa.select(table).where(table.c.folded_name == folded))
        return found[0] if found else None

    async def find(self) -> Sequence[Account]:
        return await self._found(sa.select(table).order_by(table.c.folded_name))

    async def replace(self, account: Account) -> None:
        def update(connection: sa.Connection) -> None:
            own = table.c.id == account.id
            stored = connection.execute(sa.select(table.c.revision).where(own)).scalar()
            if stored is None:
                raise UserNotFoundError(account.id)
            if stored != account.revision - 1:
                raise UserChangedError(account.name)
            _require_free_name(connection, account)
            connection.execute(sa.update(table).where(own).values(account_values(account)))

        await self._database.write(update, always=True)

    async def remove(self, user_id: str) -> None:
        delete = sa.delete(table).where(table.c.id == user_id)
        if not await self._database.write(lambda c: c.execute(delete).rowcount, always=True):
            raise UserNotFoundError(user_id)

    async def _found(self, query: sa.Select[tuple[object, ...]]) -> tuple[Account, ...]:
        rows = await self._database.read(lambda c: c.execute(query).mappings().all())
        return tuple(account_from_row(row) for row in rows)


def _require_free_name(connection: sa.Connection, account: Account) -> None:
    query = sa.select(table.c.id).where(
        table.c.folded_name == account.folded_name, table.c.id != account.id
    )
    if connection.execute(query).first() is not None:
        raise UserExistsError(account.name)
