"""The view of a queue item."""

from aniworld_core.application.downloads import DownloadItemView
from aniworld_core.domain.downloads import DownloadStatus, Failure, QueueEntry
from aniworld_core.errors import NeedsPersonError, ProviderChangedError
from aniworld_core.testing.factories import make_item


def test_an_item_that_waits_for_a_person_shows_the_page_to_open() -> None:
    """The view of an item that needs a person has the link."""
    failure = Failure.of(NeedsPersonError("hoster", "https://hoster.invalid/e/1"))
    item = make_item(1, status=DownloadStatus.FAILED, failure=failure)

    view = DownloadItemView.of(QueueEntry(item=item, series=None))

    assert (view.error_kind, view.link) == ("needs_person", "https://hoster.invalid/e/1")


def test_other_failures_have_no_page_to_open() -> None:
    """Other failures have no link."""
    failure = Failure.of(ProviderChangedError("fake", "the title"))
    item = make_item(1, status=DownloadStatus.FAILED, failure=failure)

    assert DownloadItemView.of(QueueEntry(item=item, series=None)).link is None
    assert DownloadItemView.of(QueueEntry(item=make_item(1), series=None)).link is None
