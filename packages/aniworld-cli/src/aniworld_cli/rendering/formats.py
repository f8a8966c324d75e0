"""Short text forms of sizes, rates, shares, durations and episode lists."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from aniworld_cli.rendering.texts import decimal
from aniworld_core.messages import bytes_text as english_bytes_text

__all__ = [
    "bytes_text",
    "percent_text",
    "rate_text",
    "rounded_rate",
    "seasons_text",
    "seconds_text",
]

#: Bytes per second of the unit of rates, by whether it is Mbit/s or MB/s.
_UNITS: Final = {True: 125_000.0, False: 1e6}


def bytes_text(size: float) -> str:
    """Format a number of bytes: `12.3 MB`, in German `12,3 MB`."""
    return decimal(english_bytes_text(size))


def rate_text(rate: float, *, in_bits: bool) -> str:
    """Format bytes per second in one unit, whatever their number: `0.3 MB/s` or `2.4 Mbit/s`."""
    unit = "Mbit/s" if in_bits else "MB/s"
    return decimal(f"{rounded_rate(rate, in_bits=in_bits) / _UNITS[in_bits]:.1f} {unit}")


def rounded_rate(rate: float, *, in_bits: bool) -> float:
    """Round bytes per second as they are shown, so that a total is the sum of its parts."""
    # Half a tenth is rounded up, as on the pages.
    return math.floor(rate / _UNITS[in_bits] * 10 + 0.5) / 10 * _UNITS[in_bits]


def percent_text(share: float) -> str:
    """Format a share in 0..1, rounded down: `100%` means complete."""
    return f"{math.floor(share * 100)}%"


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
