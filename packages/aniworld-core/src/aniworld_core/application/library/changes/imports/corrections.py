"""Check the corrections of an import, and find the one that counts for a file."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

import attrs

from aniworld_core.application.library.changes.imports.request import ImportCorrection
from aniworld_core.domain.catalogue import Series, select_episodes
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import EpisodeNotFoundError, InvalidFieldsError
from aniworld_core.messages import Message


@attrs.frozen(eq=False)
class Corrections:
    """Checked corrections by path."""

    _by_path: Mapping[str, ImportCorrection]

    @classmethod
    def checked(
        cls,
        corrections: Sequence[ImportCorrection],
        videos: Collection[str],
        stored: Mapping[SeriesKey, Series],
    ) -> "Corrections":
        """Return the corrections.

        Args:
            corrections: Decisions of a person.
            videos: Paths of the videos, relative to the imported folder.
            stored: The series of the library.

        Raises:
            InvalidFieldsError: If one names a path, series or episode that does not exist, says
                nothing, or contradicts itself or another one. Pointers start at `/corrections`.
        """
        folders = {str(parent) for path in videos for parent in PurePosixPath(path).parents}
        problems: list[tuple[str, str]] = []
        seen: set[str] = set()
        for index, each in enumerate(corrections):
            for field, problem in _problems(each, videos, folders, stored):
                problems.append((f"/corrections/{index}/{field}", problem))
            if each.path in seen:
                problems.append((f"/corrections/{index}/path", Message("correction_repeated")))
            seen.add(each.path)
        if problems:
            raise InvalidFieldsError(problems)
        return cls({each.path: each for each in corrections})

    def skips(self, path: str) -> bool:
        """Return whether a file is left out; a correction below a skipped folder brings it back."""
        return next((each.is_skipped for each in self._about(path)), False)

    def series(self, path: str) -> SeriesKey | None:
        """Return the series that was chosen for a file."""
        return next((each.series for each in self._about(path) if each.series is not None), None)

    def of_file(self, path: str) -> ImportCorrection | None:
        """Return the correction of the file itself."""
        return self._by_path.get(path)

    def _about(self, path: str) -> Iterator[ImportCorrection]:
        """Yield the corrections that concern a file, the most specific first."""
        for place in (path, *map(str, PurePosixPath(path).parents)):
            if place in self._by_path:
                yield self._by_path[place]


def _problems(
    correction: ImportCorrection,
    videos: Collection[str],
    folders: Collection[str],
    stored: Mapping[SeriesKey, Series],
) -> Iterator[tuple[str, str]]:
    """Yield the fields of a correction that cannot be used."""
    series, episodes = correction.series, correction.episodes
    if correction.path not in videos and correction.path not in folders:
        yield "path", Message("correction_no_file")
    if correction.is_skipped and (series is not None or episodes is not None):
        yield "skip", Message("correction_contradicts")
    if not correction.is_skipped and series is None and episodes is None:
        yield "key", Message("required")
    if series is not None and series not in stored:
        yield "key", Message("series_not_stored", key=series)
    if episodes is None:
        return
    if correction.path not in videos:
        yield "episode", Message("correction_of_folder")
    elif series is None:
        yield "key", Message("required")
    elif series in stored:
        try:
            select_episodes(stored[series], [episodes])
        except EpisodeNotFoundError as error:
            yield "episode", error.message
