"""Facts about a media file."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import attrs

if TYPE_CHECKING:
    # The muxer program imports `MediaFacts` and needs no configuration.
    from aniworld_core.ports.context import AdapterContext


@attrs.frozen(kw_only=True)
class MediaFacts:
    """Inspector of media files.

    Attributes:
        suffix: Usual file suffix of the container, with its dot.
        duration: Playing time in seconds; `None` if the container has none.
        height: Picture height in lines; `None` without a video track.
        audio_languages: ISO 639-3 codes of the audio tracks in order; `und` without a tag.
        subtitle_languages: The same for subtitle tracks.
    """

    suffix: str
    duration: float | None
    height: int | None
    audio_languages: tuple[str, ...]
    subtitle_languages: tuple[str, ...] = ()


class MediaInspector(ABC):
    """Inspect media files."""

    @abstractmethod
    async def inspect(self, path: Path, *, thorough: bool = False) -> MediaFacts:
        """Open a file and return facts about it.

        Args:
            path: The file.
            thorough: Also read every packet, to find missing or damaged parts.

        Raises:
            BadMediaError: If it is no media file or is damaged.
            LibraryUnavailableError: If it cannot be read.
        """


#: Open an inspector with its context.
InspectorFactory: TypeAlias = (
    "Callable[[AdapterContext], AbstractAsyncContextManager[MediaInspector]]"
)
