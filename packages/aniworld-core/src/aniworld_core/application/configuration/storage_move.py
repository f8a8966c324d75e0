"""Copy all tables of one database into another, and compare them."""

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date
from enum import Enum
from typing import Final

import attrs

from aniworld_core.errors import StorageNotMovedError
from aniworld_core.messages import Message
from aniworld_core.ports.tables import Row, TableReader, TableWriter

#: Rows that are held in memory and written in one transaction.
_BATCH: Final = 2_000


class MoveStep(Enum):
    """What is done with the tables, in this order."""

    READ = "read"
    COPY = "copy"
    VERIFY = "verify"


@attrs.frozen(kw_only=True)
class MoveProgress:
    """How far a copy is.

    Attributes:
        table: The table at work.
        done: Rows that this step has finished, of all tables.
        total: Rows of all tables.
    """

    step: MoveStep
    table: str
    done: int
    total: int


@attrs.frozen(kw_only=True)
class MovedTable:
    """A copied table.

    Attributes:
        digest: SHA-256 of all rows in hexadecimal, equal in both databases.
    """

    name: str
    rows: int
    digest: str


@attrs.frozen(kw_only=True)
class MoveReport:
    """The result of a copy.

    Attributes:
        is_resumed: Whether a former run had copied a part.
    """

    source: str
    target: str
    tables: tuple[MovedTable, ...]
    is_resumed: bool

    @property
    def rows(self) -> int:
        """The number of all rows."""
        return sum(table.rows for table in self.tables)


@attrs.define(eq=False, kw_only=True)
class StorageMove:
    """Copy the tables of a database into an empty one; the source is only read.

    A run that was killed is continued by the next one if the source is the same; otherwise the
    next one begins again.
    """

    _source: TableReader
    _target: TableWriter

    async def run(self, told: Callable[[MoveProgress], None] = lambda _: None) -> MoveReport:
        """Copy all rows, and compare number and digest of the rows of each table.

        Args:
            told: Called for each batch of rows.

        Raises:
            StorageNotMovedError: If a program changed the source meanwhile, or a table differs;
                the target cannot be opened then.
            UsageError: If the target cannot store a value of the source.
        """
        source, target = self._source, self._target
        counts = {table: await source.count(table) for table in source.tables}
        progress = _Steps(sum(counts.values()), told)
        expected = await self._digests(source, progress.of(MoveStep.READ))
        mark = hashlib.sha256("".join(t.name + t.digest for t in expected).encode()).hexdigest()
        is_resumed = await target.begin(mark)
        step = progress.of(MoveStep.COPY)
        for table in source.tables:
            if is_resumed:
                step(table, await target.count(table))
            async for rows in _batches(source, table, after=await target.last(table)):
                await target.add(table, rows)
                step(table, len(rows))
        copied = await self._digests(target, progress.of(MoveStep.VERIFY))
        for read, written in zip(expected, copied, strict=True):
            if read != written:
                await target.begin("")  # so that the next run begins again
                raise self._refusal(
                    Message("move_table_differs", name=read.name, source=read.rows, n=written.rows)
                )
        if await source.is_changed():
            raise self._refusal(Message("move_source_changed"))
        await target.finish(await source.counters())
        return MoveReport(
            source=source.place, target=target.place, tables=expected, is_resumed=is_resumed
        )

    async def _digests(
        self, tables: TableReader, step: Callable[[str, int], None]
    ) -> tuple[MovedTable, ...]:
        found = []
        for table in self._source.tables:
            hasher, count = hashlib.sha256(), 0
            async for rows in _batches(tables, table, after=None):
                hasher.update("".join(map(_line, rows)).encode())
                count += len(rows)
                step(table, len(rows))
            found.append(MovedTable(name=table, rows=count, digest=hasher.hexdigest()))
        return tuple(found)

    def _refusal(self, reason: Message) -> StorageNotMovedError:
        return StorageNotMovedError(self._source.place, self._target.place, reason)


@attrs.frozen
class _Steps:
    total: int
    told: Callable[[MoveProgress], None]

    def of(self, step: MoveStep) -> Callable[[str, int], None]:
        """Return a function that adds rows of a table to those that a step has finished."""
        done = 0

        def add(table: str, rows: int) -> None:
            nonlocal done
            done += rows
            self.told(MoveProgress(step=step, table=table, done=done, total=self.total))

        return add


async def _batches(
    tables: TableReader, table: str, *, after: Row | None
) -> AsyncIterator[Sequence[Row]]:
    while rows := await tables.rows(table, after=after, limit=_BATCH):
        yield rows
        after = rows[-1]


def _line(row: Row) -> str:
    return json.dumps(row, default=_plain) + "\n"


def _plain(value: object) -> dict[str, str]:
    if isinstance(value, date):  # or a time
        return {"time": value.isoformat()}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    raise TypeError(f"a row holds a {type(value).__name__}")
