"""Parse episodes, languages and ids of queue items from the command line."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from aniworld_cli.rendering.texts import tr
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.downloads import DownloadItem
from aniworld_core.domain.identity import EpisodeSelection, ItemId, parse_episode_selection
from aniworld_core.domain.media import Language, Quality, parse_language
from aniworld_core.errors import ItemNotFoundError, UsageError

#: Values of `Quality` as a literal type for the command line.
QualityName: TypeAlias = Literal["best", "worst", "360p", "480p", "720p", "1080p"]
#: Minimum number of characters of an abbreviated id.
_SHORTEST_PREFIX = 4


def parse_selections(texts: Sequence[str]) -> tuple[EpisodeSelection, ...]:
    """Parse selections; an argument may hold several, separated by commas.

    Raises:
        InvalidEpisodeError: If one of them is invalid.
    """
    parts = [part for text in texts for part in text.split(",")]
    return tuple(parse_episode_selection(part) for part in parts)


def read_languages(text: str | None) -> tuple[Language, ...] | None:
    """Parse languages separated by commas, best first.

    Raises:
        InvalidLanguageError: If one of them is invalid.
    """
    if text is None:
        return None
    return tuple(dict.fromkeys(parse_language(part) for part in text.split(",")))


def read_quality(name: QualityName | None) -> Quality | None:
    """Parse a quality."""
    return None if name is None else Quality(name)


async def find_items(app: Application, prefixes: Sequence[str]) -> Sequence[DownloadItem]:
    """Return the items with these ids or id prefixes.

    Raises:
        ItemNotFoundError: If no id has the prefix.
        UsageError: If several ids have the prefix, or the prefix is too short.
    """
    found: dict[ItemId, DownloadItem] = {}
    for prefix in prefixes:
        matching = await app.queue_reader.with_prefix(prefix.lower(), limit=2)
        if not matching:
            raise ItemNotFoundError(prefix)
        if len(prefix) < _SHORTEST_PREFIX or len(matching) > 1:
            raise UsageError(
                tr(
                    "{prefix} does not name one item; give more characters of the id",
                    prefix=repr(prefix),
                )
            )
        found[matching[0].id] = matching[0]
    return list(found.values())
