"""Entries of the history: what happened in a library, and who asked for it."""

import enum
from datetime import datetime

import attrs

from aniworld_core.domain.identity import ChangeId, JobId, SeriesKey, format_episode_code


class HistoryKind(enum.StrEnum):
    """What happened."""

    ADDED = "added"  #: a series was added to the library
    REMOVED = "removed"  #: a series was removed from the library
    QUEUED = "queued"  #: an episode was added to the queue
    COMPLETED = "completed"  #: an episode was downloaded
    UPGRADED = "upgraded"  #: an episode was downloaded in place of another file
    FAILED = "failed"  #: an attempt to download an episode failed
    BULK = "bulk"  #: many series are changed by one job
    CHANGED = "changed"  #: files are renamed, imported, deleted, or such a change is undone


class ActorKind(enum.StrEnum):
    """Who asked for something."""

    PERSON = "person"  #: someone who is signed in on the pages
    API_KEY = "api_key"
    COMMAND = "command"  #: the command line
    SCHEDULE = "schedule"
    PROGRAM = "program"  #: the program itself: a worker, a watch of folders, an embedding script


@attrs.frozen
class Actor:
    """Who asked for something; an API key has its name."""

    kind: ActorKind
    name: str = ""


@attrs.frozen(kw_only=True)
class HistoryEntry:
    """One thing that happened.

    Attributes:
        title: Name of the series or, for changes of files, what was changed.
        season: Season of the episode; `None` when it is not about one.
        detail: The reason of a failure, or how an episode was obtained; empty without either.
        file: Stored path of the new file.
        change_id: The change of the library, which may be undone.
        job_id: The bulk job, which may be undone.
        change_origin: What the change was made for, such as `rename`.
        id: Set by the repository; later entries have higher ones.
    """

    kind: HistoryKind
    at: datetime
    by: Actor
    title: str
    key: SeriesKey | None = None
    season: int | None = None
    number: int | None = None
    detail: str = ""
    file: str | None = None
    change_id: ChangeId | None = None
    change_origin: str | None = None
    job_id: JobId | None = None
    id: int = 0

    @property
    def code(self) -> str:
        """Return the code of the episode, such as `S01E05`; empty when it is not about one."""
        if self.season is None or self.number is None:
            return ""
        return format_episode_code(self.season, self.number)


@attrs.frozen(kw_only=True)
class HistoryQuery:
    """Which entries to list, newest first.

    Attributes:
        kinds: Only these; all when empty.
        key: Only of this series.
        season: Only of episodes of this season.
        number: Only of episodes with this number.
        search: Part of the title or of the file, whatever its case.
        limit: Most entries; `None` for all.
        offset: Entries to skip.
    """

    kinds: frozenset[HistoryKind] = frozenset()
    key: SeriesKey | None = None
    season: int | None = None
    number: int | None = None
    search: str = ""
    limit: int | None = None
    offset: int = 0
