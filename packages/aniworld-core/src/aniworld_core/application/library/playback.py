"""Play episodes: their files, the subtitles beside them, and their neighbours."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import BinaryIO, Final

import attrs

from aniworld_core.domain.catalogue import Episode, Series, select_episodes
from aniworld_core.domain.identity import EpisodeSelection, SeriesKey, parse_episode_code
from aniworld_core.domain.library import LibraryFile, companions_of, video_suffix
from aniworld_core.errors import EpisodeNotFoundError, FileMissingError
from aniworld_core.ports.file_operations import FileOperations
from aniworld_core.ports.library_files import LibraryFileRepository
from aniworld_core.ports.series import SeriesRepository

#: Suffixes of subtitle files that are text.
TEXT_SUBTITLES: Final = frozenset({".srt", ".vtt", ".ass", ".ssa"})
#: Largest subtitle file that is read, in bytes.
MAX_SUBTITLE_BYTES: Final = 4 * 1024**2


@attrs.frozen(kw_only=True)
class Playable:
    """An episode with a file.

    Attributes:
        series: Its series.
        episode: The episode.
        file: Stored path of its file.
        record: What the library knows about the file; `None` if no scan has seen it.
        subtitles: Names of the text subtitles beside the file, sorted.
        previous: Nearest earlier episode with another file; `None` if there is none.
        next: Nearest later episode with another file; `None` if there is none.
    """

    series: Series
    episode: Episode
    file: str
    record: LibraryFile | None
    subtitles: tuple[str, ...]
    previous: Episode | None
    next: Episode | None

    @property
    def suffix(self) -> str:
        """Suffix of the file, which names its container: `.mkv`."""
        return PurePosixPath(self.file).suffix.lower()


@attrs.define(eq=False, kw_only=True)
class Playback:
    """Finds and opens the files of episodes.

    Only files that the library records as the file of an episode are opened, and only below the
    roots.
    """

    _series: SeriesRepository
    _records: LibraryFileRepository
    _files: FileOperations

    async def find(self, key: SeriesKey, code: str) -> Playable:
        """Return an episode with what is needed to play it.

        Args:
            key: Key of the series.
            code: Code of the episode, `S01E05`.

        Raises:
            InvalidEpisodeError: If the code has another form.
            SeriesNotFoundError: If there is no such series.
            EpisodeNotFoundError: If it has no such episode.
            FileMissingError: If the library has no file of the episode.
            UnsafePathError: If the file is outside the library.
            LibraryUnavailableError: If the folder cannot be read.
        """
        series = await self._series.get(key)
        episode, file = _with_file(series, code)
        place = PurePosixPath(file)
        beside = await self._files.names(str(place.parent))
        if place.name not in beside:
            raise FileMissingError(code)
        names = companions_of(beside).get(place.name, ())
        earlier, later = _neighbours(series, file, episode)
        return Playable(
            series=series,
            episode=episode,
            file=file,
            record=(await self._records.get([file])).get(file),
            subtitles=tuple(n for n in names if PurePosixPath(n).suffix.lower() in TEXT_SUBTITLES),
            previous=earlier,
            next=later,
        )

    async def choose(
        self, key: SeriesKey, selections: Sequence[EpisodeSelection] = ()
    ) -> tuple[Series, Sequence[Episode]]:
        """Return a series and its chosen episodes that have files, each file once, in order.

        Args:
            key: Key of the series.
            selections: Episodes and seasons; all when empty.

        Raises:
            SeriesNotFoundError: If there is no such series.
            EpisodeNotFoundError: If a selection names no episode.
            FileMissingError: If none of the episodes has a file.
        """
        series = await self._series.get(key)
        chosen = select_episodes(series, selections) if selections else series.episodes
        by_file = {e.file: e for e in sorted(chosen, key=_place, reverse=True) if e.file}
        if not by_file:
            raise FileMissingError(", ".join(map(str, selections)) or series.name)
        return series, sorted(by_file.values(), key=_place)

    async def durations(self, episodes: Sequence[Episode]) -> Sequence[float | None]:
        """Return the playing time of the files of episodes, in seconds, where it is known."""
        records = await self._records.get([e.file for e in episodes if e.file])
        found = (records.get(each.file or "") for each in episodes)
        return [r.facts.duration_seconds if r and r.facts else None for r in found]

    async def open(self, key: SeriesKey, code: str) -> tuple[str, BinaryIO]:
        """Return the stored path of the file of an episode, and the opened file.

        Raises:
            As `find` does; `FileMissingError` also if the file is gone or no regular file.
        """
        _, file = _with_file(await self._series.get(key), code)
        opened = await self._files.open(file)
        if opened is None:
            raise FileMissingError(code)
        return file, opened

    async def read_subtitle(self, key: SeriesKey, code: str, number: int) -> tuple[str, bytes]:
        """Return name and content of a subtitle of an episode.

        Args:
            key: Key of the series.
            code: Code of the episode.
            number: Position among the subtitles of `find`, from 0.

        Raises:
            As `find` does; `FileMissingError` also if there is no such subtitle, or if it is
            longer than `MAX_SUBTITLE_BYTES`.
        """
        found = await self.find(key, code)
        if number >= len(found.subtitles):
            raise FileMissingError(code)
        name = found.subtitles[number]
        path = str(PurePosixPath(found.file).with_name(name))
        content = await self._files.read(path, max_bytes=MAX_SUBTITLE_BYTES)
        if content is None:
            raise FileMissingError(name)
        return name, content


def stem_of(file: str) -> str:
    """Return the name of a video file without its suffix."""
    name = PurePosixPath(file).name
    return name.removesuffix(video_suffix(name))


def _with_file(series: Series, code: str) -> tuple[Episode, str]:
    season, number = parse_episode_code(code)
    for episode in series.episodes:
        last = episode.last_number or episode.number
        if episode.season == season and episode.number <= number <= last:
            if episode.file is None:
                raise FileMissingError(code)
            return episode, episode.file
    raise EpisodeNotFoundError(series.key, code)


def _neighbours(
    series: Series, file: str, episode: Episode
) -> tuple[Episode | None, Episode | None]:
    others = [e for e in series.episodes if e.file not in (None, file)]
    earlier = [e for e in others if _place(e) < _place(episode)]
    later = [e for e in others if _place(e) > _place(episode)]
    return max(earlier, key=_place, default=None), min(later, key=_place, default=None)


def _place(episode: Episode) -> tuple[int, int]:
    return episode.season, episode.number
