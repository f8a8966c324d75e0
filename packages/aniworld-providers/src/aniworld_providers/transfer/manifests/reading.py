"""Reads manifests and subtitles in a worker thread with a deadline, never in the event loop."""

from collections.abc import Callable
from functools import partial
from typing import Final, ParamSpec, TypeVar

import anyio
import anyio.to_thread

from aniworld_core.errors import BadPlaylistError

#: Seconds after which a manifest counts as one that cannot be read. Reading is linear, and the
#: largest manifest takes about a second; the rest is for a machine that is busy.
DEADLINE: Final = 30.0

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


async def read_off_loop(
    reader: Callable[_Arguments, _Result], *args: _Arguments.args, **kwargs: _Arguments.kwargs
) -> _Result:
    """Call a reader of text in a worker thread.

    Raises:
        BadPlaylistError: If it takes longer than the deadline.
        What the reader raises.
    """
    call = partial(reader, *args, **kwargs)
    try:
        with anyio.fail_after(DEADLINE):
            return await anyio.to_thread.run_sync(call, abandon_on_cancel=True)
    except TimeoutError as error:
        raise BadPlaylistError(f"reading it takes longer than {DEADLINE:.0f} s") from error
