"""Changes of the database that go with a change of files."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress

import attrs

from aniworld_core.domain.catalogue import Episode, Series
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.library import (
    EpisodeFileChange,
    FileStamp,
    HeldFile,
    LibraryChange,
    LibraryFile,
    SeriesFolderChange,
    SeriesFolders,
    StepKind,
    fold_name,
    is_in_bin,
    is_temporary,
)
from aniworld_core.errors import FolderTakenError, SeriesNotFoundError
from aniworld_core.ports.library_files import LibraryFileRepository
from aniworld_core.ports.series import SeriesRepository


@attrs.define(eq=False, kw_only=True)
class ChangeEffects:
    """Writes the stored files of episodes and the file records after the files have moved.

    Every effect may be applied again, so that a change can be completed after a crash. An episode
    that got another file in the meantime keeps it.
    """

    _series: SeriesRepository
    _records: LibraryFileRepository

    async def apply(self, change: LibraryChange) -> None:
        """Apply the effects of a change.

        Raises:
            StorageUnavailableError: If the database cannot be written.
        """
        if change.restored_series is not None:
            with suppress(SeriesNotFoundError):
                await self._series.restore(change.restored_series)
        await self._change_folders(change.folders)
        await self._change_episodes(change.episodes)
        await self._move_records(change)
        if change.removed_series is not None:
            with suppress(SeriesNotFoundError):
                await self._series.remove(change.removed_series)

    async def check(self, change: LibraryChange) -> None:
        """Check that no series gets the folder of another one.

        Raises:
            FolderTakenError: If one does.
        """
        wanted = {each.key: each.after for each in change.folders if each.after is not None}
        if not wanted:
            return
        for other in await self._series.heads():
            owned = {fold_name(folder) for folder in (other.folder, *other.other_folders)}
            for folders in wanted.values():
                for folder in (folders.folder, *folders.others):
                    if other.key not in wanted and fold_name(folder) in owned:
                        raise FolderTakenError(folder, other.key)

    async def _change_folders(self, changes: Sequence[SeriesFolderChange]) -> None:
        """Give series their folders; one that has got another folder since keeps it."""
        pairs = []
        for change in changes:
            with suppress(SeriesNotFoundError):
                if change.after is None:
                    await self._series.remove(change.key)
                    continue
                if change.before is None:
                    await self._series.restore(change.key)
                stored = await self._series.get(change.key)
                folders = SeriesFolders(stored.folder, stored.other_folders)
                if change.before in (folders, None):
                    pairs.append((stored, _with_folders(stored, change.after)))
        await self._series.save_many([pair for pair in pairs if pair[0] != pair[1]])

    async def _change_episodes(self, changes: Sequence[EpisodeFileChange]) -> None:
        by_series: dict[SeriesKey, list[EpisodeFileChange]] = defaultdict(list)
        for change in changes:
            by_series[change.episode.series_key].append(change)
        pairs = []
        for key, of_series in by_series.items():
            with suppress(SeriesNotFoundError):
                stored = await self._series.get(key)
                pairs.append((stored, _changed(stored, of_series)))
        await self._series.save_many([pair for pair in pairs if pair[0] != pair[1]])

    async def _move_records(self, change: LibraryChange) -> None:
        """Give records the new paths of their files; files in the bin keep theirs there."""
        places: dict[str, str] = {}
        stamps = {noted.step.source: noted.step.stamp for noted in reversed(change.steps)}
        for noted in change.steps:
            if noted.step.kind is StepKind.MOVE:
                origin = places.pop(noted.step.source, noted.step.source)
                places[noted.step.target] = origin
        moved = {
            origin: target
            for target, origin in places.items()
            if not is_temporary(target) and origin != target
        }
        records = await self._records.get(moved)
        # A record whose file differs has been moved before, or belongs to another file.
        records = {p: r for p, r in records.items() if _describes(r, stamps[p])}
        renamed = [attrs.evolve(r, path=moved[path]) for path, r in records.items()]
        await self._records.save([r for r in renamed if not is_in_bin(r.path)])
        await self._records.forget(set(records) - {record.path for record in renamed})


def _describes(record: LibraryFile, stamp: FileStamp | None) -> bool:
    return stamp is not None and record.is_same_content(stamp.size, stamp.modified_ns)


def _changed(series: Series, changes: Sequence[EpisodeFileChange]) -> Series:
    by_place = {(c.episode.season, c.episode.number): c for c in changes}
    return attrs.evolve(
        series,
        episodes=tuple(_with_file(e, by_place.get((e.season, e.number))) for e in series.episodes),
    )


def _with_file(episode: Episode, change: EpisodeFileChange | None) -> Episode:
    if change is None or _path(change.before) != (episode.file if episode.downloaded else None):
        return episode
    after = change.after
    return attrs.evolve(
        episode,
        downloaded=after is not None,
        file=_path(after),
        file_language=None if after is None else after.language,
    )


def _with_folders(series: Series, folders: SeriesFolders) -> Series:
    return attrs.evolve(series, folder=folders.folder, other_folders=folders.others)


def _path(file: HeldFile | None) -> str | None:
    return None if file is None else file.path
