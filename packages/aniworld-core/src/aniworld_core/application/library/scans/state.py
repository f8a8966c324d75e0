"""State and report of a scan."""

import enum
from collections.abc import Mapping
from datetime import datetime

import attrs

from aniworld_core.domain.downloads import Failure
from aniworld_core.domain.identity import FolderName, SeriesKey


@attrs.frozen(kw_only=True)
class ScanReport:
    """Result of a scan.

    Attributes:
        series: Number of series in the library.
        files: Number of video files in the library folder.
        missing: Number of missing episodes.
        extra: Files without a known episode, relative to the library root, sorted.
        unreadable: File or folder → reason why it cannot be used, sorted.
        failures: Series whose catalogue request failed, with the reason.
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
    """Status of a scan."""

    IDLE = "idle"  #: no scan yet
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@attrs.frozen(kw_only=True)
class ScanState:
    """The running scan, or the last one.

    Attributes:
        done: Number of finished series.
        total: Number of series; 0 until it is known.
        key: Series that was finished last.
        folder: Its folder.
        report: Result, once the scan is completed.
        failure: Reason if it ended early.
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
