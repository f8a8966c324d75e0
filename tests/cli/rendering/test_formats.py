"""Text forms of sizes, times and episode lists."""

import pytest

from aniworld_cli.rendering.formats import bytes_text, seasons_text, seconds_text


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1500, "1.5 kB"),
        (999_960, "1.0 MB"),
        (2_345_678, "2.3 MB"),
        (7.2e9, "7.2 GB"),
        (3e12, "3.0 TB"),
    ],
)
def test_bytes_have_a_decimal_unit(amount: float, shown: str) -> None:
    """Sizes have a decimal unit."""
    assert bytes_text(amount) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(None, "-:--"), (0, "0:00"), (7.4, "0:07"), (65, "1:05"), (3723, "1:02:03")],
)
def test_times_read_like_a_clock(seconds: float | None, shown: str) -> None:
    """Hours appear only if needed; an unknown time is not zero."""
    assert seconds_text(seconds) == shown


def test_runs_of_episodes_are_drawn_together() -> None:
    """Consecutive episodes become a range."""
    assert seasons_text({1: [1, 2, 3, 7], 2: [4]}) == "S01E01-E03, S01E07, S02E04"
    assert seasons_text({1: [105, 5, 5]}) == "S01E05, S01E105"
    assert seasons_text({}) == ""
