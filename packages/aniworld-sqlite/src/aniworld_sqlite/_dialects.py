"""Statements and functions that SQLite and PostgreSQL spell differently.

The repositories use these instead of the function of one database. For SQLite they render what
the repositories would otherwise write themselves.
"""

import functools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final, Protocol, TypeVar

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

T = TypeVar("T")

POSTGRESQL: Final = "postgresql"


class Transactions(Protocol):
    """Runs closures in transactions; what a repository needs of its database.

    Attributes:
        is_remote: Whether processes go on when the machine of the database crashes. What they hold
            must be stored durably then: otherwise others would take it as well.
    """

    is_remote: ClassVar[bool]

    async def read(self, work: Callable[[sa.Connection], T]) -> T:
        """Run *work* in a read transaction."""
        ...

    async def write(
        self, work: Callable[[sa.Connection], T], *, durable: bool = True, always: bool = False
    ) -> T:
        """Run *work* as the only writer of all processes, and commit.

        Args:
            work: Executes statements on the connection.
            durable: Whether the change must survive a power failure.
            always: Whether to write even if the database is read-only.
        """
        ...

    async def revision(self) -> str:
        """Return a value that changes with every commit of any process."""
        ...


class _Function(FunctionElement[Any]):
    """A function of SQLite that another dialect renders in its own way."""

    inherit_cache = True


@compiles(_Function)
def _call(element: _Function, compiler: SQLCompiler, **options: Any) -> str:
    return f"{element.name}({', '.join(_arguments(element, compiler, **options))})"


class _Rows(_Function):
    """The elements of a JSON array as rows with the column `value`."""

    inherit_cache = True
    name = "json_each"


class _Part(_Function):
    """The part of a JSON text at a path, as text."""

    inherit_cache = True
    name = "json_extract"
    type = sa.Text()


class _Position(_Function):
    """The place of a text in another, from 1; 0 if it does not occur."""

    inherit_cache = True
    name = "instr"
    type = sa.Integer()


class _Code(_Function):
    """The code of an episode, such as s01e02."""

    inherit_cache = True
    name = "printf"
    type = sa.Text()


class _Casefold(_Function):
    """A text without differences of case."""

    inherit_cache = True
    name = "casefold"
    type = sa.Text()


class _Sum(_Function):
    """The sum as a float; 0 without rows."""

    inherit_cache = True
    name = "total"
    type = sa.Float()


class _Least(_Function):
    """The smaller one of two numbers."""

    inherit_cache = True
    name = "min"


class _Now(_Function):
    """The time of the transaction, as a naive time in UTC."""

    inherit_cache = True
    name = "now"
    type = sa.DateTime()


def json_rows(values: Iterable[object]) -> sa.TableValuedAlias:
    """Return values as a table with the column `value`: one variable, however many there are."""
    return bound_rows(sa.literal(json.dumps(list(values), ensure_ascii=False), sa.Text()))


def bound_rows(array: sa.ColumnElement[str]) -> sa.TableValuedAlias:
    """Return the elements of a JSON array as a table with the column `value`."""
    return _Rows(array).table_valued(sa.column("value", sa.Text()))


def json_part(value: sa.ColumnElement[Any], path: str) -> sa.ColumnElement[Any]:
    """Return the part of a JSON text at a path such as `$.kind` or `$[0]`."""
    return _Part(value, sa.literal_column(f"'{path}'"))


def position(text: sa.ColumnElement[Any], part: object) -> sa.ColumnElement[int]:
    """Return the place of a part in a text, 0 if it does not occur; no character is a wildcard."""
    return _Position(text, part)


def episode_code(
    season: sa.ColumnElement[int], number: sa.ColumnElement[int]
) -> sa.ColumnElement[str]:
    """Return the code of an episode in lower case; at least two digits each."""
    return _Code(season, number)


def casefold(text: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    """Return a text without differences of case."""
    return _Casefold(text)


def float_sum(column: sa.ColumnElement[Any]) -> sa.ColumnElement[float]:
    """Return the sum as a float, which does not overflow; 0 without rows."""
    return _Sum(column)


def least(first: sa.ColumnElement[Any], second: float) -> sa.ColumnElement[Any]:
    """Return the smaller one of two numbers."""
    return _Least(first, second)


def now() -> sa.ColumnElement[Any]:
    """Return the time of the database, for columns that people read."""
    return _Now()


def inserting(dialect: str, table: sa.Table) -> Any:
    """Return an INSERT of the dialect, which has the methods for ON CONFLICT."""
    if dialect == POSTGRESQL:
        # Imported when it is used: the package imports every driver module.
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    return sqlite.insert(table)


def replace(
    connection: sa.Connection,
    table: sa.Table,
    rows: Mapping[str, object] | Sequence[Mapping[str, object]],
) -> None:
    """Insert rows, or replace all values of those with the same primary key."""
    connection.execute(replacing(connection.dialect.name, table), rows)


@functools.cache
def replacing(dialect: str, table: sa.Table) -> sa.Insert:
    """Return the statement of `replace`."""
    insert = inserting(dialect, table)
    changed = {c.name: insert.excluded[c.name] for c in table.c if not c.primary_key}
    statement: sa.Insert = insert.on_conflict_do_update(
        index_elements=list(table.primary_key.columns), set_=changed
    )
    return statement


@functools.cache
def ignoring(dialect: str, table: sa.Table) -> sa.Insert:
    """Return the statement that inserts rows and passes over those that exist."""
    statement: sa.Insert = inserting(dialect, table).on_conflict_do_nothing()
    return statement


@attrs.define(eq=False)
class TupleStatement:
    """A statement that is executed with plain tuples, because a scan writes 100,000 rows.

    Attributes:
        names: The parameters in the order of the tuples.
    """

    names: tuple[str, ...]
    _make: Callable[[str], sa.Insert | sa.Update]
    _texts: dict[str, str] = attrs.field(factory=dict, init=False)

    def execute(self, connection: sa.Connection, rows: list[tuple[object, ...]]) -> None:
        """Execute the statement with each of the rows."""
        dialect = connection.dialect
        text = self._texts.get(dialect.name)
        if text is None:
            made = self._make(dialect.name).compile(dialect=dialect, column_keys=list(self.names))
            text = self._texts[dialect.name] = str(made)
        if dialect.positional:
            connection.exec_driver_sql(text, rows)
        else:
            named = [dict(zip(self.names, row, strict=True)) for row in rows]
            connection.exec_driver_sql(text, named)


def _arguments(element: _Function, compiler: SQLCompiler, **options: Any) -> list[str]:
    return [compiler.process(each, **options) for each in element.clauses]


@compiles(_Rows, POSTGRESQL)
def _rows(element: _Rows, compiler: SQLCompiler, **options: Any) -> str:
    (array,) = _arguments(element, compiler, **options)
    return f"json_array_elements_text(CAST({array} AS json))"


@compiles(_Part, POSTGRESQL)
def _part(element: _Part, compiler: SQLCompiler, **options: Any) -> str:
    text, path = _arguments(element, compiler, **options)
    keys = ",".join(path.strip("'$.[]").replace("[", ".").split("."))
    return f"(CAST({text} AS json) #>> '{{{keys}}}')"


@compiles(_Position, POSTGRESQL)
def _position(element: _Position, compiler: SQLCompiler, **options: Any) -> str:
    text, part = _arguments(element, compiler, **options)
    return f"strpos({text}, {part})"


@compiles(_Code)
def _code(element: _Code, compiler: SQLCompiler, **options: Any) -> str:
    season, number = _arguments(element, compiler, **options)
    return f"printf('s%02de%02d', {season}, {number})"


@compiles(_Code, POSTGRESQL)
def _padded_code(element: _Code, compiler: SQLCompiler, **options: Any) -> str:
    season, number = _arguments(element, compiler, **options)
    parts = (f"lpad({n}::text, greatest(2, length({n}::text)), '0')" for n in (season, number))
    return "('s' || {} || 'e' || {})".format(*parts)


@compiles(_Casefold, POSTGRESQL)
def _lower(element: _Casefold, compiler: SQLCompiler, **options: Any) -> str:
    (text,) = _arguments(element, compiler, **options)
    return f"aniworld_casefold({text})"


@compiles(_Sum, POSTGRESQL)
def _sum(element: _Sum, compiler: SQLCompiler, **options: Any) -> str:
    (column,) = _arguments(element, compiler, **options)
    return f"coalesce(sum(CAST({column} AS double precision)), 0)"


@compiles(_Least, POSTGRESQL)
def _least(element: _Least, compiler: SQLCompiler, **options: Any) -> str:
    first, second = _arguments(element, compiler, **options)
    return f"least({first}, {second})"


@compiles(_Now)
def _sqlite_now(element: _Now, compiler: SQLCompiler, **options: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


@compiles(_Now, POSTGRESQL)
def _now(element: _Now, compiler: SQLCompiler, **options: Any) -> str:
    return "(now() AT TIME ZONE 'utc')"
