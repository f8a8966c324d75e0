"""Rows of every kind in every table, to compare databases by."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Final

import sqlalchemy as sa

from aniworld_sqlite.sql import metadata

_START: Final = datetime(2026, 1, 1, 12, 0, 0, 123_456, tzinfo=UTC).replace(tzinfo=None)
_TEXTS: Final = ("plain", "Grüße ß", "a\nb\t'c\"", "日本語 🎬", "", "zz")


def fill_tables(connection: sa.Connection, rows: int = 3) -> None:
    """Add rows to each table: texts of many scripts, times with microseconds, bytes and NULL."""
    for table in metadata.sorted_tables:
        columns = [c for c in table.c if not c.foreign_keys]
        parents = {c.name: next(iter(c.foreign_keys)).column for c in table.c if c.foreign_keys}
        plain = sa.table(table.name, *(sa.column(c.name, _plain(c.type)) for c in table.c))
        keys = {
            name: list(connection.execute(sa.select(column)).scalars())
            for name, column in parents.items()
        }
        is_single = any(isinstance(c, sa.CheckConstraint) for c in table.constraints)
        connection.execute(
            sa.insert(plain),
            [
                {column.name: _value(column, number) for column in columns}
                | {name: found[number % len(found)] for name, found in keys.items()}
                for number in range(1, 2 if is_single else rows + 1)
            ],
        )


def _plain(kind: sa.types.TypeEngine[object]) -> sa.types.TypeEngine[object]:
    return kind.impl_instance if isinstance(kind, sa.TypeDecorator) else kind


def _value(column: sa.Column[object], number: int) -> object:
    if column.nullable and number % 3 == 0:
        return None
    kind = _plain(column.type)
    if isinstance(kind, sa.Boolean):
        return number % 2 == 0
    if isinstance(kind, sa.DateTime):
        return _START + timedelta(days=number, microseconds=number)
    if isinstance(kind, sa.Date):
        return _START.date() + timedelta(days=number)
    if isinstance(kind, sa.Float):
        return number / 3
    if isinstance(kind, sa.Integer):
        return number * (1 << 40) if not column.primary_key else number
    if isinstance(kind, sa.LargeBinary):
        return bytes([0, 255, number])
    text = next(itertools.islice(itertools.cycle(_TEXTS), number, None))
    return f"{number}{text}" if column.primary_key or column.unique else text
