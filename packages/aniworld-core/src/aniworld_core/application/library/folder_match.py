"""Match the files of a series folder to the episodes of the series."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import attrs

from aniworld_core.domain.catalogue import Episode, Series
from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.library import EpisodeFileName, parse_episode_file_name
from aniworld_core.errors import EpisodeNotFoundError
from aniworld_core.ports.library import FolderContents


@attrs.define(eq=False, kw_only=True)
class FolderMatch:
    """Result of matching a series with its folder.

    Attributes:
        stored: The series as stored.
        series: The series with the state on disk.
        files: Number of video files in the folder.
        new_files: New files relative to the library root; not checked yet.
        extra: Files without an episode, relative to the library root.
        unreadable: Unreadable files and folders relative to the library root, with the reason.
    """

    stored: Series
    series: Series
    files: int
    new_files: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    unreadable: dict[str, str] = attrs.field(factory=dict)

    def reject(self, bad: Mapping[str, str]) -> None:
        """Unmark files that are no media."""
        self.unreadable |= bad
        episodes = tuple(
            attrs.evolve(e, downloaded=False, file=None, file_language=None) if e.file in bad else e
            for e in self.series.episodes
        )
        # Without a stamp the next scan reads the folder again and reports them again.
        self.series = attrs.evolve(self.series, episodes=episodes, folder_stamp=None)


def match_folder(series: Series, contents: FolderContents | None) -> FolderMatch:
    """Mark the episodes that the folder has.

    Args:
        series: The series as stored.
        contents: Content of its folder; `None` if there is no such folder.
    """
    if contents is None:
        return FolderMatch(stored=series, series=_with_files(series, {}, None), files=0)
    if contents.is_unchanged:
        held = {e.file for e in series.episodes if e.downloaded}
        return FolderMatch(stored=series, series=series, files=len(held))
    held_files: dict[tuple[int, int], tuple[str, EpisodeFileName]] = {}
    extra: list[str] = []
    for name in contents.names:
        file = path_in(contents.folder, name)
        parsed = _parse(name, series)
        episodes = _episodes_of(parsed, series) if parsed else ()
        if parsed is None or not episodes:
            extra.append(file)
            continue
        for episode in episodes:
            place = (episode.season, episode.number)
            if place in held_files and episode.file != file:
                extra.append(file)  # a second file of the same episode
            else:
                if place in held_files:
                    extra.append(held_files[place][0])
                held_files[place] = (file, parsed)
    unreadable = {path_in(contents.folder, name): why for name, why in contents.unreadable}
    known = {e.file for e in series.episodes if e.downloaded}
    new_files = tuple(sorted({f for f, _ in held_files.values()} - known))
    stamp = contents.stamp if not extra and not unreadable else None
    return FolderMatch(
        stored=series,
        series=_with_files(series, held_files, stamp),
        files=len(contents.files),
        new_files=new_files,
        extra=tuple(sorted(set(extra))),
        unreadable=unreadable,
    )


def _parse(name: str, series: Series) -> EpisodeFileName | None:
    path = PurePosixPath(name)
    return parse_episode_file_name(path.name, parents=path.parts[:-1], title=series.name)


def _episodes_of(parsed: EpisodeFileName, series: Series) -> Sequence[Episode]:
    """Return the episodes of the series that a file name names."""
    places = [(parsed.season, number) for number in parsed.episodes]
    if parsed.season is None:
        places = _absolute_places(parsed, series)
    found: dict[tuple[int, int], Episode] = {}
    for season, number in places:
        if season is None:
            continue
        try:
            episode = series.episode(season, number)
        except EpisodeNotFoundError:
            return ()
        found[(episode.season, episode.number)] = episode
    return tuple(found.values())


def _absolute_places(parsed: EpisodeFileName, series: Series) -> list[tuple[int | None, int]]:
    """Return season and number for absolute numbers, counted across the seasons."""
    numbers = parsed.episodes or ((parsed.absolute,) if parsed.absolute is not None else ())
    regular = [e for e in series.episodes if e.season > 0]
    if len({e.season for e in regular}) == 1:
        return [(regular[0].season, number) for number in numbers]
    return [
        (regular[number - 1].season, regular[number - 1].number)
        for number in numbers
        if 1 <= number <= len(regular)
    ]


def _with_files(
    series: Series,
    held: Mapping[tuple[int, int], tuple[str, EpisodeFileName]],
    stamp: str | None,
) -> Series:
    episodes = []
    for episode in series.episodes:
        match = held.get((episode.season, episode.number))
        if match is None:
            changed = attrs.evolve(episode, downloaded=False, file=None, file_language=None)
        else:
            file, parsed = match
            same = file == episode.file
            changed = attrs.evolve(
                episode,
                downloaded=True,
                file=file,
                file_language=episode.file_language if same else parsed.language,
            )
        episodes.append(changed)
    return attrs.evolve(series, episodes=tuple(episodes), folder_stamp=stamp)


def path_in(folder: FolderName, name: str) -> str:
    """Return the path of a file in a folder, relative to the library root."""
    return f"{folder}/{name}" if folder else name
