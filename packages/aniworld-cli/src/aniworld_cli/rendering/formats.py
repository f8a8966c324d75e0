"""Short text forms of sizes, durations and episode lists."""

from collections.abc import Mapping, Sequence

from aniworld_core.messages import bytes_text

__all__ = ["bytes_text", "rate_text", "seasons_text", "seconds_text"]


def rate_text(rate: float, *, in_bits: bool) -> str:
    """Format bytes per second: `2.0 MB/s`, or `16.0 Mbit/s`."""
    return f"{rate * 8 / 1e6:.1f} Mbit/s" if in_bits else f"{bytes_text(rate)}/s"


def seconds_text(seconds: float | None) -> str:
    """Format a duration: `0:07`, `1:02:03`; `-:--` if unknown."""
    if seconds is None:
        return "-:--"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def seasons_text(seasons: Mapping[int, Sequence[int]]) -> str:
    """Format episode numbers by season, with ranges: `S01E01-E04, S01E07, S02E01`."""
    return ", ".join(
        run for season, numbers in seasons.items() for run in _runs(season, sorted(set(numbers)))
    )


def _runs(season: int, numbers: Sequence[int]) -> list[str]:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return [
        f"S{season:02}E{run[0]:02}" + (f"-E{run[-1]:02}" if len(run) > 1 else "") for run in runs
    ]
