"""Read and fill the tables of an SQL database by rows, without their meaning."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, TypeVar, cast

import anyio
import anyio.to_thread
import attrs
import sqlalchemy as sa

from aniworld_core.ports.tables import Row, TableReader, TableWriter
from aniworld_sqlite._schema import metadata

T = TypeVar("T")

#: Exists while a copy is not finished, with its mark.
_COPY: Final = sa.Table("storage_copy", sa.MetaData(), sa.Column("mark", sa.Text, nullable=False))


def _plain(kind: sa.types.TypeEngine[object]) -> sa.types.TypeEngine[object]:
    """Return the type that is stored: what a decorator makes of it is not copied."""
    return kind.impl_instance if isinstance(kind, sa.TypeDecorator) else kind


#: The tables with plain types, in an order in which rows refer only to earlier ones.
_PLAIN: Final[Mapping[str, sa.TableClause]] = {
    table.name: sa.table(table.name, *(sa.column(c.name, _plain(c.type)) for c in table.c))
    for table in metadata.sorted_tables
}


@attrs.define(eq=False, kw_only=True)
class SqlTableReader(TableReader):
    """Tables of a connection that one thread at a time uses.

    Attributes:
        connection: Stays in one read transaction, so that all calls see the same rows.
        mapped: Converts errors of the database.
        seen_changes: Returns whether another program changed the database; blocks.
    """

    _place: str
    _folder: Path | None
    _connection: sa.Connection
    _mapped: Callable[[], AbstractContextManager[None]]
    _seen_changes: Callable[[sa.Connection], bool] = lambda _: False
    _limiter: anyio.CapacityLimiter = attrs.field(
        factory=lambda: anyio.CapacityLimiter(1), init=False
    )

    @property
    def place(self) -> str:
        return self._place

    @property
    def folder(self) -> Path | None:
        return self._folder

    @property
    def tables(self) -> Sequence[str]:
        return tuple(_PLAIN)

    async def count(self, table: str) -> int:
        query = sa.select(sa.func.count()).select_from(_PLAIN[table])
        return await self.run(lambda c: int(c.execute(query).scalar_one()))

    async def rows(self, table: str, *, after: Row | None, limit: int) -> Sequence[Row]:
        plain, keys = _PLAIN[table], _keys(table)
        query = sa.select(plain).order_by(*keys).limit(limit)
        if after is not None:
            position = dict(zip(plain.c.keys(), after, strict=True))
            reached = [sa.literal(position[key.name], key.type) for key in keys]
            query = query.where(sa.tuple_(*keys) > sa.tuple_(*reached))
        return await self.run(lambda c: [tuple(row) for row in c.execute(query)])

    async def last(self, table: str) -> Row | None:
        query = sa.select(_PLAIN[table]).order_by(*(key.desc() for key in _keys(table))).limit(1)
        row = await self.run(lambda c: c.execute(query).first())
        return None if row is None else tuple(row)

    async def counters(self) -> Mapping[str, int]:
        return await self.run(stored_counters)

    async def is_changed(self) -> bool:
        return await self.run(self._seen_changes)

    async def run(self, work: Callable[[sa.Connection], T]) -> T:
        """Run *work* in a thread, in the transaction of the reader."""

        def alone() -> T:
            with self._mapped():
                return work(self._connection)

        return await anyio.to_thread.run_sync(alone, limiter=self._limiter)


@attrs.define(eq=False, kw_only=True)
class SqlTableWriter(SqlTableReader, TableWriter):
    """Tables of a connection that commits each call.

    Attributes:
        prepare: Makes empty tables without triggers.
        complete: Makes the triggers and whatever else makes the database usable.
    """

    _prepare: Callable[[sa.Connection], None]
    _complete: Callable[[sa.Connection], None]

    async def begin(self, mark: str) -> bool:
        return await self.run(lambda connection: self._begin(connection, mark))

    async def add(self, table: str, rows: Sequence[Row]) -> None:
        plain = _PLAIN[table]
        names = plain.c.keys()
        values = [dict(zip(names, row, strict=True)) for row in rows]
        await self.run(lambda c: c.execute(sa.insert(plain), values))

    async def finish(self, counters: Mapping[str, int]) -> None:
        def work(connection: sa.Connection) -> None:
            _set_counters(connection, counters)
            _COPY.drop(connection)
            self._complete(connection)

        await self.run(work)

    async def run(self, work: Callable[[sa.Connection], T]) -> T:
        """Run *work* in a thread, in a transaction of its own."""

        def alone() -> T:
            with self._mapped(), self._connection.begin():
                return work(self._connection)

        return await anyio.to_thread.run_sync(alone, limiter=self._limiter)

    def _begin(self, connection: sa.Connection, mark: str) -> bool:
        former = copied_mark(connection)
        if former == mark:
            return True
        if former is None:
            self._prepare(connection)
            _COPY.create(connection)
        else:
            for table in reversed(metadata.sorted_tables):
                connection.execute(sa.delete(table))
            connection.execute(sa.delete(_COPY))
        connection.execute(sa.insert(_COPY), {"mark": mark})
        return False


def copied_mark(connection: sa.Connection) -> str | None:
    """Return the mark of an unfinished copy; `None` if there is none."""
    if not sa.inspect(connection).has_table(_COPY.name):
        return None
    return str(connection.execute(sa.select(_COPY.c.mark)).scalar_one())


def _keys(table: str) -> list[sa.ColumnClause[object]]:
    plain = _PLAIN[table]
    columns = metadata.tables[table].primary_key.columns
    return [cast("sa.ColumnClause[object]", plain.c[column.name]) for column in columns]


def _numbered() -> dict[str, str]:
    """Return the column of each table that gets the next number by itself."""
    return {
        table.name: table.autoincrement_column.name
        for table in metadata.sorted_tables
        if table.autoincrement_column is not None
    }


def stored_counters(connection: sa.Connection) -> Mapping[str, int]:
    """Return the last number that each table gave to a row."""
    found = {}
    if connection.dialect.name == "sqlite":
        if sa.inspect(connection).has_table("sqlite_sequence"):
            query = sa.text("SELECT name, seq FROM sqlite_sequence")
            found = {str(name): int(number) for name, number in connection.execute(query)}
        return {name: found[name] for name in _numbered() if name in found}
    for name, column in _numbered().items():
        sequence = _sequence(connection, name, column)
        if sequence:
            query = sa.text("SELECT pg_sequence_last_value(CAST(:sequence AS regclass))")
            number = connection.execute(query, {"sequence": sequence}).scalar()
            if number:
                found[name] = int(number)
    return found


def _set_counters(connection: sa.Connection, counters: Mapping[str, int]) -> None:
    for name, column in _numbered().items():
        highest = connection.execute(sa.select(sa.func.max(_PLAIN[name].c[column]))).scalar()
        number = max(int(highest or 0), counters.get(name, 0))
        if not number:
            continue
        if connection.dialect.name == "sqlite":
            _set_sqlite_counter(connection, name, number)
        elif sequence := _sequence(connection, name, column):
            connection.execute(
                sa.text("SELECT setval(:sequence, :number)"),
                {"sequence": sequence, "number": number},
            )


def _set_sqlite_counter(connection: sa.Connection, name: str, number: int) -> None:
    if not metadata.tables[name].dialect_options["sqlite"]["autoincrement"]:
        return
    given = {"name": name, "number": number}
    connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), given)
    connection.execute(sa.text("INSERT INTO sqlite_sequence VALUES (:name, :number)"), given)


def _sequence(connection: sa.Connection, table: str, column: str) -> str | None:
    query = sa.text("SELECT pg_get_serial_sequence(:table, :column)")
    found = connection.execute(query, {"table": table, "column": column}).scalar()
    return None if found is None else str(found)
