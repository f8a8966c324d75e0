"""The history in memory."""

import itertools
from collections.abc import Iterator, Sequence

import anyio.lowlevel
import attrs

from aniworld_core.domain.automation import HistoryEntry, HistoryQuery
from aniworld_core.domain.catalogue import Page
from aniworld_core.ports.history import HistoryRepository


@attrs.define(eq=False)
class MemoryHistoryRepository(HistoryRepository):
    """Entries in a list, oldest first."""

    _entries: list[HistoryEntry] = attrs.field(factory=list, init=False)
    _ids: Iterator[int] = attrs.field(factory=lambda: itertools.count(1), init=False)

    async def add(self, entries: Sequence[HistoryEntry]) -> None:
        await anyio.lowlevel.checkpoint()
        self._entries += [attrs.evolve(entry, id=next(self._ids)) for entry in entries]

    async def find(self, query: HistoryQuery) -> Page[HistoryEntry]:
        await anyio.lowlevel.checkpoint()
        found = [entry for entry in reversed(self._entries) if _matches(entry, query)]
        stop = None if query.limit is None else query.offset + query.limit
        return Page(tuple(found[query.offset : stop]), len(found))

    async def prune(self, keep: int) -> int:
        await anyio.lowlevel.checkpoint()
        before = len(self._entries)
        self._entries = self._entries[max(before - keep, 0) :]
        return before - len(self._entries)


def _matches(entry: HistoryEntry, query: HistoryQuery) -> bool:
    needle = query.search.casefold()
    return (
        (not query.kinds or entry.kind in query.kinds)
        and (query.key is None or entry.key == query.key)
        and query.season in (None, entry.season)
        and query.number in (None, entry.number)
        and any(needle in text.casefold() for text in (entry.title, entry.file or ""))
    )
