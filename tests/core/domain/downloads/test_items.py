"""Transitions of a download item."""

from datetime import timedelta

import pytest

from aniworld_core.domain.downloads import (
    Claim,
    DownloadItem,
    DownloadStatus,
    Failure,
    Priority,
    Progress,
    claim_order,
    next_claimable,
)
from aniworld_core.domain.identity import WorkerId
from aniworld_core.domain.media import GER_DUB
from aniworld_core.errors import (
    AniworldError,
    DiskFullError,
    IllegalTransitionError,
    NeedsPersonError,
    NotYetAvailableError,
    SourceGoneError,
)
from aniworld_core.testing.factories import START, make_item

LATER = START + timedelta(minutes=5)
CLAIM = Claim.lasting(WorkerId("w"), START, timedelta(minutes=1))
FAILURE = Failure(kind="x", message="m", retryable=True)


def started() -> DownloadItem:
    return make_item(1, progress=Progress(downloaded_bytes=7)).start(CLAIM)


def failed() -> DownloadItem:
    return started().fail(FAILURE, LATER)


def test_a_good_life() -> None:
    """An item goes from pending to downloading to completed and keeps its bytes."""
    item = started()
    assert (item.status, item.claim, item.started_at) == (DownloadStatus.DOWNLOADING, CLAIM, START)
    assert item.progress.downloaded_bytes == 7
    assert CLAIM.expires_at == START + timedelta(minutes=1)
    done = item.complete(LATER, "a.mp4", GER_DUB)
    assert (done.status, done.claim, done.file) == (DownloadStatus.COMPLETED, None, "a.mp4")
    assert (done.language, done.completed_at, done.is_open) == (GER_DUB, LATER, False)


def test_failure_and_retry() -> None:
    """An automatic retry counts and keeps the reason; a retry by a user resets both."""
    item = failed()
    assert (item.status, item.failure, item.claim) == (DownloadStatus.FAILED, FAILURE, None)
    again = item.retry(not_before=LATER)
    assert (again.status, again.retry_count, again.failure) == (DownloadStatus.PENDING, 1, FAILURE)
    assert (again.not_before, again.completed_at, again.started_at) == (LATER, None, None)
    fresh = item.retry(reset=True)
    assert (fresh.retry_count, fresh.failure, fresh.not_before) == (0, None, None)


def test_giving_back_is_nobodys_failure() -> None:
    """Requeueing keeps progress and retries, and stores reason and delay."""
    item = started().requeue(reason=FAILURE, not_before=LATER)
    assert (item.status, item.claim, item.retry_count) == (DownloadStatus.PENDING, None, 0)
    assert (item.failure, item.not_before, item.started_at) == (FAILURE, LATER, None)
    assert item.progress.downloaded_bytes == 7
    assert item.start(CLAIM).failure is None
    assert item.start(CLAIM).not_before is None


STEPS = {
    "start": lambda item: item.start(CLAIM),
    "complete": lambda item: item.complete(LATER, "a", None),
    "fail": lambda item: item.fail(FAILURE, LATER),
    "requeue": lambda item: item.requeue(),
    "retry": lambda item: item.retry(),
}
ALLOWED = {
    DownloadStatus.PENDING: {"start"},
    DownloadStatus.DOWNLOADING: {"complete", "fail", "requeue"},
    DownloadStatus.COMPLETED: set[str](),
    DownloadStatus.FAILED: {"retry"},
}


@pytest.mark.parametrize("status", list(DownloadStatus))
@pytest.mark.parametrize("step", list(STEPS))
def test_every_other_step_is_refused(status: DownloadStatus, step: str) -> None:
    """Each status allows only its own transitions."""
    item = {
        DownloadStatus.PENDING: make_item(1),
        DownloadStatus.DOWNLOADING: started(),
        DownloadStatus.COMPLETED: started().complete(LATER, "a", None),
        DownloadStatus.FAILED: failed(),
    }[status]
    if step in ALLOWED[status]:
        assert STEPS[step](item) != item
    else:
        with pytest.raises(IllegalTransitionError):
            STEPS[step](item)


def test_the_order_of_claims() -> None:
    """The order is priority, place, time, id; delayed items are skipped."""
    low = make_item(1, priority=Priority.LOW, place=-5)
    old = make_item(2, added_at=START - timedelta(days=1))
    moved = make_item(3, place=-1)
    high = make_item(4, priority=Priority.HIGH, not_before=LATER)
    items = [low, old, moved, high]
    assert sorted(items, key=claim_order) == [high, moved, old, low]
    assert next_claimable(items, START) == moved
    assert next_claimable(items, LATER) == high
    assert next_claimable([started()], START) is None


@pytest.mark.parametrize(
    ("error", "category", "is_retryable", "link"),
    [
        (DiskFullError("/x"), "UnavailableError", True, None),
        (SourceGoneError("x"), "UnusableError", False, None),
        (NeedsPersonError("s", "https://x"), "UnavailableError", False, "https://x"),
        (NotYetAvailableError("x", ["a"], []), "UnavailableError", False, None),
        (AniworldError("x"), "AniworldError", False, None),
    ],
)
def test_failures_keep_what_matters(
    error: AniworldError, category: str, *, is_retryable: bool, link: str | None
) -> None:
    """A failure has kind, message, retryability and link."""
    failure = Failure.of(error)
    assert failure.kind == error.kind
    assert failure.message == str(error)
    assert (failure.category, failure.retryable, failure.link) == (category, is_retryable, link)
