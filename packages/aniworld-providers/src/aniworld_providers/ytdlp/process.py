"""Run yt-dlp in separate processes that can be killed.

A page of a few kilobytes can keep its regular expressions busy for minutes while they hold the
interpreter lock. In a thread that would block the program, and nothing could stop it. A process
can be killed, and the system frees its memory.
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
from aniworld_core.messages import Message
from aniworld_providers.ytdlp.job import Failure, Job, ListingJob, Outcome

#: Function that runs a job.
Runner: TypeAlias = Callable[[Job | ListingJob], Awaitable[Outcome]]

#: Seconds after which a process without work exits.
_IDLE_SECONDS: Final = 60
#: CPU seconds for one page and bytes of memory, in case the parent process is gone.
_WORK: Final = 90
_MEMORY: Final = 2 * 1024**3
_LENGTH: Final = 4
_GONE: Final = (BrokenResourceError, EndOfStream, IncompleteRead)


def carry_out(job: Job | ListingJob) -> Outcome:
    """Run a job in this process; blocks."""
    # Importing yt-dlp takes a quarter of a second and 30 MB, so only this process does it.
    from aniworld_providers.ytdlp.extraction import find_streams
    from aniworld_providers.ytdlp.listing import list_entries

    try:
        return list_entries(job) if isinstance(job, ListingJob) else find_streams(job)
    except AniworldError as exc:
        return Failure.of(exc)


@attrs.define(eq=False)
class ProcessPool:
    """Run jobs, each in a process that runs one job at a time.

    Processes are reused for a while, because yt-dlp takes seconds to load for its first page.
    """

    _places: CapacityLimiter
    _idle: list[Process] = attrs.field(factory=list)

    async def run(self, job: Job | ListingJob) -> Outcome:
        """Run a job; kill its process on cancellation.

        Raises:
            UnsupportedSourceError: If the page crashed the process.
        """
        async with self._places:
            while self._idle:
                with suppress(*_GONE):  # it exited because it had no work
                    return await self._ask(self._idle.pop(), job)
            process = await anyio.open_process(
                # Without -P a file in the current folder could replace one of the modules.
                [sys.executable, "-P", "-m", __name__],
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C must not reach it; the pool ends it
            )
            try:
                return await self._ask(process, job)
            except _GONE as exc:
                reason = Message("ytdlp_crashed")
                raise UnsupportedSourceError(job.source.hoster, reason) from exc

    async def close(self) -> None:
        """Kill the idle processes."""
        while self._idle:
            await _end(self._idle.pop())

    async def _ask(self, process: Process, job: Job | ListingJob) -> Outcome:
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
    """Open a pool with at most *places* processes."""
    pool = ProcessPool(CapacityLimiter(places))
    try:
        yield pool
    finally:
        await pool.close()


def main() -> None:
    """Run the jobs from standard input until none arrives for a while."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # printed text must not mix with the answers
        while select.select([sys.stdin.buffer], [], [], _IDLE_SECONDS)[0]:
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
