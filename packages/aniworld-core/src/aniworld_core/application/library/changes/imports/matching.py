"""Divide the videos of an import among series, by name and by the corrections of a person."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

import attrs

from aniworld_core.application.library.adoptable_folders import Confidence
from aniworld_core.application.library.changes.imports.corrections import Corrections
from aniworld_core.application.library.changes.imports.request import (
    ImportGroup,
    ImportMatch,
    ImportRequest,
)
from aniworld_core.domain.catalogue import Series, select_episodes
from aniworld_core.domain.identity import EpisodeSelection, FolderName, SeriesKey
from aniworld_core.domain.library import (
    FileMatch,
    FileState,
    FolderContents,
    FolderIndex,
    FolderOwner,
    FolderRule,
    FoundFile,
    LibraryFile,
    PlacedFolder,
    companions_of,
    place_folders,
    read_folder_name,
)
from aniworld_core.messages import Message


@attrs.frozen
class ImportPart:
    """Videos of one folder that belong to one series.

    Attributes:
        contents: The folder with these videos.
        owner: What its name says about its series.
        series: The series; `None` if there is none.
        is_chosen: Whether a person chose the series.
    """

    contents: FolderContents
    owner: FolderOwner
    series: Series | None
    is_chosen: bool = False

    @property
    def doubt(self) -> Message:
        """Why the files belong to no series."""
        return self.owner.reason or Message("series_unknown")

    @property
    def confidence(self) -> Confidence:
        """How well the series fits."""
        if self.series is None:
            return Confidence.UNSURE
        return Confidence.SURE if self.is_chosen or self.owner.is_exact else Confidence.LIKELY


@attrs.frozen
class ImportFiles:
    """The files of an import with what a person said about them."""

    request: ImportRequest
    corrections: Corrections
    companions: Mapping[str, Sequence[str]]

    def relative(self, path: str) -> str:
        """Return an absolute path relative to the imported folder."""
        return str(PurePosixPath(path).relative_to(self.request.folder))

    def is_skipped(self, path: str) -> bool:
        """Return whether a person left a file out."""
        return self.corrections.skips(self.relative(path))

    def without_skipped(self, contents: FolderContents) -> FolderContents:
        """Return a folder without the files that a person left out."""
        kept = (f for f in contents.files if not self.is_skipped(contents.path_of(f.path)))
        return attrs.evolve(contents, files=tuple(kept))

    def pins(self, series: Series, parts: Sequence[FolderContents]) -> Mapping[str, LibraryFile]:
        """Return the files whose episodes a person chose, as pinned files."""
        pins = {}
        for path in (part.path_of(file.path) for part in parts for file in part.files):
            correction = self.corrections.of_file(self.relative(path))
            if correction is not None and correction.episodes is not None:
                chosen = select_episodes(series, [correction.episodes])
                pins[path] = LibraryFile(
                    path=path,
                    size=0,
                    modified_ns=0,
                    state=FileState.PRESENT,
                    season=correction.episodes.season,
                    numbers=tuple(episode.number for episode in chosen),
                    pinned=True,
                )
        return pins

    def match(
        self,
        part: ImportPart,
        path: str,
        found: FileMatch | None = None,
        reason: Message | None = None,
    ) -> ImportMatch:
        """Return the series and episodes that a file was matched to."""
        name = self.relative(path)
        series, correction = part.series, self.corrections.of_file(name)
        places = found.places if found is not None else ()
        is_placed = bool(places) and found is not None and found.state is not FileState.UNSURE
        is_pinned = correction is not None and correction.episodes is not None
        confidence = part.confidence if is_placed else Confidence.UNSURE
        is_skipped = self.is_skipped(path)
        return ImportMatch(
            path=name,
            group=self.relative(part.contents.path),
            series=None if series is None else series.key,
            codes=tuple(str(EpisodeSelection(s, n, n)) for s, n in places),
            confidence=Confidence.SURE if is_pinned and is_placed else confidence,
            reason=Message("import_skipped") if is_skipped else reason,
            is_skipped=is_skipped,
            is_corrected=part.is_chosen or is_pinned,
        )


def divided(
    request: ImportRequest,
    videos: Sequence[str],
    stored: Mapping[SeriesKey, Series],
    corrections: Corrections,
) -> Iterator[ImportPart]:
    """Divide the videos among the series; corrections come before names."""
    top = PurePosixPath(request.folder)
    whole = FolderContents(
        folder=FolderName(top.name),
        root=str(top.parent).rstrip("/"),
        stamp="",
        files=tuple(map(FoundFile, videos)),
    )
    placed = [PlacedFolder(whole, FolderOwner(key=request.series, rule=FolderRule.STORED))]
    if request.series is None:
        folders = place_folders(FolderIndex.of(stored.values()), [whole])
        owned = (part for parts in folders.owned.values() for part in parts)
        placed = [*owned, *folders.unsure, *folders.strangers]
    for contents, owner in ((part.contents, part.owner) for part in placed):
        by_choice: dict[SeriesKey | None, list[FoundFile]] = {}
        for file in contents.files:
            path = PurePosixPath(contents.path_of(file.path)).relative_to(top)
            by_choice.setdefault(corrections.series(str(path)), []).append(file)
        for chosen, files in by_choice.items():
            key = chosen or owner.key
            yield ImportPart(
                attrs.evolve(contents, files=tuple(files)),
                owner,
                stored[key] if key is not None else None,
                is_chosen=chosen is not None,
            )


def by_series(
    parts: Sequence[ImportPart],
) -> Iterator[tuple[Series | None, Sequence[ImportPart]]]:
    """Yield the parts of each series; those without one together."""
    found: dict[SeriesKey | None, list[ImportPart]] = {}
    for part in parts:
        found.setdefault(None if part.series is None else part.series.key, []).append(part)
    for of_series in found.values():
        yield of_series[0].series, of_series


def groups_of(
    files: ImportFiles, parts: Sequence[ImportPart], stored: Mapping[SeriesKey, Series]
) -> Iterator[ImportGroup]:
    """Yield the folders of an import; one with several series has none of its own."""
    by_folder: dict[str, list[ImportPart]] = {}
    for part in parts:
        by_folder.setdefault(files.relative(part.contents.path), []).append(part)
    for folder, of_folder in sorted(by_folder.items()):
        first = of_folder[0]
        name = read_folder_name(PurePosixPath(first.contents.path).name)
        keys = {None if part.series is None else part.series.key for part in of_folder}
        is_one = len(keys) == 1
        candidates = [key for part in of_folder for key in part.owner.candidates]
        if not is_one:
            candidates += [key for key in keys if key is not None]
        yield ImportGroup(
            folder=folder,
            title=name.title,
            year=name.year,
            ids=name.ids,
            series=first.series if is_one else None,
            confidence=first.confidence if is_one else Confidence.UNSURE,
            candidates=tuple(stored[key] for key in dict.fromkeys(candidates) if key in stored),
            reason=first.owner.reason if first.series is None and is_one else None,
            files=sum(len(part.contents.files) for part in of_folder),
        )


def companions(found: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Return the companions of every video by absolute path."""
    by_folder: dict[PurePosixPath, list[str]] = {}
    for path in map(PurePosixPath, found):
        by_folder.setdefault(path.parent, []).append(path.name)
    return {
        str(folder / video): [str(folder / name) for name in names]
        for folder, all_names in by_folder.items()
        for video, names in companions_of(all_names).items()
    }
