"""Fetch streams whose manifests list segments (HLS and DASH)."""

import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

import anyio
import anyio.to_thread
import attrs

from aniworld_core.domain.downloads import Phase
from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.errors import (
    BadMediaError,
    FetchInterruptedError,
    FileExistsConflictError,
    ProtectedError,
)
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.fetcher import (
    FetchedFile,
    FetchPlan,
    FetchRequest,
    MediaFetcher,
    OtherKind,
    ProgressCallback,
)
from aniworld_providers.media.probe.inspect import inspect_file
from aniworld_providers.media.remux.muxer import MuxReport
from aniworld_providers.media.remux.process import RemuxProcess
from aniworld_providers.transfer.disk.part_lock import sole_use
from aniworld_providers.transfer.disk.publish import (
    PartPaths,
    disk_errors,
    final_path,
    part_paths,
    prepare_folder,
    publish,
    remove_leftovers,
    renamed,
    require_space,
    siblings,
)
from aniworld_providers.transfer.disk.verify import digest_of
from aniworld_providers.transfer.links import OtherKindError
from aniworld_providers.transfer.manifests.hls.manifest import HlsManifest
from aniworld_providers.transfer.manifests.job import Job, Selection
from aniworld_providers.transfer.rate import ProgressMeter
from aniworld_providers.transfer.request_state import state_of
from aniworld_providers.transfer.segments.finish import goes_into, is_the_very_film, judge
from aniworld_providers.transfer.segments.live_link import (
    LiveLink,
    ManifestLoader,
    ShapeChangedError,
)
from aniworld_providers.transfer.segments.output import (
    Muxing,
    begin_output,
    checked_output,
    output_path,
    spare_process,
    transfer_and_mux,
)
from aniworld_providers.transfer.segments.store import SegmentStore
from aniworld_providers.transfer.segments.transfer import SegmentTransfer
from aniworld_providers.transfer.subtitles.film_clock import FilmClock
from aniworld_providers.transfer.subtitles.job import SubtitleErrand, open_errand

if TYPE_CHECKING:
    from aniworld_providers.network.bytes import ByteClient, Timeouts

#: How often a stream may turn out to be another one before it is given up.
_MOST_CHANGES: Final = 3
#: Slow to import, and of no use before there is something to fetch.
_NETWORK: Final = "aniworld_providers.network.bytes"
_OWN_SUFFIXES: Final = frozenset({".mp4", ".mkv"})


@attrs.define(eq=False)
class SegmentedFetcher(MediaFetcher):
    """Fetches what a manifest lists; how the manifest is read is given to it.

    While segments arrive in parallel, decrypted and stored, a worker thread puts them into the
    container in order, so that little is left to do when the last one is there. A kill loses
    the container, never a segment: the next attempt makes the container anew.
    """

    _name: str
    _kind: StreamKind
    _loader: ManifestLoader
    _planner: ManifestLoader
    _context: AdapterContext
    _timeouts: "Timeouts | None" = None

    @property
    def name(self) -> str:
        """What it is installed as."""
        return self._name

    def accepts(self, stream: Stream) -> bool:
        """Take streams of its kind."""
        return stream.kind is self._kind

    async def plan(self, request: FetchRequest) -> FetchPlan | OtherKind:
        """Load the manifest only."""
        from aniworld_providers.network.bytes import open_byte_client  # slow to import

        stream = request.stream
        state = state_of(self._context, request)
        async with open_byte_client(
            self._context, reach=stream.reach, timeouts=self._timeouts, state=state
        ) as client:
            try:
                selection = await self._planner(client, stream, request)
            except OtherKindError as error:
                return error.found
        heights = selection.heights or ((selection.height,) if selection.height else ())
        spoken = [track.language for track in selection.tracks if track.language]
        return FetchPlan(
            kind=self._kind,
            segments=sum(len(track.playlist.segments) for track in selection.tracks),
            duration_seconds=selection.duration,
            variants=heights,
            audio_languages=selection.audio_languages or tuple(spoken),
            roles=selection.roles,
            notices=selection.notices,
            is_protected=selection.protection is not None,
            is_live=selection.is_live,
        )

    async def fetch(
        self, request: FetchRequest, *, on_progress: ProgressCallback | None = None
    ) -> FetchedFile | OtherKind:
        """Fetch, mux, check and publish."""
        await anyio.to_thread.run_sync(prepare_folder, request.destination.parent)
        with sole_use(part_paths(request.destination)):
            try:
                return await self._fetch_alone(request, on_progress)
            except OtherKindError as error:
                return error.found

    async def _fetch_alone(
        self, request: FetchRequest, on_progress: ProgressCallback | None
    ) -> FetchedFile:
        folder = request.destination.parent
        state = await anyio.to_thread.run_sync(state_of, self._context, request)
        for _ in range(_MOST_CHANGES):
            meter = ProgressMeter(on_progress)
            await anyio.to_thread.run_sync(prepare_folder, folder)
            await anyio.to_thread.run_sync(require_space, folder, 0, request.reserve_bytes)
            try:
                async with AsyncExitStack() as stack:
                    # It starts while the network's library is loaded and the manifest is read.
                    spare = await anyio.to_thread.run_sync(spare_process, request.stream.duration)
                    if spare is not None:
                        stack.callback(spare.close)
                    await anyio.to_thread.run_sync(import_module, _NETWORK)
                    link = await LiveLink.open(
                        self._context, request, self._loader, stack, state, timeouts=self._timeouts
                    )
                    existing = await self._existing(request, link.selection)
                    if existing is not None:
                        return existing
                    errand = await stack.enter_async_context(
                        open_errand(self._context, request, state, timeouts=self._timeouts)
                    )
                    errand.notices += link.selection.notices
                    errand.begin(link.stream, link.selection.texts)
                    return await self._fetch(request, link, meter, spare, errand)
            except ShapeChangedError as change:
                # What was kept is of another encode; the next round begins with nothing.
                request = attrs.evolve(request, stream=change.stream)
        raise FetchInterruptedError("the stream turns into another one again and again")

    async def _existing(self, request: FetchRequest, selection: Selection) -> FetchedFile | None:
        paths = part_paths(request.destination)
        for path in siblings(request.destination, exact_name=request.exact_name):
            is_own_name = path == request.destination
            if request.exact_name and not is_own_name:
                # Somebody wanted another suffix; this one stands only if that is impossible.
                goes_here = partial(goes_into, path, request.destination.suffix.lower())
                if not await anyio.to_thread.run_sync(goes_here):
                    continue
            check = partial(is_the_very_film, path, selection, request.languages)
            if await anyio.to_thread.run_sync(check):
                sha256 = None
                if request.digest:
                    sha256 = await anyio.to_thread.run_sync(digest_of, path)
                size = (await anyio.Path(path).stat()).st_size
                facts = await anyio.to_thread.run_sync(inspect_file, path)
                await anyio.to_thread.run_sync(remove_leftovers, paths)
                return FetchedFile(
                    path=path,
                    bytes=size,
                    sha256=sha256,
                    duration=facts.duration,
                    audio_languages=facts.audio_languages,
                    resumed_bytes=size,
                    notices=renamed(request.destination, path, exact_name=request.exact_name),
                )
            if is_own_name or path.suffix in _OWN_SUFFIXES:
                raise FileExistsConflictError(str(path))
        return None

    async def _fetch(
        self,
        request: FetchRequest,
        link: LiveLink,
        meter: ProgressMeter,
        spare: RemuxProcess | None,
        errand: SubtitleErrand,
    ) -> FetchedFile:
        paths = part_paths(request.destination)
        store = await anyio.to_thread.run_sync(_open_store, paths, link.job)
        transfer = SegmentTransfer(
            link=link,
            store=store,
            request=request,
            clock=self._context.clock,
            meter=meter,
            part=paths.part,
        )
        try:
            if store.done and not await transfer.sample.matches():
                await anyio.to_thread.run_sync(_forget, store, paths, link.job)
            wanted = request.destination.suffix.lower() if request.exact_name else ""
            begin = partial(begin_output, store, link.job, paths, spare, wanted)
            muxing = await anyio.to_thread.run_sync(begin)
            try:
                report = await transfer_and_mux(transfer, store, muxing, output_path(paths))
                file = await self._finish(
                    request, link, report, paths, transfer, muxing, meter, errand
                )
                return errand.told(file)
            finally:
                muxing.close()
        except (BadMediaError, ProtectedError):
            await anyio.to_thread.run_sync(remove_leftovers, paths)
            raise
        except ShapeChangedError:
            await anyio.to_thread.run_sync(_forget, store, paths, link.job)
            raise
        finally:
            store.close()
            with contextlib.suppress(OSError):
                output_path(paths).unlink(missing_ok=True)

    async def _finish(
        self,
        request: FetchRequest,
        link: LiveLink,
        report: MuxReport,
        paths: PartPaths,
        transfer: SegmentTransfer,
        muxing: Muxing,
        meter: ProgressMeter,
        errand: SubtitleErrand,
    ) -> FetchedFile:
        await meter.enter(Phase.CHECKING)
        notices = judge(report, link.job, link.selection, request.languages)
        output = output_path(paths)
        facts, size, sha256 = await checked_output(muxing, output, report, digest=request.digest)
        timeline = report.timeline
        await errand.settle(FilmClock(shifts=tuple(timeline.shifts), duration=timeline.end))
        await meter.enter(Phase.PUBLISHING)
        final = final_path(request.destination, report.suffix, exact_name=request.exact_name)
        await anyio.to_thread.run_sync(_publish, errand, output, final)
        await anyio.to_thread.run_sync(remove_leftovers, paths)
        return FetchedFile(
            path=final,
            bytes=size,
            sha256=sha256,
            duration=facts.duration,
            audio_languages=facts.audio_languages,
            resumed_bytes=transfer.resumed_bytes,
            attempts=transfer.attempts,
            notices=(
                *renamed(request.destination, final, exact_name=request.exact_name),
                *notices,
            ),
        )


def _open_store(paths: PartPaths, job: Job) -> SegmentStore:
    with disk_errors(paths.part):
        return SegmentStore.open(paths, job.shape, len(job.items))


def _publish(errand: SubtitleErrand, output: Path, final: Path) -> None:
    # The film last: once it is there, nobody comes back for its subtitles.
    errand.publish(final)
    publish(output, final)


def _forget(store: SegmentStore, paths: PartPaths, job: Job) -> None:
    with disk_errors(paths.part):
        store.forget(job.shape, paths.ledger)


async def _load_hls(
    client: "ByteClient",
    stream: Stream,
    request: FetchRequest,
    context: AdapterContext,
    *,
    follow: bool,
) -> Selection:
    manifest = HlsManifest(
        client=client,
        stream=stream,
        quality=request.quality,
        languages=request.languages,
        clock=context.clock,
        role=request.role,
    )
    return await manifest.load(follow=follow)


@asynccontextmanager
async def open_hls_fetcher(
    context: AdapterContext, *, timeouts: "Timeouts | None" = None
) -> AsyncIterator[MediaFetcher]:
    """Open the fetcher installed as `hls`."""
    yield SegmentedFetcher(
        "hls",
        StreamKind.HLS,
        partial(_load_hls, context=context, follow=True),
        partial(_load_hls, context=context, follow=False),
        context,
        timeouts,
    )


@asynccontextmanager
async def open_dash_fetcher(
    context: AdapterContext, *, timeouts: "Timeouts | None" = None
) -> AsyncIterator[MediaFetcher]:
    """Open the fetcher installed as `dash`."""
    from aniworld_providers.transfer.manifests.dash.manifest import load_dash  # not used for HLS

    load = partial(load_dash, context=context)
    yield SegmentedFetcher("dash", StreamKind.DASH, load, load, context, timeouts)
