"""Context, state and report of a scan."""

import enum
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import DeletedFile, FileState, LibraryLoss
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.library import MediaLibrary

if TYPE_CHECKING:
    # A glance at an unchanged library makes a report and needs none of these.
    from aniworld_core.application.configuration import CurrentConfig
    from aniworld_core.domain.downloads import Failure
    from aniworld_core.ports.library_files import LibraryFileRepository
    from aniworld_core.ports.series import SeriesRepository


@attrs.frozen(kw_only=True)
class ScanContext:
    """Storage, library folders, configuration and clock of scans."""

    series: "SeriesRepository"
    files: "LibraryFileRepository"
    library: MediaLibrary
    config: "CurrentConfig"
    clock: Clock


@attrs.frozen(kw_only=True)
class ScanReport:
    """Result of a scan.

    Attributes:
        series: Number of series in the library.
        files: Number of video files in the library folder.
        missing: Number of missing episodes.
        extra: Stored paths of files without a known episode, sorted.
        unreadable: File or folder → reason why it cannot be used, sorted; damaged files included.
        failures: Series whose catalogue request failed, with the reason.
        unsure: File → why it is not clear which episode it is, sorted.
        counts: Number of files in every state.
        losses: Parts of the library that were left alone because too much was gone.
        growing: Files that changed during the scan and are left for the next one, sorted.
        deleted: Files that somebody deleted, whose episodes are missing and wanted.
    """

    scan_id: str
    series: int
    files: int
    missing: int
    extra: tuple[str, ...]
    unreadable: Mapping[str, str]
    failures: Mapping[SeriesKey, "Failure"]
    duration_seconds: float
    unsure: Mapping[str, str] = attrs.field(factory=dict)
    counts: Mapping[FileState, int] = attrs.field(factory=dict)
    losses: tuple[LibraryLoss, ...] = ()
    growing: tuple[str, ...] = ()
    deleted: tuple[DeletedFile, ...] = ()


@attrs.frozen(kw_only=True)
class ScanOptions:
    """What a scan does.

    Attributes:
        refresh: Request the catalogues; otherwise only the disk is read.
        full: Read all folders and check all files again, not only what changed.
        accept_loss: Files that are gone were removed on purpose, however many.
        only: Stored paths of the only folders to read, or `None` for the whole library.
        paced: Leave series alone of which nothing new is expected.
    """

    refresh: bool = True
    paced: bool = False
    full: bool = False
    accept_loss: bool = False
    only: tuple[str, ...] | None = None


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
    failure: "Failure | None" = None
