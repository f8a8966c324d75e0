"""Waiting in tests for what should happen, with a limit that also holds on a busy machine."""

from collections.abc import Callable
from typing import Final

import anyio

#: Seconds until a test gives up what should happen at once. Long, because a busy machine may need
#: many seconds; only a test that fails waits for it.
PATIENCE: Final = 60.0
#: Seconds between two looks. Not a bare checkpoint: the loop would take the processor and the
#: interpreter's lock from the threads and processes it waits for.
_PAUSE: Final = 0.01


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds.

    Raises:
        TimeoutError: It did not hold within `PATIENCE` seconds.
    """
    with anyio.fail_after(PATIENCE):
        while not condition():  # noqa: ASYNC110 - threads and processes set no event of the loop
            await anyio.sleep(_PAUSE)
