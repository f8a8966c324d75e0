"""Import series and queue items of the former program."""

import logging
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final, Protocol

import anyio.to_thread
import attrs

from aniworld_core.application.downloads.queue.download_queue import DownloadQueue
from aniworld_core.application.downloads.queue.episode_selection import EpisodeRequest
from aniworld_core.domain.catalogue import Episode, Series, SeriesQuery
from aniworld_core.domain.identity import (
    EpisodeRef,
    EpisodeSelection,
    SeriesKey,
    format_episode_code,
    parse_series_key,
)
from aniworld_core.domain.library import LegacySeries, fold_name
from aniworld_core.errors import (
    EpisodeNotFoundError,
    FolderTakenError,
    InvalidKeyError,
    LegacyDataError,
    LibraryNotSetError,
    SeriesExistsError,
    SeriesNotFoundError,
    UnavailableError,
)
from aniworld_core.events import EpisodesFound, SeriesAdded
from aniworld_core.messages import Message
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.legacy import FormerDatabaseReader, FormerItem, LegacyFile
from aniworld_core.ports.library import MediaLibrary
from aniworld_core.ports.series import SeriesRepository

logger: Final = logging.getLogger(__name__)

#: Automatic retries of a failed item in the former program.
_MOST_RETRIES: Final = 3


class LegacyFiles(Protocol):
    """Read the former program's files without changing them, and record imported ones."""

    async def read(self, folder: Path) -> Sequence[LegacyFile]:
        """Read the files in the direct subfolders of a folder, ordered by name.

        Args:
            folder: Library of the former program.

        Raises:
            LibraryUnavailableError: If the folder cannot be read.
        """

    async def taken_over(self) -> frozenset[str]:
        """Return the marks of imported files; empty if there are none."""

    async def remember(self, marks: frozenset[str]) -> None:
        """Add the marks of imported files.

        Raises:
            StorageUnavailableError: If they cannot be written.
        """


@attrs.define(kw_only=True)
class LegacyReport:
    """Result of an import.

    Attributes:
        imported: Keys of new series.
        updated: Keys of known series that got new episodes.
        skipped: Keys of series that did not change.
        failed: File and reason for each file that cannot be used; the file stays unchanged.
        queued: Series key and code of each queued episode.
    """

    imported: list[str] = attrs.field(factory=list)
    updated: list[str] = attrs.field(factory=list)
    skipped: list[str] = attrs.field(factory=list)
    failed: list[tuple[str, str]] = attrs.field(factory=list)
    queued: list[str] = attrs.field(factory=list)


@attrs.define(eq=False, kw_only=True)
class LegacyImport:
    """Imports the former program's files as series of the library; idempotent."""

    _files: LegacyFiles
    _series: SeriesRepository
    _library: MediaLibrary
    _bus: ProgressBus
    _clock: Clock
    _queue: DownloadQueue
    _read_database: FormerDatabaseReader

    async def take_over(self, folder: Path | None = None) -> LegacyReport:
        """Import every usable file.

        A known series keeps its data; new episodes of a changed file are added to it. A file that
        was imported before adds a series again only if the series was removed since.

        Args:
            folder: Folder that contains the series folders; the library if not given.

        Raises:
            LibraryNotSetError: If no folder is given and no library is set.
            LibraryUnavailableError: If the folder cannot be read.
        """
        return await self._take_over(folder or self._library.root, returning=True)

    async def take_over_database(self, path: Path) -> LegacyReport:
        """Import series, episodes and unfinished queue items of a former database.

        The file is only read. Its download states are ignored: the next scan checks the disk.
        An item that was imported before is not queued again.

        Raises:
            LegacyDataError: If it cannot be read or belongs to another program.
        """
        database = await anyio.to_thread.run_sync(self._read_database, path)
        report = LegacyReport()
        marks = await self._take_in_all(database.series, report, returning=True)
        known = await self._files.taken_over()
        for item in database.items:
            mark = f"item {item.id}"
            if mark not in known and await self._take_in_item(item, report):
                marks.add(mark)
        await self._files.remember(frozenset(marks))
        return report

    async def _take_in_item(self, item: FormerItem, report: LegacyReport) -> bool:
        """Queue an episode; return whether the item needs no further import."""
        if item.has_failed and item.retries >= _MOST_RETRIES:
            return True
        code = format_episode_code(item.season, item.number)
        selection = EpisodeSelection(item.season, item.number, item.number)
        request = EpisodeRequest(selections=(selection,), missing_only=True, priority=item.priority)
        try:
            submission = await self._queue.submit(parse_series_key(item.key), request)
        except (InvalidKeyError, SeriesNotFoundError, EpisodeNotFoundError) as error:
            named = Message("queue_item_named", key=item.key, code=code)
            report.failed.append((named, error.message))
            return False
        report.queued += [f"{queued.episode}" for queued in submission.items]
        return True

    async def at_start(self) -> None:
        """Import new files of the library and log the result; removed series stay removed."""
        try:
            report = await self._take_over(self._library.root, returning=False)
        except (LibraryNotSetError, UnavailableError) as error:
            logger.info("skipped the import of former data files: %s", error)
            return
        for key in report.imported:
            logger.info("imported %s from its former data file", key)
        for key in report.updated:
            logger.info("imported new episodes of %s from its former data file", key)
        for file, reason in report.failed:
            logger.warning("cannot import the former data file %s: %s", file, reason)

    async def _take_over(self, folder: Path, *, returning: bool) -> LegacyReport:
        report = LegacyReport()
        files = await self._files.read(folder)
        marks = await self._take_in_all(files, report, returning=returning)
        await self._files.remember(frozenset(marks))
        return report

    async def _take_in_all(
        self, files: Sequence[LegacyFile], report: LegacyReport, *, returning: bool
    ) -> set[str]:
        """Import each file or row; return the marks of those that could be used."""
        known = await self._files.taken_over()
        page = await self._series.summaries(SeriesQuery())
        owners = {fold_name(summary.folder): summary.key for summary in page.items}
        # Most files of a first import are of no stored series: these are not looked up.
        stored = {summary.key for summary in page.items}
        marks: set[str] = set()
        for each in files:
            if each.mark in known and not returning:
                continue
            try:
                await self._take_in(each, known, owners, stored, report)
                marks.add(each.mark)
            except LegacyDataError as error:
                report.failed.append((each.file, error.reason))
            except FolderTakenError as error:
                report.failed.append((each.file, error.message))
        return marks

    async def _take_in(
        self,
        file: LegacyFile,
        known: AbstractSet[str],
        owners: dict[str, SeriesKey],
        stored_keys: set[SeriesKey],
        report: LegacyReport,
    ) -> None:
        found = file.series
        if found is None:
            raise LegacyDataError(file.reason)
        stored = await self._stored(found.key) if found.key in stored_keys else None
        if stored is None:
            await self._add(found, owners, report)
            stored_keys.add(found.key)
            return
        if stored.provider != found.provider:
            raise LegacyDataError(Message("legacy_key_of_other", key=found.key, site=stored.site))
        fresh = [] if file.mark in known else _unknown_episodes(stored, found)
        if not fresh:
            report.skipped.append(found.key)
            return
        now = self._clock.now()
        await self._series.save(
            attrs.evolve(stored, episodes=(*stored.episodes, *fresh), updated_at=now)
        )
        codes = tuple(EpisodeRef(stored.key, e.season, e.number).code for e in fresh)
        await self._bus.publish(
            EpisodesFound(key=stored.key, folder=stored.folder, codes=codes, at=now)
        )
        report.updated.append(found.key)

    async def _stored(self, key: SeriesKey) -> Series | None:
        try:
            return await self._series.get(key)
        except SeriesNotFoundError:
            return None  # it was removed in the meantime

    async def _add(
        self, found: LegacySeries, owners: dict[str, SeriesKey], report: LegacyReport
    ) -> None:
        owner = owners.setdefault(fold_name(found.folder), found.key)
        if owner != found.key:
            raise FolderTakenError(found.folder, owner)
        now = self._clock.now()
        series = Series(
            key=found.key,
            name=found.name,
            site=found.site,
            provider=found.provider,
            folder=found.folder,
            link=found.link,
            added_at=now,
            updated_at=now,
            episodes=tuple(Episode(season=s, number=n) for s, n in found.episodes),
        )
        try:
            await self._series.add(series)
        except SeriesExistsError:
            # Another process has imported the same file meanwhile.
            report.skipped.append(found.key)
            return
        await self._bus.publish(SeriesAdded(key=series.key, folder=series.folder, at=now))
        report.imported.append(found.key)


def _unknown_episodes(stored: Series, found: LegacySeries) -> list[Episode]:
    have = {
        (e.season, number)
        for e in stored.episodes
        for number in range(e.number, (e.last_number or e.number) + 1)
    }
    return [Episode(season=s, number=n) for s, n in found.episodes if (s, n) not in have]
