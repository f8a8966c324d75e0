"""Events of changes that another process made to an item."""

from typing import Any

import pytest

from aniworld_core.application.downloads.queue.changes import events_between
from aniworld_core.domain.downloads import DownloadStatus
from aniworld_core.domain.identity import FolderName
from aniworld_core.events import DownloadFailed
from aniworld_core.testing import at, make_failure, make_item

FOLDER = FolderName("Attack on Titan")
NOW = at(60)
PENDING, DOWNLOADING = DownloadStatus.PENDING, DownloadStatus.DOWNLOADING
COMPLETED, FAILED = DownloadStatus.COMPLETED, DownloadStatus.FAILED


@pytest.mark.parametrize(
    ("before", "item", "names"),
    [
        (None, {}, ["ItemQueued"]),
        (None, {"status": DOWNLOADING}, ["ItemQueued", "DownloadStarted"]),
        (None, {"status": COMPLETED}, ["ItemQueued", "DownloadCompleted"]),
        (None, {"status": FAILED}, ["ItemQueued", "DownloadFailed"]),
        (PENDING, {"status": DOWNLOADING}, ["DownloadStarted"]),
        (DOWNLOADING, {"status": COMPLETED}, ["DownloadCompleted"]),
        (DOWNLOADING, {"status": FAILED}, ["DownloadFailed"]),
        (DOWNLOADING, {}, ["ItemRequeued"]),
        (DOWNLOADING, {"failure": make_failure()}, ["ItemRequeued"]),
        (DOWNLOADING, {"retry_count": 1}, ["ItemRequeued"]),
        (
            DOWNLOADING,
            {"failure": make_failure(), "retry_count": 1},
            ["DownloadFailed", "ItemRequeued"],
        ),
        (FAILED, {"failure": make_failure(), "retry_count": 2}, ["DownloadFailed", "ItemRequeued"]),
        (PENDING, {"failure": make_failure(), "retry_count": 1}, ["ItemRequeued"]),
    ],
)
def test_each_change_of_status_has_its_events(
    before: DownloadStatus | None, item: dict[str, Any], names: list[str]
) -> None:
    """A failed attempt is published before its retry; an item that only waits has not failed."""
    events = list(events_between(before, make_item(1, **item), FOLDER, NOW))
    assert [type(event).__name__ for event in events] == names


def test_a_failed_attempt_counts_the_retries_before_it() -> None:
    """The event shows the item as it was between the failure and the retry."""
    item = make_item(1, failure=make_failure(), retry_count=2)
    failed, _ = events_between(DOWNLOADING, item, FOLDER, NOW)
    assert isinstance(failed, DownloadFailed)
    assert (failed.item.status, failed.item.retry_count) == (FAILED, 1)
    assert failed.at == NOW


@pytest.mark.parametrize(("ended", "told"), [(at(5), at(5)), (None, NOW)])
def test_events_have_the_time_of_the_end(ended: Any, told: Any) -> None:
    """The stored time, or the present one where none is stored."""
    for status in (COMPLETED, FAILED):
        (event,) = events_between(
            DOWNLOADING, make_item(1, status=status, completed_at=ended), FOLDER, NOW
        )
        assert event.at == told
