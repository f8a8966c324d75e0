"""Texts of notifications."""

import json

import pytest

from aniworld_core.application.automation import notification_of, trial_message
from aniworld_core.domain.configuration import NotificationKind
from aniworld_core.domain.downloads import DownloadStatus, Failure
from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.media import GER_DUB
from aniworld_core.errors import DiskFullError
from aniworld_core.events import (
    DownloadCompleted,
    DownloadFailed,
    DownloadStarted,
    EpisodesFound,
    Event,
    QueueDrained,
    QueueStateChanged,
)
from aniworld_core.messages import Message
from aniworld_core.testing import KEY, START, make_failure, make_item

FOLDER = FolderName("Titan")
DONE = make_item(
    status=DownloadStatus.COMPLETED, file="Titan/S01E01.mp4", language=GER_DUB, completed_at=START
)
FAILED = make_item(status=DownloadStatus.FAILED, failure=make_failure())
BLOCKED = make_item(
    status=DownloadStatus.FAILED,
    failure=Failure(
        kind="needs_person", message="hoster needs a person", link="https://hoster.invalid/1"
    ),
)


@pytest.mark.parametrize(
    ("event", "kind", "title", "body"),
    [
        (
            DownloadCompleted(item=DONE, folder=FOLDER, at=START),
            NotificationKind.COMPLETED,
            "Titan S01E01 is complete",
            "Titan/S01E01.mp4",
        ),
        (
            DownloadFailed(item=FAILED, folder=FOLDER, at=START),
            NotificationKind.FAILED,
            "Titan S01E01 failed",
            "the file is gone",
        ),
        (
            DownloadFailed(item=BLOCKED, folder=FolderName(""), at=START),
            NotificationKind.FAILED,
            "attack-on-titan S01E01 needs a person",
            "hoster needs a person\nopen https://hoster.invalid/1",
        ),
        (
            EpisodesFound(key=KEY, folder=FOLDER, codes=("S01E03",), at=START),
            NotificationKind.NEW_EPISODE,
            "Titan has a new episode",
            "S01E03",
        ),
        (
            EpisodesFound(key=KEY, folder=FOLDER, codes=("S01E03", "S01E04"), at=START),
            NotificationKind.NEW_EPISODE,
            "Titan has 2 new episodes",
            "S01E03, S01E04",
        ),
        (QueueDrained(at=START), NotificationKind.QUEUE_DRAINED, "Nothing is left to download", ""),
        (
            QueueStateChanged(
                is_running=True,
                is_paused=False,
                at=START,
                waiting_for=DiskFullError("/srv").message,
            ),
            NotificationKind.DISK_LOW,
            "The disk is nearly full",
            "the disk holding /srv is full\nthe queue waits until there is space",
        ),
    ],
)
def test_what_is_told(event: Event, kind: NotificationKind, title: str, body: str) -> None:
    """Each notification has a title of one line, a body, and JSON data."""
    news = notification_of(event)
    assert news is not None
    assert (news.kind, news.title, news.body, news.at) == (kind, title, body, START)
    json.dumps(dict(news.data))


@pytest.mark.parametrize(
    "event",
    [
        DownloadStarted(item=make_item(), folder=FOLDER, at=START),
        QueueStateChanged(is_running=True, is_paused=False, at=START),
        QueueStateChanged(
            is_running=True, is_paused=False, at=START, waiting_for=Message("outside_hours")
        ),
        DownloadFailed(
            item=make_item(failure=make_failure("not_yet_available")), folder=FOLDER, at=START
        ),
    ],
)
def test_what_is_not_told(event: Event) -> None:
    """Expected and frequent events have no notification."""
    assert notification_of(event) is None


def test_facts_for_machines() -> None:
    """The data contain all facts of the text."""
    news = notification_of(DownloadFailed(item=BLOCKED, folder=FOLDER, at=START))
    assert news is not None
    assert news.data["key"] == KEY
    assert (news.data["season"], news.data["episode"]) == (1, 1)
    assert (news.data["reason"], news.data["link"]) == ("needs_person", "https://hoster.invalid/1")


def test_a_trial() -> None:
    """A test notification is marked as a test."""
    assert trial_message(START).kind is NotificationKind.TEST
