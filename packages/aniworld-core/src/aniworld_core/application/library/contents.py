"""Read the content of library files: fingerprints, facts, and what contradicts their names."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

import attrs

from aniworld_core.application.library.resettling import resettle
from aniworld_core.application.library.scans.file_checks import as_message
from aniworld_core.application.library.scans.state import ScanContext
from aniworld_core.application.library.series_on_disk import SeriesOnDisk
from aniworld_core.domain.identity import EpisodeRef, SeriesKey
from aniworld_core.domain.library import (
    FileFacts,
    FileState,
    LibraryFile,
    is_opaque_name,
    judged,
)
from aniworld_core.errors import AniworldError, BadMediaError, SeriesNotFoundError
from aniworld_core.ports.inspector import MediaInspector

logger: logging.Logger = logging.getLogger(__name__)

#: Files that are inspected together.
BATCH: Final = 20
#: Time that the background work rests after a batch, as a multiple of the time of the batch.
_REST: Final = 3.0
_SHORTEST_REST: Final = timedelta(seconds=0.2)


@attrs.frozen(kw_only=True)
class InspectionReport:
    """Result of an inspection.

    Attributes:
        inspected: Number of files whose content was read.
        damaged: Files that cannot be opened, with the reason, sorted by path.
        suspect: Suspect files of the inspected series, with the reason, sorted by path.
        unreadable: Files that cannot be read now, by path.
    """

    inspected: int = 0
    damaged: tuple[LibraryFile, ...] = ()
    suspect: tuple[LibraryFile, ...] = ()
    unreadable: Mapping[str, AniworldError] = attrs.field(factory=dict)


@attrs.define(eq=False, kw_only=True)
class FileContents:
    """Inspects stored files whose content was not read yet.

    Scans do not read content, so that they stay fast. This does it afterwards, in batches.
    """

    _context: ScanContext
    _inspector: MediaInspector
    _on_disk: SeriesOnDisk
    #: Size and time of files that could not be read; tried again when they change.
    _unreadable: dict[str, tuple[int, int]] = attrs.field(factory=dict, init=False)

    async def inspect(
        self,
        keys: Collection[SeriesKey] | None = None,
        *,
        again: bool = False,
        on_progress: Callable[[int], None] = lambda _: None,
    ) -> InspectionReport:
        """Inspect files that were not inspected yet, and return damaged and suspect files.

        Args:
            keys: Series whose files are inspected; `None` for all files.
            again: Also inspect files that were inspected before.
            on_progress: Called with the number of inspected files.

        Raises:
            LibraryNotSetError: If no library folder is set.
            StorageUnavailableError: If the result cannot be stored.
        """
        self._unreadable.clear()
        report = InspectionReport()
        after = ""
        pending = None if keys is None and not again else await self._chosen(keys, again=again)
        while True:
            if pending is None:
                files = await self.pending(after)
            else:
                files, pending = pending[:BATCH], pending[BATCH:]
            if not files:
                break
            after = files[-1].path
            found = await self.inspect_batch(files, again=again)
            report = attrs.evolve(
                report,
                inspected=report.inspected + found.inspected,
                unreadable={**report.unreadable, **found.unreadable},
            )
            on_progress(report.inspected)
        return await self._with_problems(report, keys)

    async def pending(self, after: str = "") -> Sequence[LibraryFile]:
        """Return the next files to inspect, ordered by path.

        Args:
            after: Path of the last file of the previous batch.
        """
        return await self._context.files.uninspected(
            with_sound=self._with_sound, after=after, limit=BATCH
        )

    async def inspect_batch(
        self, files: Sequence[LibraryFile], *, again: bool = False
    ) -> InspectionReport:
        """Read the content of some files, store the result, and judge their series again.

        A file that changed since the last scan is left for the next one.
        """
        stamps = await self._context.library.stat([file.path for file in files])
        due = [file for file in files if self._is_due(file, stamps)]
        if not due:
            return InspectionReport()
        prints = await self._context.library.fingerprints(
            [file.path for file in due if again or not file.fingerprint]
        )
        described = await self._described([f for f in due if again or self._lacks_facts(f)])
        unreadable = {
            path: found
            for path, found in described.items()
            if isinstance(found, AniworldError) and not isinstance(found, BadMediaError)
        }
        self._unreadable |= {path: stamps[path] for path in unreadable}
        current = await self._context.files.get([file.path for file in due])
        read = [
            _with_content(current[file.path], prints, described)
            for file in due
            if file.path in current
            and current[file.path].is_same_content(file.size, file.modified_ns)
        ]
        await self._context.files.save(read)
        await self._judge(read)
        return InspectionReport(inspected=len(due), unreadable=unreadable)

    async def remember(self, episode: EpisodeRef, path: str) -> None:
        """Store the fingerprint of a new file of an episode, so that it is recognised later.

        The facts follow in the background.
        """
        stamp = (await self._context.library.stat([path])).get(path)
        fingerprint = (await self._context.library.fingerprints([path])).get(path)
        if stamp is None or fingerprint is None:
            return
        known = (await self._context.files.get([path])).get(path)
        if known is not None and known.is_same_content(*stamp):
            file = attrs.evolve(known, fingerprint=fingerprint)
        else:
            file = LibraryFile(
                path=path,
                size=stamp[0],
                modified_ns=stamp[1],
                state=FileState.PRESENT,
                series_key=episode.series_key,
                season=episode.season,
                numbers=(episode.number,),
                fingerprint=fingerprint,
            )
        await self._context.files.save([file])

    @property
    def _with_sound(self) -> bool:
        return self._context.config.value.library.check_audio

    async def _chosen(
        self, keys: Collection[SeriesKey] | None, *, again: bool
    ) -> Sequence[LibraryFile]:
        states = [s for s in FileState if s not in (FileState.IGNORED, FileState.DAMAGED)]
        if keys is None:
            return (await self._context.files.find(states)).items
        by_series = await self._context.files.of_many(keys)
        return [
            file
            for files in by_series.values()
            for file in files
            if file.state in states and (again or not file.fingerprint or self._lacks_facts(file))
        ]

    def _is_due(self, file: LibraryFile, stamps: Mapping[str, tuple[int, int]]) -> bool:
        stamp = stamps.get(file.path)
        if stamp is None or is_opaque_name(file.path):
            return False
        return file.is_same_content(*stamp) and self._unreadable.get(file.path) != stamp

    def _lacks_facts(self, file: LibraryFile) -> bool:
        return file.facts is None or (self._with_sound and file.facts.sound is None)

    async def _described(
        self, files: Iterable[LibraryFile]
    ) -> Mapping[str, FileFacts | AniworldError]:
        paths = {self._context.library.absolute(file.path): file.path for file in files}
        if not paths:
            return {}
        found = await self._inspector.describe(list(paths), with_sound=self._with_sound)
        return {paths[path]: outcome for path, outcome in found.items()}

    async def _judge(self, read: Sequence[LibraryFile]) -> None:
        """Judge the files of the series again, now that more is known about them."""
        damaged = {file.path for file in read if file.state is FileState.DAMAGED}
        for key in sorted({file.series_key for file in read if file.series_key is not None}):
            try:
                series = await self._context.series.get(key)
            except SeriesNotFoundError:
                continue  # it was removed in the meantime
            records = {f.path: f for f in await self._context.files.of_series(key)}
            if damaged & records.keys():
                contents = await self._on_disk.folders(series)
                await resettle(self._context, series, contents, records, damaged)
                continue
            wanted = series.languages or self._context.config.value.languages.order
            files = judged(series, records.values(), wanted)
            await self._context.files.save([f for f in files if records[f.path] != f])

    async def _with_problems(
        self, report: InspectionReport, keys: Collection[SeriesKey] | None
    ) -> InspectionReport:
        states = [FileState.DAMAGED, FileState.SUSPECT]
        found = (await self._context.files.find(states)).items
        chosen = [file for file in found if keys is None or file.series_key in keys]
        return attrs.evolve(
            report,
            damaged=tuple(file for file in chosen if file.state is FileState.DAMAGED),
            suspect=tuple(file for file in chosen if file.state is FileState.SUSPECT),
        )


def rest_after(seconds: float) -> timedelta:
    """Return how long the background work rests after a batch that took some seconds."""
    return max(timedelta(seconds=seconds * _REST), _SHORTEST_REST)


def _with_content(
    file: LibraryFile,
    prints: Mapping[str, str],
    described: Mapping[str, FileFacts | AniworldError],
) -> LibraryFile:
    file = attrs.evolve(file, fingerprint=prints.get(file.path, file.fingerprint))
    found = described.get(file.path)
    if isinstance(found, BadMediaError):
        logger.warning("%s is damaged: %s", file.path, found.reason)
        reason = as_message(found.reason)
        return attrs.evolve(file, state=FileState.DAMAGED, reason=reason)
    return attrs.evolve(file, facts=found) if isinstance(found, FileFacts) else file
