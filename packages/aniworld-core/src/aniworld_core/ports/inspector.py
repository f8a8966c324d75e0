"""Facts about a media file."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import attrs

from aniworld_core.errors import AniworldError

if TYPE_CHECKING:
    # The muxer program imports `MediaFacts` and needs neither library nor configuration.
    from aniworld_core.domain.catalogue import Cover
    from aniworld_core.domain.library import FileFacts
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

    @abstractmethod
    async def describe(
        self, paths: Sequence[Path], *, with_sound: bool
    ) -> "Mapping[Path, FileFacts | AniworldError]":
        """Return the facts that the library stores about files, or why there are none.

        No file is read as a whole. A file that crashes the reader has a `BadMediaError`; the
        others are described all the same.

        Args:
            paths: The files.
            with_sound: Sample the audio tracks: set `silent_tracks` and `sound`.

        Returns:
            Facts of each file; `BadMediaError` if it is no media file or cannot be opened,
            `LibraryUnavailableError` if it cannot be read.
        """

    @abstractmethod
    async def stills(self, paths: Sequence[Path]) -> "Mapping[Path, Cover | AniworldError]":
        """Return a frame of each video as a JPEG picture, or why there is none.

        The frame is from the first half, after the first tenth, and is not black if the video has
        another one there. The same file gives the same picture. A file that crashes the reader has
        a `BadMediaError`; the others have their pictures all the same.

        Args:
            paths: The files.

        Returns:
            The picture of each file; `BadMediaError` if none can be decoded,
            `LibraryUnavailableError` if the file cannot be read.
        """

    async def versions(self) -> Mapping[str, str]:
        """Return the versions of the libraries that read media, by name; empty if it has none."""
        return {}


#: Open an inspector with its context.
InspectorFactory: TypeAlias = (
    "Callable[[AdapterContext], AbstractAsyncContextManager[MediaInspector]]"
)
