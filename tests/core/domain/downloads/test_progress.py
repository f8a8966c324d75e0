"""Completed fraction, percentage and remaining time of a transfer."""

import pytest

from aniworld_core.domain.downloads import Phase, Progress


@pytest.mark.parametrize(
    ("downloaded", "total", "fraction", "done"),
    [
        (0, None, None, 0.0),
        (7, None, None, 0.0),
        (0, 0, None, 0.0),
        (0, 10, None, 0.0),
        (5, 10, None, 0.5),
        (10, 10, None, 1.0),
        (11, 10, None, 1.0),
        (5, 10, 0.25, 0.25),
        (5, None, 0.25, 0.25),
        (5, 10, 0.0, 0.0),
        (5, 10, 1.0, 1.0),
        (5, 10, -0.5, 0.0),
        (5, 10, 1.5, 1.0),
    ],
)
def test_the_share_is_between_nothing_and_all(
    downloaded: int, total: int | None, fraction: float | None, done: float
) -> None:
    """A given fraction overrides the bytes; without a size it is unknown."""
    progress = Progress(downloaded_bytes=downloaded, total_bytes=total, fraction=fraction)
    assert progress.done == done
    assert progress.percent == done * 100


@pytest.mark.parametrize(
    ("downloaded", "total", "rate", "fraction", "seconds"),
    [
        (25, 100, 5.0, None, 15.0),
        (25, 100, 0.5, None, 150.0),
        (100, 100, 5.0, None, 0.0),
        (120, 100, 5.0, None, 0.0),
        (25, 100, 5.0, 0.5, 10.0),
        (25, 100, 0.0, None, None),
        (25, 100, -1.0, None, None),
        (25, None, 5.0, None, None),
        (0, 0, 5.0, None, 0.0),
    ],
)
def test_the_remaining_time_needs_a_speed_and_a_size(
    downloaded: int, total: int | None, rate: float, fraction: float | None, seconds: float | None
) -> None:
    """The remaining time is missing bytes divided by speed."""
    progress = Progress(
        downloaded_bytes=downloaded, total_bytes=total, rate=rate, fraction=fraction
    )
    assert progress.eta_seconds == seconds


def test_at_rest_there_is_no_speed() -> None:
    """`at_rest` clears speed and remaining time only."""
    moving = Progress(downloaded_bytes=1, total_bytes=2, rate=3.0, phase=Phase.CHECKING)
    assert moving.at_rest == Progress(downloaded_bytes=1, total_bytes=2, phase=Phase.CHECKING)
    assert Progress() == Progress(downloaded_bytes=0, total_bytes=None, rate=0.0, fraction=None)
