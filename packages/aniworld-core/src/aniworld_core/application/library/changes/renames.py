"""Plan to rename existing files after the naming templates."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

import attrs

from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.library.changes.assembly import WantedFiles, assembled
from aniworld_core.domain.catalogue import Episode, Series
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.library import (
    ChangeOrigin,
    ChangePlan,
    EpisodeFileChange,
    HeldFile,
    Refusal,
    companions_of,
    height_in_name,
    render_episode_path,
    safe_folder,
    season_of_folder,
    video_suffix,
)
from aniworld_core.errors import LibraryUnavailableError, UnsafePathError
from aniworld_core.ports.file_operations import FileOperations
from aniworld_core.ports.library_files import LibraryFileRepository
from aniworld_core.ports.series import SeriesRepository


@attrs.define(eq=False, kw_only=True)
class RenamePlanner:
    """Plans new names for files whose names differ from the templates of the configuration."""

    _series: SeriesRepository
    _records: LibraryFileRepository
    _files: FileOperations
    _config: CurrentConfig

    async def plan(self, keys: Sequence[SeriesKey] = ()) -> ChangePlan:
        """Return the plan for these series, or for all of them.

        A file with several episodes gets the name of a double episode if the catalogue has one,
        otherwise that of its first and last episode. Subtitles, NFO, artwork and audio files with
        the stem of a video move with it.

        A folder that cannot be read, or that is a link out of the library, is one of the refusals,
        and its files stay as they are.

        Raises:
            SeriesNotFoundError: If there is no such series.
            LibraryNotSetError: If no library folder is set.
            LibraryUnavailableError: If the library itself cannot be read.
        """
        folders = _Folders(self._files)
        if keys:
            chosen = [await self._series.get(key) for key in dict.fromkeys(keys)]
        else:
            chosen = list(await self._series.find())
        planned = [group for series in chosen for group in await self._wanted(series, folders)]
        wanted = [group for group in planned if await folders.are_open(group.moving.values())]
        title = chosen[0].name if len(chosen) == 1 else ""
        kept = [str(_own_folder(series)) for series in chosen]
        return await assembled(
            self._files,
            origin=ChangeOrigin.RENAME,
            title=title,
            wanted=wanted,
            refusals=[Refusal(path=path, reason=why) for path, why in folders.closed.items()],
            kept_folders=kept,
        )

    async def _wanted(self, series: Series, folders: "_Folders") -> Sequence[WantedFiles]:
        by_file: dict[str, list[Episode]] = {}
        for episode in series.episodes:
            if episode.downloaded and episode.file is not None:
                by_file.setdefault(episode.file, []).append(episode)
        by_file = {f: found for f, found in by_file.items() if await folders.are_open([f])}
        companions: dict[str, Mapping[str, tuple[str, ...]]] = {
            folder: companions_of(await folders.names(folder))
            for folder in sorted({str(PurePosixPath(file).parent) for file in by_file})
        }
        heights = await self._heights(series, by_file)
        return [
            self._group(series, file, episodes, companions, heights.get(file, ""))
            for file, episodes in by_file.items()
        ]

    def _group(
        self,
        series: Series,
        file: str,
        episodes: Sequence[Episode],
        companions: Mapping[str, Mapping[str, tuple[str, ...]]],
        height: str,
    ) -> WantedFiles:
        path = PurePosixPath(file)
        first, last = episodes[0], episodes[-1]
        named = attrs.evolve(first, last_number=last.last_number or last.number)
        stem = render_episode_path(
            self._config.value.naming, series, named, first.file_language, height
        )
        target = _series_folder(series, path) / stem.relative_to(safe_folder(series.folder))
        suffix = video_suffix(path.name)
        old_stem = path.name.removesuffix(suffix)
        files = {file: f"{target}{suffix}"}
        for name in companions[str(path.parent)].get(path.name, ()):
            files[str(path.with_name(name))] = f"{target}{name.removeprefix(old_stem)}"
        return WantedFiles(
            files=files,
            episodes=tuple(
                EpisodeFileChange(
                    episode=series.ref(each),
                    before=HeldFile(file, each.file_language),
                    after=HeldFile(files[file], each.file_language),
                )
                for each in episodes
                if files[file] != file
            ),
        )

    async def _heights(
        self, series: Series, by_file: Mapping[str, Sequence[Episode]]
    ) -> Mapping[str, str]:
        """Return the picture heights of files: of their media, otherwise of their names."""
        found = {}
        records = await self._records.get(by_file)
        for file in by_file:
            record = records.get(file)
            if record is not None and record.facts is not None and record.facts.height:
                found[file] = f"{record.facts.height}p"
            elif height := height_in_name(PurePosixPath(file).name):
                found[file] = f"{height}p"
        return found


@attrs.define
class _Folders:
    """Lists each folder once.

    Attributes:
        closed: Folders that cannot be listed, with the reason.
    """

    _files: FileOperations
    _names: dict[str, Sequence[str]] = attrs.field(init=False, factory=dict)
    closed: dict[str, str] = attrs.field(init=False, factory=dict)

    async def names(self, folder: str) -> Sequence[str]:
        """Return the names in a folder; nothing if it is closed.

        Raises:
            LibraryUnavailableError: If the library itself cannot be read.
        """
        if folder not in self._names:
            try:
                self._names[folder] = await self._read(folder)
            except (LibraryUnavailableError, UnsafePathError) as error:
                await self._read(".")
                self._names[folder] = ()
                self.closed[folder] = error.reason
        return self._names[folder]

    async def are_open(self, paths: Iterable[str]) -> bool:
        """Return whether the folders of all these paths can be listed."""
        folders = {str(PurePosixPath(path).parent) for path in paths}
        for folder in sorted(folders):
            await self.names(folder)
        return folders.isdisjoint(self.closed)

    async def _read(self, folder: str) -> Sequence[str]:
        names = await self._files.names(folder)
        # A folder may be listed and its files not be looked at.
        await self._files.look([str(PurePosixPath(folder, name)) for name in names[:1]])
        return names


def _own_folder(series: Series) -> PurePosixPath:
    folder = PurePosixPath(series.folder)
    return folder if folder.is_absolute() else PurePosixPath(safe_folder(series.folder))


def _series_folder(series: Series, file: PurePosixPath) -> PurePosixPath:
    """Return the folder of the series that holds a file; a series can have several."""
    own = _own_folder(series)
    if file.is_relative_to(own) or file.parent == PurePosixPath():
        return own
    if season_of_folder(file.parent.name) is not None and file.parent.parent.name:
        return file.parent.parent
    return file.parent
