"""State that the processes of one installation share, besides library and queue."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import attrs

from aniworld_core.domain.identity import FolderName, SeriesKey

if TYPE_CHECKING:
    # Slow to import, and most notes have no failure.
    from aniworld_core.domain.downloads import Failure

#: Age from which the note of a running scan belongs to a process that has ended.
SCAN_NOTE_LIFETIME: Final = timedelta(seconds=30)


@attrs.frozen(kw_only=True)
class QueueControl:
    """Stop and pause of the queue; kept until changed, also across restarts.

    Attributes:
        is_stopped: The server starts no download.
        is_paused: The server holds its active transfers and starts none.
    """

    is_stopped: bool = False
    is_paused: bool = False


@attrs.frozen(kw_only=True)
class ScanNote:
    """Progress or result of the last scan of any process.

    Attributes:
        process: Unique name of the scanning process.
        status: `running`, `completed`, `failed` or `cancelled`.
        noted_at: Time of the note; a running scan renews it.
        done: Number of finished series.
        total: Number of series to scan.
        key: Series that was finished last.
        series: Number of series in the report.
        files: Number of video files in the report.
        missing: Number of missing episodes in the report.
        failure: Reason of a failure.
    """

    process: str
    scan_id: str
    status: str
    started_at: datetime
    noted_at: datetime
    done: int = 0
    total: int = 0
    key: SeriesKey | None = None
    folder: FolderName | None = None
    series: int = 0
    files: int = 0
    missing: int = 0
    failure: "Failure | None" = None

    def is_running(self, now: datetime) -> bool:
        """Return whether the scan is running, judged by the age of its note."""
        return self.status == "running" and now - self.noted_at < SCAN_NOTE_LIFETIME
