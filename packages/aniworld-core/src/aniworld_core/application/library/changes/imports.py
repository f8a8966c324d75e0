"""Plan to import the files of other programs from any folder."""

import enum
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import attrs

from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.library.changes.assembly import WantedFiles, assembled
from aniworld_core.domain.catalogue import Episode, Series
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import (
    ChangeAction,
    ChangeOrigin,
    ChangePlan,
    EpisodeFileChange,
    FileMatch,
    FileState,
    FolderContents,
    FolderIndex,
    FoundFile,
    HeldFile,
    PlacedFolder,
    Refusal,
    companions_of,
    episode_destination,
    fold_name,
    height_in_name,
    is_video_name,
    match_episodes,
    place_folders,
    video_suffix,
)
from aniworld_core.messages import Message
from aniworld_core.ports.file_operations import FileOperations
from aniworld_core.ports.series import SeriesRepository


class HeldPolicy(enum.StrEnum):
    """What happens to a file whose episode the library has already."""

    REFUSE = "refuse"
    REPLACE = "replace"  #: the present file goes to the recycle bin
    VERSION = "version"  #: the file is stored beside the present one


@attrs.frozen(kw_only=True)
class ImportRequest:
    """An import of a folder.

    Attributes:
        folder: Absolute path of the folder.
        action: Move, copy or link.
        series: The series of all files; `None` to find it by the names.
        held: What happens to episodes that the library has already.
    """

    folder: str
    action: ChangeAction = ChangeAction.MOVE
    series: SeriesKey | None = None
    held: HeldPolicy = HeldPolicy.REFUSE


@attrs.define(eq=False, kw_only=True)
class ImportPlanner:
    """Plans where the files of a folder go in the library; unsure files stay where they are."""

    _series: SeriesRepository
    _files: FileOperations
    _config: CurrentConfig

    async def plan(self, request: ImportRequest) -> ChangePlan:
        """Return the plan of an import.

        Raises:
            SeriesNotFoundError: If there is no such series.
            LibraryNotSetError: If no library folder is set.
            LibraryUnavailableError: If a folder cannot be read.
        """
        found, bad = await self._files.walk(request.folder)
        refusals = [Refusal(path=path, reason=reason) for path, reason in sorted(bad.items())]
        placed = await self._placed(request, found)
        wanted: list[WantedFiles] = []
        for series, parts, problem in placed:
            if series is None:
                refusals += [
                    Refusal(
                        path=part.path_of(file.path), reason=problem or Message("series_unknown")
                    )
                    for part in parts
                    for file in part.files
                ]
                continue
            groups, refused = await self._of_series(request, series, parts, found)
            wanted += groups
            refusals += refused
        return await assembled(
            self._files,
            origin=ChangeOrigin.IMPORT,
            title=PurePosixPath(request.folder).name,
            wanted=wanted,
            refusals=refusals,
            kept_folders=[self._files.stored(request.folder), request.folder],
        )

    async def _placed(
        self, request: ImportRequest, found: Sequence[str]
    ) -> Sequence[tuple[Series | None, Sequence[FolderContents], Message | None]]:
        """Divide the videos among the series."""
        top = PurePosixPath(request.folder)
        videos = tuple(
            FoundFile(str(PurePosixPath(path).relative_to(top)))
            for path in found
            if is_video_name(PurePosixPath(path).name)
        )
        contents = FolderContents(
            folder=FolderName(top.name), root=str(top.parent).rstrip("/"), stamp="", files=videos
        )
        if request.series is not None:
            return [(await self._series.get(request.series), [contents], None)]
        stored = {series.key: series for series in await self._series.find()}
        folders = place_folders(FolderIndex.of(stored.values()), [contents])
        owned = [
            (stored[key], [part.contents for part in parts], None)
            for key, parts in folders.owned.items()
        ]
        others = [
            (None, [part.contents], _doubt(part, stored))
            for part in (*folders.unsure, *folders.strangers)
        ]
        return [*owned, *others]

    async def _of_series(
        self,
        request: ImportRequest,
        series: Series,
        parts: Sequence[FolderContents],
        found: Sequence[str],
    ) -> tuple[Sequence[WantedFiles], Sequence[Refusal]]:
        order = series.languages or self._config.value.languages.order
        empty = attrs.evolve(series, episodes=tuple(_without_file(e) for e in series.episodes))
        matches = match_episodes(empty, parts, wanted=order)
        companions = _companions(found)
        chosen = {match.path for match in matches.chosen.values()}
        wanted, refused = [], []
        for match in matches.files:
            reason = _refusal(request, series, match, is_chosen=match.path in chosen)
            if reason is not None:
                refused.append(Refusal(path=match.path, reason=reason))
            else:
                others = companions.get(match.path, ())
                wanted.append(await self._group(request, series, match, others))
        return wanted, refused

    async def _group(
        self, request: ImportRequest, series: Series, match: FileMatch, companions: Sequence[str]
    ) -> WantedFiles:
        episodes = [series.episode(*place) for place in match.places]
        first, last = episodes[0], episodes[-1]
        named = attrs.evolve(first, last_number=last.last_number or last.number)
        height = height_in_name(PurePosixPath(match.path).name)
        stem = episode_destination(
            self._config.value.naming,
            series,
            named,
            match.language,
            f"{height}p" if height else "",
        )
        held = [each.file for each in episodes if each.downloaded and each.file]
        is_version = bool(held) and request.held is HeldPolicy.VERSION
        target = await self._free_version(stem) if is_version else str(stem)
        source = self._files.stored(match.path)
        suffix = video_suffix(match.path)
        old_stem = PurePosixPath(match.path).name.removesuffix(suffix)
        files = {source: f"{target}{suffix}"}
        for path in companions:
            rest = PurePosixPath(path).name.removeprefix(old_stem)
            files[self._files.stored(path)] = f"{target}{rest}"
        after = HeldFile(files[source], match.language)
        if is_version:
            return WantedFiles(files=files, action=request.action)
        return WantedFiles(
            files=files,
            action=request.action,
            replaces=tuple(file for file in dict.fromkeys(held) if file != source),
            episodes=tuple(
                EpisodeFileChange(episode=series.ref(e), before=HeldFile.of(e), after=after)
                for e in episodes
            ),
        )

    async def _free_version(self, stem: PurePosixPath) -> str:
        """Return a stem for a further file of an episode."""
        names = await self._files.names(str(stem.parent))
        taken = {fold_name(name.removesuffix(video_suffix(name))) for name in names}
        number = 2
        while fold_name(f"{stem.name} ({number})") in taken:
            number += 1
        return f"{stem} ({number})"


def _refusal(
    request: ImportRequest, series: Series, match: FileMatch, *, is_chosen: bool
) -> Message | None:
    """Return why a file is not imported, if so."""
    if match.state not in {FileState.PRESENT, FileState.VERSION} or not match.places:
        return match.reason or Message("series_unknown")
    for place in match.places:
        episode = series.episode(*place)
        code = series.ref(episode).code
        if not is_chosen:
            return Message("episode_named_twice", code=code)
        if episode.downloaded and episode.file and request.held is HeldPolicy.REFUSE:
            return Message("episode_held", code=code, file=episode.file)
    return None


def _doubt(part: PlacedFolder, stored: Mapping[SeriesKey, Series]) -> Message | None:
    owner = part.owner
    if owner.reason is not None:
        return owner.reason
    if owner.candidates:
        names = [stored[key].name for key in owner.candidates if key in stored]
        return Message("series_unclear", names=names)
    return None


def _without_file(episode: Episode) -> Episode:
    return attrs.evolve(episode, downloaded=False, file=None, file_language=None)


def _companions(found: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Return the companions of every video by absolute path."""
    by_folder: dict[PurePosixPath, list[str]] = {}
    for path in map(PurePosixPath, found):
        by_folder.setdefault(path.parent, []).append(path.name)
    return {
        str(folder / video): [str(folder / name) for name in names]
        for folder, all_names in by_folder.items()
        for video, names in companions_of(all_names).items()
    }
