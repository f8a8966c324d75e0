"""A complete file as an input of the muxer."""

from pathlib import Path
from typing import Any, Self

from aniworld_providers.media.probe.inspect import kind_of
from aniworld_providers.media.probe.libav.input import LibavFile
from aniworld_providers.media.structure.programme_tables import ProgrammeTables


class FileFeed(LibavFile):
    """A `ByteSource` that can seek, because the index of an MP4 may be at its end."""

    def __init__(self, path: Path) -> None:
        """Open a file; blocks.

        Raises:
            BadMediaError: If it is no media file.
            OSError: If it cannot be read.
        """
        self._kind = kind_of(path)
        super().__init__(path.open("rb"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: Any) -> None:
        self._source.close()

    def rewound(self) -> Self:
        """Return the same feed at its first byte; the muxer may have to open an input again."""
        self._source.seek(0)
        return self

    def time_at(self, position: int, /) -> tuple[int, float] | None:
        """Return `None`: the container has its own clock."""

    @property
    def tables(self) -> ProgrammeTables | None:
        """Return `None`: libav reads the tables of a transport stream from the file."""
        return None

    def demuxer(self) -> str:
        """Return the libav demuxer of the file."""
        return self._kind.demuxer
