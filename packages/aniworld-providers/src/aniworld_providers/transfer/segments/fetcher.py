"""Fetch streams whose manifests list segments (HLS and DASH)."""

import contextlib
from contextlib import AsyncExitStack
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
    AniworldError,
    BadMediaError,
    FetchInterruptedError,
    FileExistsConflictError,
    ProtectedError,
)
from aniworld_core.messages import Message
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
from aniworld_providers.transfer.disk.lock import exclusive_use
from aniworld_providers.transfer.disk.paths import (
    PartPaths,
    existing_targets,
    final_path,
    part_paths,
    remove_leftovers,
    rename_notices,
)
from aniworld_providers.transfer.disk.publish import publish
from aniworld_providers.transfer.disk.verify import digest_of
from aniworld_providers.transfer.disk.writing import disk_errors, prepare_folder, require_space
from aniworld_providers.transfer.fetch_session import FetchSession
from aniworld_providers.transfer.links import OtherKindError
from aniworld_providers.transfer.manifests.hls.manifest import HlsManifest
from aniworld_providers.transfer.manifests.job import Job, Selection
from aniworld_providers.transfer.progress import ProgressMeter
from aniworld_providers.transfer.segments.current_link import (
    CurrentLink,
    ManifestLoader,
    StreamChangedError,
)
from aniworld_providers.transfer.segments.finish import check_report, is_same_film, needs_own_suffix
from aniworld_providers.transfer.segments.output import (
    Muxing,
    check_output,
    output_path,
    start_output,
    start_spare_process,
    transfer_and_mux,
)
from aniworld_providers.transfer.segments.store import SegmentStore
from aniworld_providers.transfer.segments.transfer import SegmentTransfer
from aniworld_providers.transfer.subtitles.film_clock import FilmClock
from aniworld_providers.transfer.subtitles.job import SubtitleJob, open_subtitles
from aniworld_providers.transfer.thumbnails import cover_path, fetch_extras

if TYPE_CHECKING:
    from aniworld_providers.network.bytes import ByteClient, Timeouts

#: Times a fresh link may lead to another encode before the fetch fails.
_MOST_CHANGES: Final = 3
#: Segments that are fetched again because they do not fit together; more are no passing fault.
_MOST_DOUBTFUL: Final = 8
#: Imported in a worker thread, because importing it takes long.
_NETWORK: Final = "aniworld_providers.network.bytes.client"
_OWN_SUFFIXES: Final = frozenset({".mp4", ".mkv"})


class SegmentsDroppedError(AniworldError):
    """Segments that do not fit together were dropped; caught inside of this distribution."""

    def __init__(self) -> None:
        super().__init__("segments that do not fit together were dropped")


@attrs.define(eq=False)
class SegmentedFetcher(MediaFetcher):
    """Fetches the segments that a manifest lists and puts them into one file.

    Segments are fetched in parallel, decrypted and stored. Meanwhile the muxer copies them into
    the container in order, so that little is left to do after the last one. A kill loses the
    container but no stored segment: the next attempt writes the container again.

    Args:
        name: The name it is installed as.
        kind: The kind of streams it accepts.
        loader: Loads the manifest of a stream to fetch.
        planner: Loads the manifest of a stream to describe.
        context: The adapter context.
        timeouts: Timeouts of requests; `None` for the client's own.
    """

    _name: str
    _kind: StreamKind
    _loader: ManifestLoader
    _planner: ManifestLoader
    _context: AdapterContext
    _timeouts: "Timeouts | None" = None

    @property
    def name(self) -> str:
        return self._name

    def accepts(self, stream: Stream) -> bool:
        return stream.kind is self._kind

    async def plan(self, request: FetchRequest) -> FetchPlan | OtherKind:
        async with self._start(request).client(request.stream) as client:
            try:
                selection = await self._planner(client, request.stream, request)
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
        await anyio.to_thread.run_sync(prepare_folder, request.destination.parent)
        with exclusive_use(part_paths(request.destination)):
            try:
                return await self._fetch_alone(request, on_progress)
            except OtherKindError as error:
                return error.found

    def _start(self, request: FetchRequest) -> FetchSession:
        return FetchSession.start(self._context, request, self._timeouts)

    async def _fetch_alone(
        self, request: FetchRequest, on_progress: ProgressCallback | None
    ) -> FetchedFile:
        folder = request.destination.parent
        session = await anyio.to_thread.run_sync(self._start, request)
        changes, may_repair = 0, True
        while changes < _MOST_CHANGES:
            await anyio.to_thread.run_sync(prepare_folder, folder)
            await anyio.to_thread.run_sync(require_space, folder, 0, request.reserve_bytes)
            try:
                return await self._fetch_once(
                    session, ProgressMeter(on_progress), may_repair=may_repair
                )
            except SegmentsDroppedError:
                may_repair = False
            except StreamChangedError as change:
                # The stored segments are of another encode; the next round starts without any.
                changed = attrs.evolve(session.request, stream=change.stream)
                session = attrs.evolve(session, request=changed)
                changes += 1
        raise FetchInterruptedError(Message("versions_change", links=_MOST_CHANGES))

    async def _fetch_once(
        self, session: FetchSession, meter: ProgressMeter, *, may_repair: bool
    ) -> FetchedFile:
        async with AsyncExitStack() as stack:
            # The process starts while the HTTP client is imported and the manifest is loaded.
            known = session.request.stream.duration
            spare = await anyio.to_thread.run_sync(start_spare_process, known)
            if spare is not None:
                stack.callback(spare.close)
            await anyio.to_thread.run_sync(import_module, _NETWORK)
            link = await CurrentLink.open(session, self._loader, stack)
            existing = await _existing(session.request, link.selection)
            if existing is not None:
                return existing
            subtitles = await stack.enter_async_context(open_subtitles(session))
            subtitles.notices += link.selection.notices
            subtitles.start(link.stream, link.selection.texts)
            return await _Fetch(session, link, meter, spare, subtitles, may_repair).run()


@attrs.define(eq=False)
class _Fetch:
    """One fetch of one encode: transfer, mux, check and publish.

    If *_may_repair*, segments that do not fit together are dropped to be fetched once more.
    """

    _session: FetchSession
    _link: CurrentLink
    _meter: ProgressMeter
    _spare: RemuxProcess | None
    _subtitles: SubtitleJob
    _may_repair: bool

    @property
    def _request(self) -> FetchRequest:
        return self._session.request

    async def run(self) -> FetchedFile:
        request, job = self._request, self._link.job
        paths = part_paths(request.destination)
        store = await anyio.to_thread.run_sync(_open_store, paths, job)
        transfer = SegmentTransfer(
            link=self._link,
            store=store,
            request=request,
            clock=self._session.context.clock,
            meter=self._meter,
            part=paths.part,
        )
        try:
            if store.done and not await transfer.link_check.matches():
                await anyio.to_thread.run_sync(_reset, store, paths, job)
            extras, notices = await fetch_extras(
                self._session, self._link.stream, paths, job.duration
            )
            self._subtitles.notices += notices
            wanted = request.destination.suffix.lower() if request.exact_name else ""
            start = partial(start_output, store, job, paths, self._spare, wanted, extras)
            muxing = await anyio.to_thread.run_sync(start)
            try:
                report = await transfer_and_mux(transfer, store, muxing, output_path(paths))
                return self._subtitles.add_to(await self._finish(report, transfer, muxing))
            finally:
                muxing.close()
        except (BadMediaError, ProtectedError) as error:
            if self._may_repair and isinstance(error, BadMediaError):
                await _drop_doubtful(transfer, store, paths, error)
            await anyio.to_thread.run_sync(remove_leftovers, paths)
            raise
        except StreamChangedError:
            await anyio.to_thread.run_sync(_reset, store, paths, job)
            raise
        finally:
            store.close()
            with contextlib.suppress(OSError):
                output_path(paths).unlink(missing_ok=True)
                cover_path(paths).unlink(missing_ok=True)

    async def _finish(
        self, report: MuxReport, transfer: SegmentTransfer, muxing: Muxing
    ) -> FetchedFile:
        request, link = self._request, self._link
        paths = part_paths(request.destination)
        await self._meter.enter(Phase.CHECKING)
        notices = check_report(report, link.job, link.selection, request.languages)
        output = output_path(paths)
        facts, size, sha256 = await check_output(muxing, output, report, digest=request.digest)
        timeline = report.timeline
        clock = FilmClock(shifts=tuple(timeline.shifts), duration=timeline.end)
        await self._subtitles.finish(clock)
        await self._meter.enter(Phase.PUBLISHING)
        final = final_path(request.destination, report.suffix, exact_name=request.exact_name)
        await anyio.to_thread.run_sync(_publish, self._subtitles, output, final)
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
                *rename_notices(request.destination, final, exact_name=request.exact_name),
                *notices,
            ),
        )


async def _existing(request: FetchRequest, selection: Selection) -> FetchedFile | None:
    """Return the file that an earlier fetch of the same film published.

    Raises:
        FileExistsConflictError: If another file has the name that this fetch would use.
    """
    for path in existing_targets(request.destination, exact_name=request.exact_name):
        is_own_name = path == request.destination
        if request.exact_name and not is_own_name:
            # A file with another suffix counts only if the media do not fit the requested one.
            needs_other = partial(needs_own_suffix, path, request.destination.suffix.lower())
            if not await anyio.to_thread.run_sync(needs_other):
                continue
        check = partial(is_same_film, path, selection, request.languages)
        if await anyio.to_thread.run_sync(check):
            return await _described(path, request)
        if is_own_name or path.suffix in _OWN_SUFFIXES:
            raise FileExistsConflictError(str(path))
    return None


async def _described(path: Path, request: FetchRequest) -> FetchedFile:
    sha256 = await anyio.to_thread.run_sync(digest_of, path) if request.digest else None
    size = (await anyio.Path(path).stat()).st_size
    facts = await anyio.to_thread.run_sync(inspect_file, path)
    await anyio.to_thread.run_sync(remove_leftovers, part_paths(request.destination))
    return FetchedFile(
        path=path,
        bytes=size,
        sha256=sha256,
        duration=facts.duration,
        audio_languages=facts.audio_languages,
        resumed_bytes=size,
        notices=rename_notices(request.destination, path, exact_name=request.exact_name),
    )


def _open_store(paths: PartPaths, job: Job) -> SegmentStore:
    with disk_errors(paths.part):
        return SegmentStore.open(paths, job.identity, len(job.items))


async def _drop_doubtful(
    transfer: SegmentTransfer, store: SegmentStore, paths: PartPaths, error: BadMediaError
) -> None:
    """Drop the segments that may be the cause of an error, unless they are many or none.

    A cache that confused two requests answers the next ones correctly. Which of two segments is
    the wrong one is not known, and the muxer has already copied both.

    Raises:
        SegmentsDroppedError: If segments were dropped.
    """
    doubtful = await transfer.doubtful()
    if 0 < len(doubtful) <= _MOST_DOUBTFUL:
        with disk_errors(paths.part):
            await anyio.to_thread.run_sync(store.drop, doubtful)
        raise SegmentsDroppedError from error


def _publish(subtitles: SubtitleJob, output: Path, final: Path) -> None:
    # The film comes last: once it is published, no later fetch adds its subtitles.
    subtitles.publish(final)
    publish(output, final)


def _reset(store: SegmentStore, paths: PartPaths, job: Job) -> None:
    with disk_errors(paths.part):
        store.reset(job.identity, paths.ledger)


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


def hls_fetcher(context: AdapterContext, *, timeouts: "Timeouts | None" = None) -> MediaFetcher:
    """Return the fetcher of HLS streams."""
    return SegmentedFetcher(
        "hls",
        StreamKind.HLS,
        partial(_load_hls, context=context, follow=True),
        partial(_load_hls, context=context, follow=False),
        context,
        timeouts,
    )


def dash_fetcher(context: AdapterContext, *, timeouts: "Timeouts | None" = None) -> MediaFetcher:
    """Return the fetcher of DASH streams."""
    from aniworld_providers.transfer.manifests.dash.manifest import load_dash  # not used for HLS

    load = partial(load_dash, context=context)
    return SegmentedFetcher("dash", StreamKind.DASH, load, load, context, timeouts)
