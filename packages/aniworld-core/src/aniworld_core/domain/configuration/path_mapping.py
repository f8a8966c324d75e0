"""Folders of this machine as another one sees them, in the notation of the configuration."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

import attrs

from aniworld_core.errors import UsageError
from aniworld_core.messages import Message

_ARROW: Final = "=>"


@attrs.frozen
class PathMapping:
    r"""A folder of ours and the same folder elsewhere.

    Attributes:
        ours: Absolute path.
        theirs: Their path: absolute, a share such as `smb://nas/anime`, or `D:\Anime`.
    """

    ours: PurePosixPath
    theirs: str

    def theirs_of(self, parts: Sequence[str]) -> str:
        """Return their path of something below the folder."""
        separator = "\\" if "\\" in self.theirs and "/" not in self.theirs else "/"
        if not parts:
            return self.theirs
        return separator.join((self.theirs.rstrip("/\\"), *parts))


def parse_path_mapping(raw: str) -> PathMapping:
    """Parse `OURS => THEIRS`.

    Raises:
        UsageError: If the text has another form, or our path is not absolute.
    """
    ours, arrow, theirs = (part.strip() for part in raw.partition(_ARROW))
    path = PurePosixPath(ours)
    if not arrow or not theirs or not path.is_absolute() or ".." in path.parts:
        raise UsageError(Message("not_a_path_mapping", raw=raw[:200]))
    return PathMapping(path, theirs)
