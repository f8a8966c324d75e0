"""State and report of a scan."""

import enum
from collections.abc import Mapping
from datetime import datetime

import attrs

from aniworld_core.domain.downloads import Failure
from aniworld_core.domain.identity import FolderName, SeriesKey


@attrs.frozen(kw_only=True)
class ScanReport:
    """What a scan found.

    Attributes:
        series: How many series the library knows.
        files: How many video files lie in the library folder.
        missing: How many episodes could be had but are not there.
        extra: Files that belong to no known episode, relative to the library root, sorted.
        unreadable: File or folder → why it cannot be used, sorted.
        failures: Series whose catalogue could not be asked, with the reason.
    """

    scan_id: str
    series: int
    files: int
    missing: int
    extra: tuple[str, ...]
    unreadable: Mapping[str, str]
    failures: Mapping[SeriesKey, Failure]
    duration_seconds: float


class ScanStatus(enum.StrEnum):
    """How a scan stands."""

    IDLE = "idle"  #: there was none yet
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@attrs.frozen(kw_only=True)
class ScanState:
    """The scan under way, or the last one.

    Attributes:
        done: How many series are through.
        total: How many there are; 0 until that is known.
        key: The series that was through last.
        folder: Its folder.
        report: What it found, once it is completed.
        failure: Why it ended early, if it did.
    """

    status: ScanStatus = ScanStatus.IDLE
    scan_id: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    done: int = 0
    total: int = 0
    key: SeriesKey | None = None
    folder: FolderName | None = None
    report: ScanReport | None = None
    failure: Failure | None = None
