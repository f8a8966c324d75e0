"""Common times at which periodic tasks run, so that they wake the processor together."""

import anyio


def next_tick(period: float) -> float:
    """Return the next multiple of a period, for `anyio.sleep_until` and deadlines.

    Args:
        period: Time between two ticks, in seconds.
    """
    return (anyio.current_time() // period + 1) * period
