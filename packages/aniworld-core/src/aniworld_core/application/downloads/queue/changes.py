"""Differences between two states of the queue, as the events that lead from one to the other."""

from collections.abc import Iterator
from datetime import datetime

import attrs

from aniworld_core.domain.downloads import DownloadItem, DownloadStatus
from aniworld_core.domain.identity import FolderName
from aniworld_core.events import (
    DownloadCompleted,
    DownloadFailed,
    DownloadStarted,
    Event,
    ItemQueued,
    ItemRequeued,
)


def events_between(
    before: DownloadStatus | None, item: DownloadItem, folder: FolderName, at: datetime
) -> Iterator[Event]:
    """Give the events that another process published while an item changed.

    Args:
        before: Its former status; `None` if it is new.
        item: The item now.
        folder: The folder of its series.
        at: Now.
    """
    if before is None:
        yield ItemQueued(item=item, at=item.added_at)
    match item.status:
        case DownloadStatus.DOWNLOADING:
            yield DownloadStarted(item=item, folder=folder, at=at)
        case DownloadStatus.COMPLETED:
            yield DownloadCompleted(item=item, folder=folder, at=item.completed_at or at)
        case DownloadStatus.FAILED:
            yield DownloadFailed(item=item, folder=folder, at=item.completed_at or at)
        case DownloadStatus.PENDING if before is not None:
            if item.failure is not None and item.retry_count and before is not item.status:
                failed = attrs.evolve(
                    item, status=DownloadStatus.FAILED, retry_count=item.retry_count - 1
                )
                yield DownloadFailed(item=failed, folder=folder, at=at)
            yield ItemRequeued(item=item, at=at)
        case DownloadStatus.PENDING:
            pass
