"""Journal of changes: what was planned, what was done, and what can be undone."""

import enum
from collections.abc import Mapping
from datetime import datetime

import attrs

from aniworld_core.domain.identity import ChangeId, SeriesKey
from aniworld_core.domain.library.changes.plan import (
    ChangeOrigin,
    EpisodeFileChange,
    FileStamp,
    SeriesFolderChange,
)
from aniworld_core.domain.library.changes.steps import Step


class ChangeStatus(enum.StrEnum):
    """Status of a change."""

    RUNNING = "running"  #: its steps are being applied, or the process ended meanwhile
    STUCK = "stuck"  #: it could neither be finished nor rolled back; the reason says why
    DONE = "done"
    REVERTED = "reverted"  #: rolled back completely


#: Statuses that recovery has to finish.
UNFINISHED = frozenset({ChangeStatus.RUNNING, ChangeStatus.STUCK})


class StepState(enum.StrEnum):
    """State of a step."""

    PLANNED = "planned"
    DONE = "done"
    REVERTED = "reverted"


@attrs.frozen(kw_only=True)
class JournalStep:
    """A step with its state.

    Attributes:
        result: Stamp of the file that the step left; `None` before and for folders.
    """

    step: Step
    state: StepState = StepState.PLANNED
    result: FileStamp | None = None

    @property
    def applied(self) -> Step:
        """The step with the stamp of the file that it left."""
        return attrs.evolve(self.step, stamp=self.result or self.step.stamp)


@attrs.frozen(kw_only=True)
class LibraryChange:
    """One entry of the journal.

    Attributes:
        id: Number of the change, given by the journal.
        at: Time at which it was journalled.
        finished_at: Time at which it was done or rolled back.
        reason: Why it was rolled back, is stuck or undoes only a part (a `Message`); empty
            otherwise.
        undoes: The change that this one undoes.
    """

    id: ChangeId
    origin: ChangeOrigin
    title: str
    at: datetime
    steps: tuple[JournalStep, ...]
    episodes: tuple[EpisodeFileChange, ...] = ()
    folders: tuple[SeriesFolderChange, ...] = ()
    removed_series: SeriesKey | None = None
    restored_series: SeriesKey | None = None
    status: ChangeStatus = ChangeStatus.RUNNING
    finished_at: datetime | None = None
    reason: str = ""
    undoes: ChangeId | None = None

    @property
    def entry(self) -> "ChangeEntry":
        """The change as it is listed; whether it is undone is known only to the journal."""
        return ChangeEntry(
            id=self.id,
            origin=self.origin,
            title=self.title,
            at=self.at,
            status=self.status,
            finished_at=self.finished_at,
            reason=self.reason,
            undoes=self.undoes,
        )


@attrs.frozen(kw_only=True)
class ChangeEntry:
    """A change in a list, without its steps.

    Attributes:
        is_undone: Whether another change has undone it, and was not undone itself.
    """

    id: ChangeId
    origin: ChangeOrigin
    title: str
    at: datetime
    status: ChangeStatus
    finished_at: datetime | None = None
    reason: str = ""
    undoes: ChangeId | None = None
    is_undone: bool = False


def undone_changes(undoes: Mapping[ChangeId, ChangeId]) -> frozenset[ChangeId]:
    """Return the changes that are undone at present.

    Args:
        undoes: Finished undo → the change that it undoes. An undo has a higher number than the
            change that it undoes.
    """
    undone: set[ChangeId] = set()
    for undo in sorted(undoes, reverse=True):
        if undo not in undone:
            undone.add(undoes[undo])
    return frozenset(undone)
