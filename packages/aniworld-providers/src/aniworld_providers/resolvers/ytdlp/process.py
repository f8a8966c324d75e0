"""yt-dlp in processes of its own, which can be ended.

It looks through pages with regular expressions that a page of a few kilobytes can keep busy for
minutes, holding the interpreter's lock all the while: in a thread it would stop everything else,
and nobody could stop it. A process is ended by the system, and its memory goes with it.
"""

import os
import pickle
import resource
import select
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final, TypeAlias, cast

import anyio
import attrs
from anyio import BrokenResourceError, CapacityLimiter, EndOfStream, IncompleteRead
from anyio.abc import ByteReceiveStream, ByteSendStream, Process
from anyio.streams.buffered import BufferedByteReceiveStream

from aniworld_core.errors import AniworldError, UnsupportedSourceError
from aniworld_providers.resolvers.ytdlp.job import Failure, Job, Outcome

#: Carries out a job somewhere.
Runner: TypeAlias = Callable[[Job], Awaitable[Outcome]]

#: Seconds after which a process without work ends by itself.
_PATIENCE: Final = 60
#: Seconds of work on one page and bytes of memory, should nobody be left to end the process.
_WORK: Final = 90
_MEMORY: Final = 2 * 1024**3
_LENGTH: Final = 4
_GONE: Final = (BrokenResourceError, EndOfStream, IncompleteRead)


def carry_out(job: Job) -> Outcome:
    """Carry out a job here and now; blocks."""
    # Importing yt-dlp takes a quarter of a second and 30 MB, here at the cost of nobody else.
    from aniworld_providers.resolvers.ytdlp.extraction import find_streams

    try:
        return find_streams(job)
    except AniworldError as exc:
        return Failure.of(exc)


@attrs.define(eq=False)
class ProcessPool:
    """Carries out jobs, each in a process that does nothing else meanwhile.

    Processes are used again for a while: the first page takes yt-dlp seconds of loading.
    """

    _places: CapacityLimiter
    _idle: list[Process] = attrs.field(factory=list)

    async def run(self, job: Job) -> Outcome:
        """Carry out a job; cancelled, its process is killed.

        Raises:
            UnsupportedSourceError: If the process died of the page.
        """
        async with self._places:
            while self._idle:
                with suppress(*_GONE):  # it ended for want of work
                    return await self._ask(self._idle.pop(), job)
            process = await anyio.open_process(
                # Without -P a file in the current folder could pose as one of the modules.
                [sys.executable, "-P", "-m", __name__],
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for us, and we end it
            )
            try:
                return await self._ask(process, job)
            except _GONE as exc:
                reason = "yt-dlp broke down on the page"
                raise UnsupportedSourceError(job.source.hoster, reason) from exc

    async def close(self) -> None:
        """End the processes that wait for work."""
        while self._idle:
            await _end(self._idle.pop())

    async def _ask(self, process: Process, job: Job) -> Outcome:
        try:
            await cast("ByteSendStream", process.stdin).send(pickle.dumps(job))
            answer = BufferedByteReceiveStream(cast("ByteReceiveStream", process.stdout))
            length = int.from_bytes(await answer.receive_exactly(_LENGTH))
            outcome: Outcome = pickle.loads(await answer.receive_exactly(length))  # noqa: S301 - ours
        except BaseException:
            await _end(process)
            raise
        self._idle.append(process)
        return outcome


async def _end(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    with anyio.CancelScope(shield=True):
        await process.aclose()


@asynccontextmanager
async def open_pool(places: int) -> AsyncIterator[ProcessPool]:
    """Open a pool of at most so many processes."""
    pool = ProcessPool(CapacityLimiter(places))
    try:
        yield pool
    finally:
        await pool.close()


def main() -> None:
    """Carry out the jobs that arrive on standard input until none comes for a while."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # what anybody prints must not get between
        while select.select([sys.stdin.buffer], [], [], _PATIENCE)[0]:
            try:
                job = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own process
            except EOFError:
                return
            spent = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
            resource.setrlimit(resource.RLIMIT_CPU, (int(spent) + _WORK, resource.RLIM_INFINITY))
            outcome = pickle.dumps(carry_out(job))
            answers.write(len(outcome).to_bytes(_LENGTH) + outcome)
            answers.flush()


if __name__ == "__main__":
    main()
