"""Background tasks of a server, and their last runs."""

import enum
from datetime import datetime, timedelta
from typing import Final

import attrs

#: Duration of the lease of a running task. A longer one was taken before the clock was set back.
TASK_LEASE: Final = timedelta(minutes=2)


class TaskKind(enum.StrEnum):
    """When a task runs."""

    PERIODIC = "periodic"  #: at intervals, and on request
    CONTINUOUS = "continuous"  #: as long as the server runs
    STARTUP = "startup"  #: once at the start of the server


class TaskName(enum.StrEnum):
    """Every background task. A server starts no other ones."""

    LIBRARY_SCAN = "library-scan"  #: the scheduled scan, with the work that follows it
    RELEASE_CHECK = "release-check"  #: check series near an expected release
    FILE_INSPECTION = "file-inspection"  #: read the content of new files
    DATABASE_COPY = "database-copy"  #: copy the database
    RECYCLE_BIN = "recycle-bin"  #: delete what exceeds the limits of the recycle bins
    HISTORY_LIMIT = "history-limit"  #: delete the oldest entries of the history
    SESSION_CLEANUP = "session-cleanup"  #: delete expired sessions
    STATISTICS = "statistics"  #: store the size of the library
    DOWNLOADS = "downloads"  #: the worker of the queue
    QUEUE_CONTROL = "queue-control"  #: apply stop and pause of other processes
    SCAN_REQUESTS = "scan-requests"  #: carry out requested scans
    BULK_JOBS = "bulk-jobs"  #: change many series
    LIBRARY_WATCH = "library-watch"  #: scan folders that change on the disk
    NOTIFICATIONS = "notifications"  #: send notifications
    MEDIA_SERVERS = "media-servers"  #: refresh media servers after changes of the library
    SIDECARS = "sidecars"  #: write NFO files and pictures after downloads
    OTHER_PROCESSES = "other-processes"  #: publish what other processes do
    LIVE_PAGES = "live-pages"  #: messages to open pages
    LOOP_PROBE = "loop-probe"  #: measure the delay of the event loop
    CONNECTIONS = "connections"  #: close idle and slow connections
    LEGACY_IMPORT = "legacy-import"  #: import data of the former program

    @property
    def kind(self) -> TaskKind:
        """When the task runs."""
        if self is TaskName.LEGACY_IMPORT:
            return TaskKind.STARTUP
        return TaskKind.PERIODIC if self in PERIODIC else TaskKind.CONTINUOUS


#: Tasks that run at intervals.
PERIODIC: Final = frozenset(
    {
        TaskName.LIBRARY_SCAN,
        TaskName.RELEASE_CHECK,
        TaskName.FILE_INSPECTION,
        TaskName.DATABASE_COPY,
        TaskName.RECYCLE_BIN,
        TaskName.HISTORY_LIMIT,
        TaskName.SESSION_CLEANUP,
        TaskName.STATISTICS,
    }
)


class TaskOutcome(enum.StrEnum):
    """How a run ended."""

    COMPLETED = "completed"
    FAILED = "failed"
    INTERRUPTED = "interrupted"  #: the process ended during the run


@attrs.frozen(kw_only=True)
class TaskRun:
    """The present and the last finished run of a task.

    Attributes:
        name: Name of the task; a name that this version does not have is kept as it is.
        started_at: Start of the present run, or of the last one.
        holder: Process that runs it; empty if none does.
        held_until: End of the lease.
        finished_at: End of the last finished run.
        seconds: Duration of the last finished run, measured independently of the time of day;
            `None` if unknown.
        outcome: How the last finished run ended.
        result: Result of the last finished run in one line.
    """

    name: str
    started_at: datetime
    holder: str = ""
    held_until: datetime | None = None
    finished_at: datetime | None = None
    seconds: float | None = None
    outcome: TaskOutcome | None = None
    result: str = ""

    def is_running(self, now: datetime) -> bool:
        """Return whether a process runs the task."""
        if not self.holder or self.held_until is None:
            return False
        return timedelta(0) < self.held_until - now <= TASK_LEASE

    def seen_at(self, now: datetime) -> "TaskRun":
        """Return the run as interrupted if its process ended without finishing it."""
        if not self.holder or self.is_running(now):
            return self
        return self.end(self.holder, outcome=TaskOutcome.INTERRUPTED)

    def renew(self, holder: str, until: datetime) -> "TaskRun":
        """Return the run with a longer lease; unchanged if another process holds it."""
        return attrs.evolve(self, held_until=until) if holder == self.holder else self

    def end(
        self,
        holder: str,
        *,
        outcome: TaskOutcome,
        at: datetime | None = None,
        seconds: float | None = None,
        result: str = "",
    ) -> "TaskRun":
        """Return the finished run; unchanged if another process holds it."""
        if holder != self.holder:
            return self
        return attrs.evolve(
            self,
            holder="",
            held_until=None,
            finished_at=at,
            seconds=seconds,
            outcome=outcome,
            result=result,
        )


def begin_run(
    stored: TaskRun | None, name: str, holder: str, now: datetime, *, is_free: bool = False
) -> TaskRun | None:
    """Return a task's new run, or `None` if it is running, also in the same process.

    Args:
        stored: The last run.
        name: The task.
        holder: Process that starts it.
        now: The present time.
        is_free: Take the task whatever is stored, because another lease excludes other runs.
    """
    last = TaskRun(name=name, started_at=now) if stored is None else stored.seen_at(now)
    if last.is_running(now) and not is_free:
        return None
    return attrs.evolve(last, started_at=now, holder=holder, held_until=now + TASK_LEASE)
