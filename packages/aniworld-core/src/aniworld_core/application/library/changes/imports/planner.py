"""Plan to import the files of other programs from any folder."""

from collections.abc import Sequence
from functools import partial
from pathlib import PurePosixPath

import anyio.to_thread
import attrs

from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.library.changes.assembly import WantedFiles, assembled
from aniworld_core.application.library.changes.imports.corrections import Corrections
from aniworld_core.application.library.changes.imports.matching import (
    ImportFiles,
    ImportPart,
    by_series,
    companions,
    divided,
    groups_of,
)
from aniworld_core.application.library.changes.imports.request import (
    HeldPolicy,
    ImportDraft,
    ImportMatch,
    ImportRequest,
)
from aniworld_core.domain.catalogue import Episode, Series
from aniworld_core.domain.library import (
    ChangeOrigin,
    EpisodeFileChange,
    FileMatch,
    FileState,
    HeldFile,
    Refusal,
    episode_destination,
    fold_name,
    height_in_name,
    is_system_folder,
    is_video_name,
    match_episodes,
    video_suffix,
)
from aniworld_core.errors import (
    InvalidFieldsError,
    LibraryUnavailableError,
    SeriesNotFoundError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.file_operations import FileOperations
from aniworld_core.ports.series import SeriesRepository


@attrs.define(eq=False, kw_only=True)
class ImportPlanner:
    """Plans where the files of a folder go in the library; unsure files stay where they are."""

    _series: SeriesRepository
    _files: FileOperations
    _config: CurrentConfig

    async def draft(self, request: ImportRequest) -> ImportDraft:
        """Return the plan of an import with the series and episodes of its files.

        Raises:
            InvalidFieldsError: If the folder cannot be read, or corrections are not valid; see
                `Corrections.checked`.
            SeriesNotFoundError: If there is no such series.
            LibraryNotSetError: If no library folder is set.
            LibraryUnavailableError: If the library cannot be read.
        """
        top = PurePosixPath(request.folder)
        if is_system_folder(top):
            raise InvalidFieldsError([("/folder", Message("system_folder"))])
        try:
            found, bad = await self._files.walk(request.folder)
        except LibraryUnavailableError as error:
            raise InvalidFieldsError([("/folder", error.reason)]) from error
        refusals = [Refusal(path=path, reason=reason) for path, reason in sorted(bad.items())]
        videos = [
            str(PurePosixPath(path).relative_to(top))
            for path in found
            if is_video_name(PurePosixPath(path).name)
        ]
        stored = {series.key: series for series in await self._series.find()}
        if request.series is not None and request.series not in stored:
            raise SeriesNotFoundError(request.series)
        corrections = Corrections.checked(request.corrections, frozenset(videos), stored)
        # Reading thousands of names takes seconds; meanwhile others are served.
        parts = await anyio.to_thread.run_sync(
            lambda: list(divided(request, videos, stored, corrections))
        )
        by_video = await anyio.to_thread.run_sync(companions, found)
        files = ImportFiles(request, corrections, by_video)
        wanted: list[WantedFiles] = []
        matches: list[ImportMatch] = []
        for series, of_series in by_series(parts):
            moves, found_matches = await self._of_series(files, series, of_series)
            wanted += moves
            matches += found_matches
        matches.sort(key=lambda match: match.path)
        refusals += [
            Refusal(path=str(top / match.path), reason=match.reason)
            for match in matches
            if match.reason is not None
        ]
        plan = await assembled(
            self._files,
            origin=ChangeOrigin.IMPORT,
            title=top.name,
            wanted=wanted,
            refusals=refusals,
            kept_folders=[self._files.stored(request.folder), request.folder],
        )
        groups = tuple(
            await anyio.to_thread.run_sync(lambda: list(groups_of(files, parts, stored)))
        )
        return ImportDraft(plan=plan, groups=groups, matches=tuple(matches))

    async def _of_series(
        self, files: ImportFiles, series: Series | None, parts: Sequence[ImportPart]
    ) -> tuple[Sequence[WantedFiles], Sequence[ImportMatch]]:
        """Return the moves of the files of one series, and the match of each file."""
        request = files.request
        if series is None:
            return [], [
                files.match(part, part.contents.path_of(file.path), reason=part.doubt)
                for part in parts
                for file in part.contents.files
            ]
        order = series.languages or self._config.value.languages.order
        empty = attrs.evolve(series, episodes=tuple(_without_file(e) for e in series.episodes))
        kept = [files.without_skipped(part.contents) for part in parts]
        pins = files.pins(series, kept)
        found = await anyio.to_thread.run_sync(
            partial(match_episodes, empty, kept, known=pins, wanted=order)
        )
        chosen = {match.path for match in found.chosen.values()}
        by_path = {
            part.contents.path_of(file.path): part for part in parts for file in part.contents.files
        }
        wanted: list[WantedFiles] = []
        matches = [
            files.match(part, path) for path, part in by_path.items() if files.is_skipped(path)
        ]
        for match in found.files:
            reason = _refusal(request, series, match, is_chosen=match.path in chosen)
            if reason is None:
                others = files.companions.get(match.path, ())
                wanted.append(await self._group(request, series, match, others))
            matches.append(files.match(by_path[match.path], match.path, match, reason))
        return wanted, matches

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


def _without_file(episode: Episode) -> Episode:
    return attrs.evolve(episode, downloaded=False, file=None, file_language=None)
