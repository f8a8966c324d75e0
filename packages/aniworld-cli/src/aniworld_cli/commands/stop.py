"""`aniworld stop`."""

import os
import signal
from contextlib import suppress
from datetime import timedelta
from typing import Final

import anyio

from aniworld_cli.exit_codes import DONE
from aniworld_cli.session import CurrentSession
from aniworld_core.bootstrap.server_lock import is_served, running_server
from aniworld_core.errors import DeniedError, MissedDeadlineError, NotFoundError, UsageError

#: The limit of a whole shutdown.
_PATIENCE: Final = timedelta(seconds=30)
_LOOK_SECONDS: Final = 0.1


async def stop(*, session: CurrentSession) -> int:
    """Stop the server of the data folder; what it downloads goes on at its next start.

    Args:
        session: The run it belongs to.
    """
    data_dir = session.settings().data_dir
    process = running_server(data_dir)
    if process is None:
        if is_served(data_dir):
            raise UsageError(
                f"the server of {data_dir} runs elsewhere, such as in a container",
                hint="stop it where it was started",
            )
        raise NotFoundError(f"no server runs on {data_dir}")
    try:
        with suppress(ProcessLookupError):  # it ended by itself just now
            os.kill(process, signal.SIGTERM)
    except PermissionError as error:
        raise DeniedError(f"the server (process {process}) belongs to somebody else") from error
    session.output.talk(f"asked the server (process {process}) to stop")
    with anyio.move_on_after(_PATIENCE.total_seconds()) as limit:
        while is_served(data_dir):  # noqa: ASYNC110 - the lock of another process tells nobody
            await anyio.sleep(_LOOK_SECONDS)
    if limit.cancelled_caught:
        raise MissedDeadlineError(f"stopping the server (process {process})", _PATIENCE)
    if session.output.is_json:
        session.output.data({"stopped": process})
    else:
        session.output.talk("the server has stopped")
    return DONE
