"""Write the container from the stored segments, in a thread or in a separate process."""

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
from aniworld_providers.media.remux.extras import Extras
from aniworld_providers.media.remux.input import MuxCancelledError
from aniworld_providers.media.remux.muxer import MuxReport
from aniworld_providers.media.remux.plan import RemuxPlan, TrackPlan, check_remuxed
from aniworld_providers.media.remux.process import RemuxProcess
from aniworld_providers.transfer.disk.paths import PartPaths
from aniworld_providers.transfer.disk.verify import digest_of
from aniworld_providers.transfer.disk.writing import disk_errors, sync_file
from aniworld_providers.transfer.manifests.job import Job
from aniworld_providers.transfer.segments.store import SegmentStore
from aniworld_providers.transfer.segments.transfer import SegmentTransfer

#: Shortest playing time in seconds for which a separate process is worth its start.
OWN_PROCESS_FROM: Final = 180.0


class Muxing(Protocol):
    """A running remux; methods block."""

    def mux(self) -> MuxReport:
        """Copy all segments into the container, waiting for those that are not stored yet.

        Raises:
            MuxCancelledError: If the transfer was cancelled.
            What `remux` raises.
        """
        ...

    def check(self, report: MuxReport) -> MediaFacts:
        """Check the written file.

        Raises:
            What `check_remuxed` raises.
        """
        ...

    def close(self) -> None:
        """Release all resources; the file stays."""
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
        """Do nothing: no resources are held."""


@attrs.define(eq=False)
class _InProcess:
    _plan: RemuxPlan
    _store: SegmentStore
    _process: RemuxProcess

    def mux(self) -> MuxReport:
        return self._process.mux(self._plan, self._store, lambda: self._store.is_aborted)

    def check(self, report: MuxReport) -> MediaFacts:
        # The process already has the report.
        return self._process.check()

    def close(self) -> None:
        self._process.close()


def start_spare_process(duration: float | None) -> RemuxProcess | None:
    """Start a process that may be needed; return `None` if it is not; blocks shortly.

    Args:
        duration: Playing time of the film in seconds according to its source, if known.
    """
    is_short = duration is not None and duration < OWN_PROCESS_FROM
    if is_short or not sys.executable:
        return None
    try:
        return RemuxProcess.start()
    except OSError:
        return None  # without another process, a thread does the same work more slowly


def start_output(
    store: SegmentStore,
    job: Job,
    paths: PartPaths,
    spare: RemuxProcess | None,
    wanted: str,
    extras: Extras,
) -> Muxing:
    """Start to write `output_path`; blocks shortly.

    Args:
        store: The stored segments.
        job: The tracks that the segments make up.
        paths: Paths of the unfinished file.
        spare: A process for the work; closed here if it is not used.
        wanted: Requested file suffix, or empty.
        extras: Chapters and cover of the output.
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
        extras=extras,
    )
    if spare is not None and job.duration >= OWN_PROCESS_FROM:
        return _InProcess(plan, store, spare)
    if spare is not None:
        spare.close()
    return _InThread(plan, store)


def output_path(paths: PartPaths) -> Path:
    """Return the path of the unfinished container, beside the part."""
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

        async def abort_mux() -> None:
            # A thread cannot be cancelled, and the task group waits for it.
            try:
                with watch:
                    await anyio.sleep_forever()
            finally:
                if not reports:
                    store.abort()

        group.start_soon(mux)
        group.start_soon(abort_mux)
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


async def check_output(
    muxing: Muxing, output: Path, report: MuxReport, *, digest: bool
) -> tuple[MediaFacts, int, str | None]:
    """Check, hash and sync the written file at the same time.

    Returns:
        The facts of the file, its size and its SHA-256, if wanted.

    Raises:
        What `Muxing.check` raises.
        DiskFullError: If the disk is full.
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
