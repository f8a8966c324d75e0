"""What a media file is."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import attrs

if TYPE_CHECKING:
    # The program that puts films together speaks of facts and needs no configuration.
    from aniworld_core.ports.context import AdapterContext


@attrs.frozen(kw_only=True)
class MediaFacts:
    """What a media file is.

    Attributes:
        suffix: The container's usual file suffix, with its dot.
        duration: Playing time in seconds; `None` if the container does not say.
        height: Picture height in lines; `None` without a picture.
        audio_languages: ISO 639-3 codes of the audio tracks in order; `und` where untagged.
        subtitle_languages: The same for subtitle tracks.
    """

    suffix: str
    duration: float | None
    height: int | None
    audio_languages: tuple[str, ...]
    subtitle_languages: tuple[str, ...] = ()


class MediaInspector(ABC):
    """Looks into media files."""

    @abstractmethod
    async def inspect(self, path: Path, *, thorough: bool = False) -> MediaFacts:
        """Open a file and tell what it is.

        Args:
            path: The file.
            thorough: Also walk every packet, to find what is cut off or missing.

        Raises:
            BadMediaError: If it is no media file, or damaged where that can be told.
            LibraryUnavailableError: If it cannot be read.
        """


#: Opens an inspector in its surroundings.
InspectorFactory: TypeAlias = (
    "Callable[[AdapterContext], AbstractAsyncContextManager[MediaInspector]]"
)
