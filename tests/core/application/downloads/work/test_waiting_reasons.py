"""Reasons why a worker starts no item."""

import pytest

from aniworld_core.application.downloads.work.waiting_reasons import WaitingReasons
from aniworld_core.errors import DiskFullError, LibraryUnavailableError, UnavailableError

pytestmark = pytest.mark.anyio

FULL = DiskFullError("/media", 10)
AWAY = LibraryUnavailableError("/media", "it is not mounted")


async def test_each_change_is_published_once() -> None:
    """The same reason again is no change; the one of the queue is shown before that of an item."""
    published: list[UnavailableError | None] = []

    async def publish() -> None:
        published.append(reasons.current)

    reasons = WaitingReasons(publish)
    await reasons.of_queue(None)
    await reasons.of_item(FULL)
    await reasons.of_item(FULL)
    await reasons.of_queue(AWAY)
    await reasons.of_queue(AWAY)
    await reasons.of_queue(None)
    await reasons.of_item(FULL)
    await reasons.cleared()
    await reasons.cleared()

    assert published == [FULL, AWAY, None, FULL, None]


async def test_a_reason_of_the_queue_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """The same reason again, and its end, write no further warning."""

    async def publish() -> None:
        pass

    reasons = WaitingReasons(publish)
    await reasons.of_queue(AWAY)
    await reasons.of_queue(AWAY)
    await reasons.of_queue(None)

    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "/media" in caplog.text
