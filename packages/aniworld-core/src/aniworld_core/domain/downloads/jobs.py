"""Bulk jobs: one action on many series, with progress, cancellation and undo."""

import enum
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

import attrs

from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.identity import EpisodeSelection, JobId, SeriesKey
from aniworld_core.domain.media import Language, Quality


class JobKind(enum.StrEnum):
    """What a job does with each of its series."""

    DOWNLOAD = "download"  #: queue its missing episodes
    EDIT = "edit"  #: change its settings
    REMOVE = "remove"  #: remove it from the library


class SeasonChoice(enum.StrEnum):
    """Seasons whose episodes are wanted."""

    ALL = "all"
    LATEST = "latest"  #: only the last season
    NONE = "none"
    FILMS = "films"  #: season 0 too; the others stay as they are
    NO_FILMS = "no_films"  #: not season 0; the others stay as they are


@attrs.frozen(kw_only=True)
class JobAction:
    """What a job does.

    Attributes:
        monitored_only: Of a download: leave out series that are not monitored.
        monitored: New value for all series; `None` leaves it as it is, here and below.
        languages: Wanted languages in order; empty for the global order.
        quality: Wanted quality; empty for the global one.
        parent: Folder that has the folders of the series, as a stored path; empty for the library
            folder. The names of their own folders stay. No file is moved.
        seasons: Seasons whose episodes are wanted.
        files: Of a removal: move the folders to the recycle bin.
    """

    kind: JobKind
    monitored_only: bool = False
    monitored: bool | None = None
    languages: tuple[Language, ...] | None = None
    quality: Quality | Literal[""] | None = None
    parent: str | None = None
    seasons: SeasonChoice | None = None
    files: bool = False


class JobStatus(enum.StrEnum):
    """State of a job."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    UNDOING = "undoing"
    UNDONE = "undone"


#: Jobs that the server works on, also after a restart.
UNFINISHED_JOBS: Final = frozenset({JobStatus.WAITING, JobStatus.RUNNING, JobStatus.UNDOING})


class JobStepState(enum.StrEnum):
    """State of one series of a job."""

    WAITING = "waiting"
    BEGUN = "begun"  #: what undo needs is noted; the series may be changed already
    DONE = "done"
    UNCHANGED = "unchanged"  #: there was nothing to do
    FAILED = "failed"
    UNDONE = "undone"
    KEPT = "kept"  #: not undone, because the series has been changed since


@attrs.frozen(kw_only=True)
class JobStep:
    """One series of a job.

    Attributes:
        note: What undo needs; JSON values.
        reason: Why it failed.
    """

    key: SeriesKey
    state: JobStepState = JobStepState.WAITING
    note: Mapping[str, Any] = attrs.field(factory=dict)
    reason: str = ""


@attrs.frozen(kw_only=True)
class BulkJob:
    """A job and how far it is.

    Attributes:
        actor: Kind and name of who asked for it; see `actors`.
        total: Number of series to change, or to change back while it is undone.
        done: Series that are finished, in whatever way.
        changed: Series whose change is in force: changed and not undone.
        failed: Series that could not be changed, or not be changed back.
        kept: Series that were not undone, because they have been changed since.
        episodes: Queued episodes of a download.
        reason: Why the first series failed.
        is_cancelled: Its end was asked for, and its process has not ended it yet.
        id: Set by the repository; later jobs have higher ones.
    """

    action: JobAction
    actor: tuple[str, str]
    at: datetime
    total: int
    status: JobStatus = JobStatus.WAITING
    finished_at: datetime | None = None
    done: int = 0
    changed: int = 0
    failed: int = 0
    kept: int = 0
    episodes: int = 0
    reason: str = ""
    is_cancelled: bool = False
    id: JobId = JobId(0)

    @property
    def is_finished(self) -> bool:
        """Return whether the server does nothing more about the job."""
        return self.status not in UNFINISHED_JOBS

    @property
    def is_undoable(self) -> bool:
        """Return whether it has ended with changes that can be undone."""
        return self.status in {JobStatus.DONE, JobStatus.CANCELLED} and self.changed > 0


def with_seasons(series: Series, choice: SeasonChoice) -> Series:
    """Return the series with the episodes of the chosen seasons wanted and others not."""
    seasons = sorted({episode.season for episode in series.episodes})
    match choice:
        case SeasonChoice.ALL:
            wanted, others = seasons, []
        case SeasonChoice.NONE:
            wanted, others = [], seasons
        case SeasonChoice.LATEST:
            wanted, others = seasons[-1:], seasons[:-1]
        case SeasonChoice.FILMS:
            wanted, others = [s for s in seasons if s == 0], []
        case SeasonChoice.NO_FILMS:
            wanted, others = [], [s for s in seasons if s == 0]
    changed = series.with_wanted([EpisodeSelection(s) for s in wanted], wanted=True)
    return changed.with_wanted([EpisodeSelection(s) for s in others], wanted=False)


def action_to_json(action: JobAction) -> dict[str, Any]:
    """Return an action as a JSON object; values that it leaves as they are are left out."""
    languages = action.languages
    values: dict[str, Any] = {
        "kind": action.kind.value,
        "monitored_only": action.monitored_only,
        "monitored": action.monitored,
        "languages": None if languages is None else [each.code for each in languages],
        "quality": None if action.quality is None else str(action.quality),
        "parent": action.parent,
        "seasons": None if action.seasons is None else action.seasons.value,
        "files": action.files,
    }
    return {name: value for name, value in values.items() if value is not None}


def action_from_json(values: Mapping[str, Any]) -> JobAction:
    """Return the action of a JSON object of `action_to_json`."""
    languages, quality, seasons = (values.get(n) for n in ("languages", "quality", "seasons"))
    return JobAction(
        kind=JobKind(values["kind"]),
        monitored_only=values["monitored_only"],
        monitored=values.get("monitored"),
        languages=None if languages is None else tuple(map(Language, languages)),
        quality=Quality(quality) if quality else quality,
        parent=values.get("parent"),
        seasons=None if seasons is None else SeasonChoice(seasons),
        files=values["files"],
    )
