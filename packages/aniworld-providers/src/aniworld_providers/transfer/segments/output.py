"""Makes the container out of the stored segments: in a thread, or in a process of its own."""

import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final, Protocol

import anyio
import anyio.to_thread
import attrs

from aniworld_core.errors import AniworldError
from aniworld_core.ports.inspector import MediaFacts
from aniworld_providers.media.remux.check import check_remuxed
from aniworld_providers.media.remux.input import MuxCancelledError
from aniworld_providers.media.remux.muxer import MuxReport
from aniworld_providers.media.remux.plan import RemuxPlan, TrackPlan
from aniworld_providers.media.remux.process import RemuxProcess
from aniworld_providers.transfer.disk.publish import PartPaths, disk_errors, sync_file
from aniworld_providers.transfer.disk.verify import digest_of
from aniworld_providers.transfer.manifests.job import Job
from aniworld_providers.transfer.segments.store import SegmentStore
from aniworld_providers.transfer.segments.transfer import SegmentTransfer

#: Films shorter than this, in seconds, are done before a process has started.
OWN_PROCESS_FROM: Final = 180.0


class Muxing(Protocol):
    """A remux on its way; its methods block."""

    def mux(self) -> MuxReport:
        """Put every segment into the container, waiting for those that are not here yet.

        Raises:
            MuxCancelledError: If the transfer was called off.
            What `remux` raises.
        """
        ...

    def check(self, report: MuxReport) -> MediaFacts:
        """Look at what was written.

        Raises:
            What `check_remuxed` raises.
        """
        ...

    def close(self) -> None:
        """Let go of everything; the file stays."""
        ...


@attrs.define(eq=False)
class _InThread:
    _plan: RemuxPlan
    _store: SegmentStore

    def mux(self) -> MuxReport:
        return self._plan.run(self._store, lambda: self._store.is_aborted)

    def check(self, report: MuxReport) -> MediaFacts:
        return check_remuxed(self._plan.target, report)

    def close(self) -> None:
        """Nothing is held."""


@attrs.define(eq=False)
class _InProcess:
    _plan: RemuxPlan
    _store: SegmentStore
    _process: RemuxProcess

    def mux(self) -> MuxReport:
        return self._process.mux(self._plan, self._store, lambda: self._store.is_aborted)

    def check(self, report: MuxReport) -> MediaFacts:
        # The process was given the report by itself.
        return self._process.check()

    def close(self) -> None:
        self._process.close()


def spare_process(duration: float | None) -> RemuxProcess | None:
    """Start a process that may be of use, if that is possible; blocks shortly.

    Args:
        duration: How long the film plays according to its source, in seconds, where that is said.
    """
    is_short = duration is not None and duration < OWN_PROCESS_FROM
    if is_short or not sys.executable:
        return None
    try:
        return RemuxProcess.start()
    except OSError:
        return None  # no more processes are to be had; a thread is as good, only slower


def begin_output(
    store: SegmentStore, job: Job, paths: PartPaths, spare: RemuxProcess | None, wanted: str
) -> Muxing:
    """Begin to make what is to be `output_path`; blocks shortly.

    Args:
        store: Where the segments are and will be.
        job: What they make up.
        paths: Where everything lies.
        spare: A process to do it in; closed if it is not worth it, else with the result.
        wanted: The suffix of the name that a person chose, or nothing.
    """
    tracks = tuple(
        TrackPlan(
            groups=track.groups,
            has_video=track.has_video,
            has_audio=track.has_audio,
            language=track.language,
            origins=track.origins,
            dates=track.dates,
        )
        for track in job.tracks
    )
    plan = RemuxPlan(
        tracks=tracks,
        data=paths.part,
        target=output_path(paths),
        duration=job.duration,
        count=len(job.items),
        wanted=wanted,
    )
    if spare is not None and job.duration >= OWN_PROCESS_FROM:
        return _InProcess(plan, store, spare)
    if spare is not None:
        spare.close()
    return _InThread(plan, store)


def output_path(paths: PartPaths) -> Path:
    """Where the container in the making lies: beside the part."""
    return paths.beside("out")


async def transfer_and_mux(
    transfer: SegmentTransfer, store: SegmentStore, muxing: Muxing, output: Path
) -> MuxReport:
    """Fetch and mux at the same time; the first error ends both.

    Raises:
        What `SegmentTransfer.run` and `Muxing.mux` raise.
    """
    reports: list[MuxReport] = []
    failures: list[AniworldError] = []
    watch = anyio.CancelScope()
    async with anyio.create_task_group() as group:

        async def mux() -> None:
            try:
                reports.append(await anyio.to_thread.run_sync(_muxed, muxing, output))
            except MuxCancelledError:
                pass
            except AniworldError as error:
                failures.append(error)
                group.cancel_scope.cancel()
            watch.cancel()

        async def call_off() -> None:
            # The thread cannot be cancelled, and the group waits for it.
            try:
                with watch:
                    await anyio.sleep_forever()
            finally:
                if not reports:
                    store.abort()

        group.start_soon(mux)
        group.start_soon(call_off)
        try:
            await transfer.run()
        except AniworldError as error:
            failures.insert(0, error)
            group.cancel_scope.cancel()
    if failures:
        raise failures[0]
    return reports[0]


def _muxed(muxing: Muxing, output: Path) -> MuxReport:
    with disk_errors(output):
        return muxing.mux()


async def checked_output(
    muxing: Muxing, output: Path, report: MuxReport, *, digest: bool
) -> tuple[MediaFacts, int, str | None]:
    """Check, digest and sync at the same time: none changes the file, and all take a while.

    Returns:
        What it is, its size and, if that is wanted, its SHA-256.

    Raises:
        What `Muxing.check` raises.
        DiskFullError: If there is no room.
        LibraryUnavailableError: If the disk fails.
    """
    return await anyio.to_thread.run_sync(partial(_checked, muxing, output, report, digest=digest))


def _checked(
    muxing: Muxing, output: Path, report: MuxReport, *, digest: bool
) -> tuple[MediaFacts, int, str | None]:
    with ThreadPoolExecutor(2) as pool:
        synced = pool.submit(sync_file, output)
        digested = pool.submit(digest_of, output) if digest else None
        with disk_errors(output):
            facts = muxing.check(report)
            size = output.stat().st_size
        sha256 = digested.result() if digested is not None else None
        synced.result()
    return facts, size, sha256
