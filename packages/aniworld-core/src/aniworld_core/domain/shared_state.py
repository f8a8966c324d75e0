"""State that the processes of one installation share besides library and queue."""

from datetime import datetime, timedelta
from typing import Final

import attrs

from aniworld_core.domain.downloads import Failure
from aniworld_core.domain.identity import FolderName, SeriesKey

#: A running scan whose note is older than this belongs to a process that ended.
SCAN_NOTE_LIFETIME: Final = timedelta(seconds=30)


@attrs.frozen(kw_only=True)
class QueueControl:
    """What a person decided about the queue; holds until it is changed, also after a restart.

    Attributes:
        is_stopped: Nothing is started by the server.
        is_paused: Active transfers of the server stand still and none is started.
    """

    is_stopped: bool = False
    is_paused: bool = False


@attrs.frozen(kw_only=True)
class ScanNote:
    """Progress or result of the last scan of any process.

    Attributes:
        process: Names the scanning process; unique for each.
        status: `running`, `completed`, `failed` or `cancelled`.
        noted_at: When the note was written; a running scan repeats it.
        done: Number of finished series.
        total: Number of series to scan.
        key: The series that was finished last.
        series: Number of series in the report.
        files: Number of video files in the report.
        missing: Number of missing episodes in the report.
        failure: Why it failed.
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
    failure: Failure | None = None

    def is_running(self, now: datetime) -> bool:
        """Whether the scan is running, as far as its note can tell."""
        return self.status == "running" and now - self.noted_at < SCAN_NOTE_LIFETIME
