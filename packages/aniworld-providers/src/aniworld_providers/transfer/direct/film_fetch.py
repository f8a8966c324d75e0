"""Fetch one film: its file, or its video and audio file, and publish the result."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import attrs

from aniworld_core.domain.downloads import Phase, Progress
from aniworld_core.domain.media import Stream
from aniworld_core.errors import (
    AniworldError,
    BadMediaError,
    FetchInterruptedError,
    FileExistsConflictError,
    ProtectedError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.fetcher import FetchedFile, FetchRequest, ProgressCallback
from aniworld_providers.media.remux.extras import Extras
from aniworld_providers.transfer.direct.assembly import (
    Assembled,
    Assembly,
    assembled_before,
    require_copyable,
)
from aniworld_providers.transfer.direct.attempts import Attempts
from aniworld_providers.transfer.direct.file_job import CompleteFile, FileJob
from aniworld_providers.transfer.disk.existing import described_file
from aniworld_providers.transfer.disk.part_file import PartFile
from aniworld_providers.transfer.disk.paths import (
    PartPaths,
    existing_targets,
    final_path,
    remove_leftovers,
    rename_notices,
)
from aniworld_providers.transfer.disk.publish import publish
from aniworld_providers.transfer.fetch_session import FetchSession
from aniworld_providers.transfer.progress import ProgressMeter
from aniworld_providers.transfer.segments.finish import require_language
from aniworld_providers.transfer.subtitles.film_clock import FilmClock
from aniworld_providers.transfer.subtitles.job import SubtitleJob
from aniworld_providers.transfer.thumbnails import cover_path, fetch_extras


@attrs.define(eq=False, kw_only=True)
class FilmFetch:
    """The fetch of one film from files.

    Args:
        session: Request and network state.
        paths: Paths of the unfinished file.
        subtitles: The subtitles of the film.
        new_attempts: Returns the attempts of one file.
        on_progress: Receives the progress.
    """

    _session: FetchSession
    _paths: PartPaths
    _subtitles: SubtitleJob
    _new_attempts: Callable[[], Attempts]
    _on_progress: ProgressCallback | None
    _attempts: list[Attempts] = attrs.field(factory=list, init=False)
    _reported: Progress = attrs.field(factory=Progress, init=False)

    @property
    def _request(self) -> FetchRequest:
        return self._session.request

    async def run(self) -> FetchedFile:
        """Fetch, check, assemble and publish the film.

        Raises:
            What `MediaFetcher.fetch` raises.
        """
        request = self._request
        wants_digest = not is_assembled(request.stream) and request.digest
        wants_digest = wants_digest or _has_sha256(request.stream)
        try:
            async with _opened(self._paths, digest=wants_digest) as part:
                job = self._job(self._session, part, self._reporter(0))
                film = await job.run(self._paths)
                if not is_assembled(request.stream):
                    return await self._published_part(part, film)
                # The link of the audio may have been replaced together with that of the video.
                return await self._assembled(part, film, job.stream)
        except (BadMediaError, ProtectedError):
            # Without the ledger of the video, no later attempt would find the audio.
            await asyncio.to_thread(_remove, self._sound_paths.part, self._sound_paths.ledger)
            raise
        finally:
            await asyncio.to_thread(_remove, self._paths.beside("out"), cover_path(self._paths))

    @property
    def _sound_paths(self) -> PartPaths:
        return PartPaths(self._paths.beside("a"), self._paths.beside("a.ledger"))

    def _job(self, session: FetchSession, part: PartFile, on_progress: ProgressCallback) -> FileJob:
        self._attempts.append(self._new_attempts())
        return FileJob(session, part, ProgressMeter(on_progress), self._attempts[-1])

    def _reporter(self, before: int) -> ProgressCallback:
        """Return a listener for the progress of a file that follows *before* bytes of another."""
        sound = self._request.stream.sound
        rest = sound.size or 0 if sound is not None and not before else 0

        async def report(progress: Progress) -> None:
            # Of two files, each is checked when it is complete; that is not the film's phase.
            if sound is None or progress.phase is Phase.FETCHING:
                total = progress.total_bytes
                await self._report(
                    attrs.evolve(
                        progress,
                        downloaded_bytes=progress.downloaded_bytes + before,
                        total_bytes=None if total is None else total + before + rest,
                    )
                )

        return report

    async def _report(self, progress: Progress) -> None:
        self._reported = progress
        if self._on_progress is not None:
            await self._on_progress(progress)

    async def _enter(self, phase: Phase) -> None:
        await self._report(attrs.evolve(self._reported.at_rest, phase=phase))

    # --- one file ------------------------------------------------------------------------

    async def _published_part(
        self, part: PartFile, film: CompleteFile, notices: Sequence[str] = ()
    ) -> FetchedFile:
        """Publish the fetched file as it is."""
        request, facts = self._request, film.result.facts
        await self._subtitles.finish(FilmClock(duration=facts.duration))
        await self._enter(Phase.PUBLISHING)
        final = final_path(request.destination, facts.suffix, exact_name=request.exact_name)

        def step() -> None:
            part.record_final_name(final)
            # The film comes last: once it is published, no later fetch adds its subtitles.
            self._subtitles.publish(final)
            publish(film.path, final)
            part.close()
            remove_leftovers(self._paths)

        await asyncio.to_thread(step)
        return FetchedFile(
            path=final,
            bytes=film.size,
            sha256=film.sha256,
            duration=facts.duration,
            audio_languages=tuple(code for code in facts.audio_languages if code != "und"),
            verified=film.result.is_verified,
            resumed_bytes=film.resumed_bytes,
            attempts=self._attempts[0].count,
            notices=(*film.result.notices, *notices, *self._rename_notices(final)),
        )

    def _rename_notices(self, final: Path) -> tuple[str, ...]:
        request = self._request
        return rename_notices(request.destination, final, exact_name=request.exact_name)

    # --- several files, or extras --------------------------------------------------------

    async def _assembled(self, part: PartFile, film: CompleteFile, stream: Stream) -> FetchedFile:
        """Fetch what belongs into the container, write it and publish it.

        Args:
            part: The part of the video file.
            film: The complete video file.
            stream: The film with its current link.
        """
        duration = film.result.facts.duration
        if stream.sound is None or film.result.facts.audio_languages:
            extras, notices = await fetch_extras(self._session, stream, self._paths, duration)
            if not extras:
                return await self._published_part(part, film, notices)
            try:
                await asyncio.to_thread(require_copyable, film.path)
                made = await self._written(film, None, extras)
            except BadMediaError as error:
                # The file is complete; only the additions are missing.
                notice = Message("extras_left_out", reason=error.reason)
                return await self._published_part(part, film, (*notices, notice))
            return await self._published_copy(part, made, (film,), notices)
        async with self._sound(stream, stream.sound, film.size) as sound:
            extras, notices = await fetch_extras(self._session, stream, self._paths, duration)
            made = await self._written(film, sound, extras)
            require_language(made.audio_languages, self._request.languages)
            return await self._published_copy(part, made, (film, sound), notices)

    @asynccontextmanager
    async def _sound(
        self, stream: Stream, sound: Stream, before: int
    ) -> AsyncIterator[CompleteFile]:
        """Fetch the audio file.

        Args:
            stream: The film with its current link.
            sound: Its audio.
            before: Bytes of the video file.
        """
        request = self._request

        async def renew() -> Stream:
            if request.renew is None:
                raise FetchInterruptedError(Message("format_gone"))
            fresh = (await request.renew()).sound
            if fresh is None:
                raise FetchInterruptedError(Message("format_gone"))
            return fresh

        own = attrs.evolve(
            request,
            stream=sound,
            renew=renew if request.renew is not None else None,
            max_bytes=max(request.max_bytes - before, 0),
            digest=False,
        )
        session = attrs.evolve(self._session, request=own)
        session.state.add_credential_server(sound.url)
        paths = self._sound_paths
        async with _opened(paths, digest=_has_sha256(sound)) as part:
            job = self._job(session, part, self._reporter(before))
            job.is_sound = True
            yield await job.run(paths)

    async def _written(
        self, film: CompleteFile, sound: CompleteFile | None, extras: Extras
    ) -> Assembled:
        await self._enter(Phase.CHECKING)
        stream = self._request.stream
        assembly = Assembly(
            film=film.path,
            sound=sound.path if sound is not None else None,
            sound_language=stream.sound.language if stream.sound is not None else None,
            extras=extras,
            target=self._paths.beside("out"),
            duration=film.result.facts.duration or stream.duration,
        )
        return await assembly.write(self._request)

    async def _published_copy(
        self,
        part: PartFile,
        made: Assembled,
        files: Sequence[CompleteFile],
        notices: Sequence[str],
    ) -> FetchedFile:
        request = self._request
        await self._subtitles.finish(FilmClock(duration=made.facts.duration))
        await self._enter(Phase.PUBLISHING)
        final = final_path(request.destination, made.suffix, exact_name=request.exact_name)

        def step() -> None:
            self._subtitles.publish(final)
            publish(made.path, final)
            part.close()
            remove_leftovers(self._paths)

        await asyncio.to_thread(step)
        told = [notice for each in files for notice in each.result.notices]
        return FetchedFile(
            path=final,
            bytes=made.size,
            sha256=made.sha256,
            duration=made.facts.duration,
            audio_languages=made.audio_languages,
            verified=all(each.result.is_verified for each in files),
            resumed_bytes=sum(each.resumed_bytes for each in files),
            attempts=1 + sum(each.count - 1 for each in self._attempts),
            notices=(*told, *made.notices, *notices, *self._rename_notices(final)),
        )


def is_assembled(stream: Stream) -> bool:
    """Return whether the fetched streams are copied into a new file."""
    return stream.sound is not None or bool(stream.chapters or stream.thumbnails)


def assembled_file(request: FetchRequest) -> FetchedFile | None:
    """Return the file that an earlier fetch of the same film assembled; blocks.

    Raises:
        FileExistsConflictError: If another file has the requested name.
        LibraryUnavailableError: If a file cannot be read.
    """
    targets = existing_targets(request.destination, exact_name=request.exact_name)
    found = assembled_before(targets, request.stream)
    if found is not None:
        return described_file(*found, request)
    if request.destination in targets:
        raise FileExistsConflictError(str(request.destination))
    return None


@asynccontextmanager
async def _opened(paths: PartPaths, *, digest: bool) -> AsyncIterator[PartFile]:
    """Open a part; discard it if its bytes are useless or there are none."""
    part = await asyncio.to_thread(PartFile.open, paths, digest=digest)
    try:
        yield part
    except (BadMediaError, ProtectedError):
        part.discard()
        raise
    finally:
        if part.done_bytes == 0:
            with suppress(AniworldError):
                part.discard()
        part.close()


def _remove(*paths: Path) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _has_sha256(stream: Stream) -> bool:
    return stream.checksum is not None and stream.checksum.algorithm == "sha256"
