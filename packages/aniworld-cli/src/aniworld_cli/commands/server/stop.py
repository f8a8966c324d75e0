"""`aniworld stop`."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

import anyio
import attrs

from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.bootstrap.server_lock import is_served, running_server
from aniworld_core.errors import DeniedError, MissedDeadlineError, NotFoundError, UsageError
from aniworld_core.messages import Message

#: Seconds that a complete shutdown may take.
_TIMEOUT: Final = timedelta(seconds=30)
#: Seconds that a server may take before `--force` kills it.
_FORCED: Final = timedelta(seconds=5)
_POLL_SECONDS: Final = 0.1


async def stop(*, force: bool = False, session: CurrentSession) -> int:
    """Stop the server of the data folder; its downloads continue at the next start.

    Returns after the process has ended.

    Args:
        force: Kill the process if it has not ended after 5 seconds. Without this option, the
            command waits for up to 30 seconds and kills nothing.
        session: The run of the command.
    """
    data_dir, output = session.settings().data_dir, session.output
    number = running_server(data_dir)
    if number is None:
        if is_served(data_dir):
            raise UsageError(
                tr(
                    "the server of {folder} runs on another machine or in a container",
                    folder=str(data_dir),
                ),
                hint="stop it where it was started",
            )
        raise NotFoundError(Message("no_server_runs", path=str(data_dir)))
    limit = _FORCED if force else _TIMEOUT
    with _process(number) as process:
        process.send(signal.SIGTERM)
        output.talk(tr("sent the stop signal to the server (process {number})", number=str(number)))
        has_ended = await process.wait(limit)
        if not has_ended and force:
            output.talk(
                tr(
                    "it has not stopped after {seconds} s; killing it",
                    seconds=f"{limit.total_seconds():.0f}",
                )
            )
            process.send(signal.SIGKILL)
            has_ended = await process.wait(_TIMEOUT)
    if not has_ended:
        late = MissedDeadlineError(Message("stopping_server", number=number), limit)
        late.hint = Message("stopping_server.hint")
        raise late
    if output.is_json:
        output.data({"stopped": number})
    else:
        output.talk("the server has stopped")
    return DONE


@attrs.frozen
class _Process:
    """A process of this machine, not necessarily a child.

    Attributes:
        number: Its process id.
        descriptor: Becomes readable when the process ends; `None` if the system does not support
            it.
    """

    number: int
    descriptor: int | None

    def send(self, number: signal.Signals) -> None:
        """Send a signal; does nothing if the process has ended.

        Raises:
            DeniedError: If the process belongs to another user.
        """
        try:
            if self.descriptor is not None:
                signal.pidfd_send_signal(self.descriptor, number)
            else:
                os.kill(self.number, number)
        except ProcessLookupError:
            return
        except PermissionError as error:
            raise DeniedError(Message("server_of_other", number=self.number)) from error

    async def wait(self, limit: timedelta) -> bool:
        """Return whether the process ended within the limit."""
        with anyio.move_on_after(limit.total_seconds()):
            if self.descriptor is not None:
                await anyio.wait_readable(self.descriptor)
            else:
                while _exists(self.number):  # noqa: ASYNC110 - another process tells nobody
                    await anyio.sleep(_POLL_SECONDS)
            return True
        return False


@contextmanager
def _process(number: int) -> Iterator[_Process]:
    """Open a process descriptor, so that a reused id cannot refer to another process."""
    if not hasattr(os, "pidfd_open"):
        yield _Process(number, None)
        return
    try:
        descriptor = os.pidfd_open(number)
    except OSError:
        # The process has just ended, or the kernel does not support descriptors.
        yield _Process(number, None)
        return
    try:
        yield _Process(number, descriptor)
    finally:
        os.close(descriptor)


def _exists(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
