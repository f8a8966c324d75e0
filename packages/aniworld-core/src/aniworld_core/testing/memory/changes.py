"""Journal of library changes in memory."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import anyio.lowlevel
import attrs

from aniworld_core.domain.catalogue import Page
from aniworld_core.domain.identity import ChangeId
from aniworld_core.domain.library import (
    UNFINISHED,
    ChangeEntry,
    ChangeStatus,
    FileStamp,
    JournalStep,
    LibraryChange,
    StepState,
    undone_changes,
)
from aniworld_core.errors import ChangeNotFoundError
from aniworld_core.ports.change_journal import ChangeJournal


@attrs.define(eq=False)
class MemoryChangeJournal(ChangeJournal):
    """Changes in a dict."""

    _changes: dict[ChangeId, LibraryChange] = attrs.field(factory=dict, init=False)
    _count: int = attrs.field(default=0, init=False)

    async def begin(self, change: LibraryChange) -> LibraryChange:
        await anyio.lowlevel.checkpoint()
        self._count += 1
        numbered = attrs.evolve(change, id=ChangeId(self._count))
        self._changes[numbered.id] = numbered
        return numbered

    async def get(self, change_id: ChangeId) -> LibraryChange:
        await anyio.lowlevel.checkpoint()
        return self._stored(change_id)

    async def entry(self, change_id: ChangeId) -> ChangeEntry:
        await anyio.lowlevel.checkpoint()
        return self._entry(self._stored(change_id))

    async def unfinished(self) -> Sequence[LibraryChange]:
        await anyio.lowlevel.checkpoint()
        return tuple(c for _, c in sorted(self._changes.items()) if c.status in UNFINISHED)

    async def find(self, *, limit: int | None = None, offset: int = 0) -> Page[ChangeEntry]:
        await anyio.lowlevel.checkpoint()
        newest = [self._entry(c) for _, c in sorted(self._changes.items(), reverse=True)]
        end = None if limit is None else offset + limit
        return Page(tuple(newest[offset:end]), len(newest))

    async def note_steps(
        self, change_id: ChangeId, steps: Mapping[int, tuple[StepState, FileStamp | None]]
    ) -> None:
        await anyio.lowlevel.checkpoint()
        change = self._stored(change_id)
        noted = list(change.steps)
        for index, (state, result) in steps.items():
            noted[index] = attrs.evolve(noted[index], state=state, result=result)
        self._changes[change_id] = attrs.evolve(change, steps=tuple(noted))

    async def settle(
        self, change_id: ChangeId, status: ChangeStatus, *, at: datetime, reason: str = ""
    ) -> None:
        await anyio.lowlevel.checkpoint()
        change = attrs.evolve(self._stored(change_id), status=status, reason=reason)
        if status not in UNFINISHED:
            steps = tuple(_without_content(step) for step in change.steps)
            change = attrs.evolve(change, steps=steps, finished_at=at)
        self._changes[change_id] = change

    async def prune(self, *, before: datetime | None, most: int) -> int:
        await anyio.lowlevel.checkpoint()
        newest = sorted(self._changes, reverse=True)[:most]
        old = [
            change.id
            for change in self._changes.values()
            if change.status not in UNFINISHED
            and (
                change.id not in newest
                or (before and change.finished_at and change.finished_at < before)
            )
        ]
        for change_id in old:
            del self._changes[change_id]
        return len(old)

    def _entry(self, change: LibraryChange) -> ChangeEntry:
        undos = {
            c.id: c.undoes
            for c in self._changes.values()
            if c.undoes is not None and c.status is ChangeStatus.DONE
        }
        return attrs.evolve(change.entry, is_undone=change.id in undone_changes(undos))

    def _stored(self, change_id: ChangeId) -> LibraryChange:
        try:
            return self._changes[change_id]
        except KeyError:
            raise ChangeNotFoundError(change_id) from None


def _without_content(step: JournalStep) -> JournalStep:
    return attrs.evolve(step, step=attrs.evolve(step.step, content=None))
