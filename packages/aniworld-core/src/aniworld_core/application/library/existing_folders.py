"""Find the folders on disk that belong to a series, and the episodes in them."""

import logging
from collections.abc import Callable, Collection, Sequence
from typing import Final

import attrs

from aniworld_core.application.catalogue import ExistingFiles, Placement
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.library import (
    FileState,
    FolderContents,
    FolderIndex,
    FolderMarks,
    PlacedFolder,
    SeriesFiles,
    fold_name,
    is_opaque_name,
    marked_paths,
    match_episodes,
    place_folders,
    read_folder_name,
    stored_path,
)
from aniworld_core.errors import LibraryNotSetError, LibraryUnavailableError
from aniworld_core.messages import Message
from aniworld_core.ports.library import MediaLibrary
from aniworld_core.ports.series import SeriesRepository

logger: logging.Logger = logging.getLogger(__name__)

#: Most folders of no series that are read to look for one inside of a grouping folder.
_GROUPING_FOLDERS: Final = 64


@attrs.define(eq=False, kw_only=True)
class ExistingFolders:
    """Matches folders on disk to one series."""

    _series: SeriesRepository
    _library: MediaLibrary
    _config: CurrentConfig

    async def placed(
        self,
        series: Series,
        taken: Collection[FolderName],
        plan: Callable[[Collection[str]], FolderName],
    ) -> Placement:
        """Return a series that is not stored yet with its folder and the episodes in it.

        An existing folder of the series is preferred to a new one. A folder with the right name
        and the NFO, year, id or key of another series is left alone, and another name is taken.

        Args:
            series: The series.
            taken: Folders of other series.
            plan: Returns the name of a new folder, given names that are taken.
        """
        planned = attrs.evolve(series, folder=plan(taken))
        try:
            return await self._look_up(planned, taken, plan)
        except LibraryNotSetError:
            return Placement(series=planned)
        except LibraryUnavailableError as error:
            logger.warning("%s was added, but its folder could not be read: %s", series.key, error)
            return Placement(series=planned)

    async def with_files(
        self, series: Series, contents: Sequence[FolderContents]
    ) -> tuple[Series, SeriesFiles]:
        """Return a series with the episodes in its folders; damaged files are no episodes.

        Raises:
            LibraryUnavailableError: If the library cannot be read.
        """
        wanted = series.languages or tuple(self._config.value.languages.order)
        unusable: set[str] = set()
        while True:
            files = match_episodes(series, contents, wanted=wanted, unusable=unusable)
            chosen = {match.path for match in files.chosen.values()}
            bad = await self._library.check(sorted(p for p in chosen if not is_opaque_name(p)))
            if not bad.keys() - unusable:
                return files.applied_to(series), files
            unusable |= bad.keys()

    async def near(self, series: Series, taken: Collection[FolderName]) -> Sequence[str]:
        """Return the stored paths of folders whose names may be those of a series.

        Args:
            series: The series.
            taken: Folders of other series.

        Raises:
            LibraryUnavailableError: If the main library folder cannot be read.
        """
        near, _ = await self._paths(series, taken)
        return near

    async def _look_up(
        self,
        planned: Series,
        taken: Collection[FolderName],
        plan: Callable[[Collection[str]], FolderName],
    ) -> Placement:
        near, others = await self._paths(planned, taken)
        contents = await self._library.read_folders([*near, *others])
        marks = await self._library.folder_marks([p for c in contents for p in marked_paths(c)])
        stored = await self._series.heads() if contents else ()
        index = FolderIndex.of([*stored, attrs.evolve(planned, folder=FolderName(""))])
        placed = place_folders(index, contents, marks)
        own = placed.owned.get(planned.key, ())
        foreign = [p for p in placed.unsure if planned.key in p.owner.candidates]
        notices = tuple(
            Message("folder_left_alone", folder=p.contents.path, reason=p.owner.reason)
            for p in foreign
        )
        blocked = {fold_name(p.contents.path) for p in foreign} | {
            fold_name(c.path) for c in contents if not _is_in(c, own)
        }
        if not own:
            if fold_name(planned.folder) in blocked:
                there = [c.path for c in contents if fold_name(c.path) in blocked]
                planned = attrs.evolve(planned, folder=plan({*taken, *there}))
            return Placement(series=planned, notices=notices)
        main = min(own, key=lambda part: _preference(part, planned))
        found = attrs.evolve(
            planned,
            folder=FolderName(main.contents.path),
            external_ids=merged_ids(planned, main.contents.path, marks.get(main.contents.path)),
        )
        found, files = await self.with_files(found, [part.contents for part in own])
        folders = tuple(part.contents.path for part in own)
        return Placement(series=found, existing=counts(folders, files), notices=notices)

    async def _paths(
        self, series: Series, taken: Collection[FolderName]
    ) -> tuple[list[str], list[str]]:
        """Return the folders that may be the series', and some that may group series."""
        alone = FolderIndex.of([attrs.evolve(series, folder=FolderName(""))])
        occupied = {fold_name(folder) for folder in taken}
        near: list[str] = []
        others: list[str] = []
        for root in await self._library.roots():
            if root.problem and not root.name:
                raise LibraryUnavailableError(root.path, root.problem)
            for path in (stored_path(root.name, folder) for folder in root.folders if folder):
                if fold_name(path) in occupied:
                    continue
                owner = alone.owner(path)
                is_planned = fold_name(path) == fold_name(series.folder)
                if is_planned or owner.key is not None or owner.candidates:
                    near.append(path)
                else:
                    others.append(path)
        return near, others if len(others) <= _GROUPING_FOLDERS else []


def counts(folders: Sequence[str], files: SeriesFiles) -> ExistingFiles:
    """Count what was found in the folders of a series."""
    states = [match.state for match in files.files]
    return ExistingFiles(
        folders=tuple(folders),
        files=len(states),
        episodes=len(files.chosen),
        versions=states.count(FileState.VERSION),
        unsure=states.count(FileState.UNSURE),
        extra=states.count(FileState.EXTRA),
    )


def merged_ids(series: Series, folder: str, marks: FolderMarks | None) -> tuple[str, ...]:
    """Return the ids of a series with those of its folder's name and NFO."""
    found = dict(read_folder_name(folder.rpartition("/")[2]).ids)
    found |= marks.ids if marks else {}
    known = {each.partition("-")[0] for each in series.external_ids}
    new = (f"{place}-{number}" for place, number in found.items() if place not in known)
    return tuple(sorted({*series.external_ids, *new}))


def _is_in(contents: FolderContents, parts: Sequence[PlacedFolder]) -> bool:
    return any(
        part.contents.path == contents.path or part.contents.path.startswith(f"{contents.path}/")
        for part in parts
    )


def _preference(part: PlacedFolder, series: Series) -> tuple[bool, bool, bool, int, str]:
    """Order the folders of a series: the planned name first, then the surest and fullest."""
    path = part.contents.path
    is_season = read_folder_name(path.rpartition("/")[2]).season is not None
    return (
        fold_name(path) != fold_name(series.folder),
        is_season,
        not part.owner.is_exact,
        -len(part.contents.files),
        path,
    )
