"""Events of a change that another process made to an item."""

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
    """Yield the events that another process published when it changed an item.

    Args:
        before: The former status of the item; `None` if it is new.
        item: The item as it is stored now.
        folder: The folder of its series.
        at: The present time.
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
