"""File names as episodes of a catalogue: readings in doubt are none."""

from collections.abc import Sequence

import attrs

from aniworld_core.domain.library.file_names.names import parse_file_name
from aniworld_core.domain.media import Language


@attrs.frozen(kw_only=True)
class EpisodeFileName:
    """Result of parsing a file name.

    Attributes:
        season: Season; `None` if the number is absolute or the name has no season.
        episodes: Episode numbers, ascending; empty for extras without a number (an opening, a
            recap `12.5`, an unnumbered special).
        absolute: Number across all seasons, if the name may mean that.
        version: Release version, 1 unless the name contains `v2`.
        special: Whether it is a film, special, recap or extra.
        language: Language, if the name states one.
        title: Name of the series in the file name.
        episode_title: Title of the episode, if the name has one.
        why: Description of the rule that matched.
    """

    season: int | None = None
    episodes: tuple[int, ...] = ()
    absolute: int | None = None
    version: int = 1
    special: bool = False
    language: Language | None = None
    title: str = ""
    episode_title: str = ""
    why: str = ""


def parse_episode_file_name(
    name: str, *, parents: Sequence[str] = (), title: str = ""
) -> EpisodeFileName | None:
    """Parse a file name; return `None` if it names no episode.

    Args:
        name: File name with or without suffix; folders before a slash count as parents.
        parents: Folders between the library root and the file, outermost first.
        title: Title of the series, if known, so that numbers in it are not parsed.
    """
    found = parse_file_name(name, parents=parents, titles=(title,) if title else ())
    special = found.is_special
    if not found.is_sure or not (found.episodes or special):
        return None
    return EpisodeFileName(
        season=0 if special else found.season,
        episodes=found.episodes,
        absolute=found.absolute[0] if found.absolute else None,
        version=found.version,
        special=special,
        language=found.language,
        title=found.title,
        episode_title=found.episode_title,
        why=found.why,
    )
