"""Events as frozen values: one class per event, named in the past tense."""

from datetime import datetime
from typing import TypeAlias

import attrs

from aniworld_core.domain.downloads import BulkJob, DownloadItem, Failure, Progress, WorkerState
from aniworld_core.domain.identity import ChangeId, FolderName, ItemId, SeriesKey
from aniworld_core.domain.library import ChangeOrigin


@attrs.frozen(kw_only=True)
class SeriesAdded:
    """A series was added to the library."""

    key: SeriesKey
    folder: FolderName
    at: datetime


@attrs.frozen(kw_only=True)
class SeriesRemoved:
    """A series was removed from the library; its files stay or are in the recycle bin."""

    key: SeriesKey
    folder: FolderName
    at: datetime


@attrs.frozen(kw_only=True)
class EpisodesFound:
    """The catalogue lists new episodes of a known series."""

    key: SeriesKey
    folder: FolderName
    codes: tuple[str, ...]
    at: datetime


@attrs.frozen(kw_only=True)
class ScanStarted:
    """A scan started."""

    scan_id: str
    at: datetime


@attrs.frozen(kw_only=True)
class ScanProgressed:
    """A scan finished a series or folder."""

    scan_id: str
    done: int
    total: int
    at: datetime
    key: SeriesKey | None = None
    folder: FolderName | None = None


@attrs.frozen(kw_only=True)
class ScanCompleted:
    """A scan ended; the numbers are those of its report."""

    scan_id: str
    series: int
    files: int
    missing: int
    at: datetime


@attrs.frozen(kw_only=True)
class ScanFailed:
    """A scan failed; its results so far are stored."""

    scan_id: str
    failure: Failure
    at: datetime


@attrs.frozen(kw_only=True)
class LibraryChangeStarted:
    """Files of the library are renamed, imported, deleted or written, or such a change undone.

    How it ends is in the journal.
    """

    change_id: ChangeId
    origin: ChangeOrigin
    title: str
    at: datetime


@attrs.frozen(kw_only=True)
class LibraryChangeFinished:
    """Files of the library were changed completely, or an interrupted change was finished.

    Attributes:
        folders: Stored paths of the folders whose files changed.
        left: Those of them that files left, and folders that are gone as a whole.
    """

    change_id: ChangeId
    origin: ChangeOrigin
    folders: tuple[str, ...]
    left: tuple[str, ...]
    at: datetime


@attrs.frozen(kw_only=True)
class ItemQueued:
    """An episode was added to the queue."""

    item: DownloadItem
    at: datetime


@attrs.frozen(kw_only=True)
class ItemRequeued:
    """An item is pending again after a retry, a stop, a delay or a lost worker."""

    item: DownloadItem
    at: datetime


@attrs.frozen(kw_only=True)
class ItemRemoved:
    """An item was removed from the queue."""

    item_id: ItemId
    at: datetime


@attrs.frozen(kw_only=True)
class DownloadStarted:
    """A worker started an item."""

    item: DownloadItem
    folder: FolderName
    at: datetime


@attrs.frozen(kw_only=True)
class DownloadProgressed:
    """A transfer made progress; the newest event of an item replaces the earlier ones."""

    item_id: ItemId
    key: SeriesKey
    folder: FolderName
    season: int
    episode: int
    progress: Progress
    at: datetime


@attrs.frozen(kw_only=True)
class DownloadCompleted:
    """An episode is in the library, complete and checked."""

    item: DownloadItem
    folder: FolderName
    at: datetime


@attrs.frozen(kw_only=True)
class DownloadFailed:
    """An item failed; it may still be retried."""

    item: DownloadItem
    folder: FolderName
    at: datetime


@attrs.frozen(kw_only=True)
class QueueStateChanged(WorkerState):
    """The worker was started, stopped, paused or resumed, or waits for something else."""

    at: datetime


@attrs.frozen(kw_only=True)
class QueueReloaded:
    """Too many items changed for single events; subscribers reload the queue."""

    at: datetime


@attrs.frozen(kw_only=True)
class TaskChanged:
    """A run of a background task started or ended."""

    name: str
    is_running: bool
    at: datetime


@attrs.frozen(kw_only=True)
class QueueDrained:
    """The queue has no open items left."""

    at: datetime


@attrs.frozen(kw_only=True)
class JobStarted:
    """A bulk job was asked for."""

    job: BulkJob
    at: datetime


@attrs.frozen(kw_only=True)
class JobProgressed:
    """A bulk job finished some series, ended, or is being undone."""

    job: BulkJob
    at: datetime


Event: TypeAlias = (
    SeriesAdded
    | SeriesRemoved
    | EpisodesFound
    | ScanStarted
    | ScanProgressed
    | ScanCompleted
    | ScanFailed
    | LibraryChangeStarted
    | LibraryChangeFinished
    | ItemQueued
    | ItemRequeued
    | ItemRemoved
    | DownloadStarted
    | DownloadProgressed
    | DownloadCompleted
    | DownloadFailed
    | QueueStateChanged
    | QueueReloaded
    | QueueDrained
    | TaskChanged
    | JobStarted
    | JobProgressed
)
