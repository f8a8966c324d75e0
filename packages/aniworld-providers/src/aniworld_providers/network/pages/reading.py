"""Parse pages in a worker thread with a time limit."""

from collections.abc import Callable
from functools import partial
from typing import Final, ParamSpec, TypeVar

import anyio
import anyio.to_thread

from aniworld_core.errors import ProviderChangedError

P = ParamSpec("P")
T = TypeVar("T")

#: Seconds to parse one page; real pages take a hundredth of it.
READING_SECONDS: Final = 15.0


async def read_in_worker(
    provider: str, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Call *read* in a worker thread so that the event loop stays responsive.

    Use it only for work in bounded, linear time: a thread cannot be stopped, only abandoned.

    Raises:
        ProviderChangedError: If it takes longer than `READING_SECONDS`.
        What *read* raises.
    """
    try:
        with anyio.fail_after(READING_SECONDS):
            return await anyio.to_thread.run_sync(
                partial(read, *args, **kwargs), abandon_on_cancel=True
            )
    except TimeoutError as error:
        what = f"a page that can be read within {READING_SECONDS:.0f} seconds"
        raise ProviderChangedError(provider, what) from error
