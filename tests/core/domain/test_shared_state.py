"""Scan notes and queue control that processes share."""

from datetime import timedelta

import pytest

from aniworld_core.domain.shared_state import SCAN_NOTE_LIFETIME, QueueControl, ScanNote
from aniworld_core.testing import at

INSTANT = timedelta(microseconds=1)


def _note(status: str = "running") -> ScanNote:
    return ScanNote(process="p", scan_id="s", status=status, started_at=at(0), noted_at=at(10))


def test_a_new_note_counts_nothing() -> None:
    """A new note has zero counts."""
    note = _note()
    assert (note.done, note.total, note.series, note.files, note.missing) == (0, 0, 0, 0, 0)
    assert (note.key, note.folder, note.failure) == (None, None, None)


@pytest.mark.parametrize(
    ("age", "is_running"),
    [
        (timedelta(0), True),
        (SCAN_NOTE_LIFETIME - INSTANT, True),
        (SCAN_NOTE_LIFETIME, False),
        (SCAN_NOTE_LIFETIME + INSTANT, False),
    ],
)
def test_a_scan_runs_while_its_note_is_young(age: timedelta, is_running: bool) -> None:
    """A scan counts as running while its note is recent."""
    assert _note().is_running(at(10) + age) is is_running


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_an_ended_scan_does_not_run(status: str) -> None:
    """An ended scan is not running, even if its note is recent."""
    assert not _note(status).is_running(at(10))


def test_a_queue_runs_unless_told_otherwise() -> None:
    """By default the queue is neither stopped nor paused."""
    assert (QueueControl().is_stopped, QueueControl().is_paused) == (False, False)
