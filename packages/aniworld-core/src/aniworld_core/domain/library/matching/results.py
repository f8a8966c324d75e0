"""What the matching of files to episodes finds."""

from collections.abc import Mapping
from typing import NamedTuple

import attrs

from aniworld_core.domain.catalogue import Episode, Series
from aniworld_core.domain.library.file_names.reading import (
    Numbers,
)
from aniworld_core.domain.library.files import (
    FileState,
    FoundFile,
)
from aniworld_core.domain.library.matching.numbering import (
    Place,
)
from aniworld_core.domain.media import Language
from aniworld_core.messages import Message


class FileMatch(NamedTuple):
    """What a file is to its series; a tuple, because a scan makes 100,000 of them.

    Attributes:
        path: Stored path.
        found: The file as the survey found it.
        state: `present` for the file of at least one episode, `version` for a further file of an
            episode, `unsure` if its name allows several readings, `extra` for a video of no
            episode, `ignored` for bonus material and files of other programs.
        places: Episodes that it holds, as season and number in the catalogue.
        season: Season in its name or folder; `None` if there is none.
        numbers: Numbers in its name, also those that the catalogue does not list.
        language: Language, if name or media state it.
        reason: Why it is not simply present.
        candidates: Possible readings of a file that is unsure, most likely first.
        is_opaque: Whether it cannot be inspected (disc folder, disc image, link file).
        is_linked: Whether its content, not its name, says which episodes it is.
    """

    path: str
    found: FoundFile
    state: FileState
    places: tuple[Place, ...] = ()
    season: int | None = None
    numbers: tuple[int, ...] = ()
    language: Language | None = None
    reason: Message | None = None
    candidates: tuple[Numbers, ...] = ()
    is_opaque: bool = False
    is_linked: bool = False


@attrs.frozen
class SeriesFiles:
    """Result of matching the files of a series.

    Attributes:
        files: All files, sorted by path; each is in it once.
        chosen: Episode -> the file that represents it.
    """

    files: tuple[FileMatch, ...]
    chosen: Mapping[Place, FileMatch]

    def applied_to(self, series: Series) -> Series:
        """Return the series with these files as the state of its episodes."""
        episodes = tuple(
            _with_file(episode, self.chosen.get((episode.season, episode.number)))
            for episode in series.episodes
        )
        return attrs.evolve(series, episodes=episodes)


def _with_file(episode: Episode, match: FileMatch | None) -> Episode:
    """Return the episode with this file, or without one."""
    if match is None:
        has_none = not episode.downloaded and episode.file is None and not episode.file_language
        return episode if has_none else episode.with_file(None, None)
    is_same = match.path == episode.file
    language = episode.file_language if is_same else match.language
    if is_same and episode.downloaded:
        return episode
    return episode.with_file(match.path, language)
