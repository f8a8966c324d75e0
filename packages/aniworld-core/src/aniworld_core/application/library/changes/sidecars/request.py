"""What to write, and the plan in the making."""

from pathlib import PurePosixPath
from typing import Final

import attrs

from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.library import (
    COMPONENT_LIMIT,
    ChangeAction,
    FileChange,
    FoundEntry,
    Refusal,
)
from aniworld_core.messages import Message

#: Most bytes of pictures in one change: they are in memory, and in the journal until it ends.
_MOST_BYTES: Final = 64 << 20


@attrs.frozen(kw_only=True)
class SidecarRequest:
    """Which sidecars to write.

    Attributes:
        keys: The series; all when empty.
        replaces_foreign: Whether files of another program or person are replaced; the old ones go
            to the recycle bin.
        with_pictures: Whether posters, the wide picture and thumbs are written, too.
    """

    keys: tuple[SeriesKey, ...] = ()
    replaces_foreign: bool = False
    with_pictures: bool = True


@attrs.define(eq=False)
class SidecarDraft:
    """A plan in the making."""

    replaces_foreign: bool
    changes: list[FileChange] = attrs.field(factory=list)
    refusals: list[Refusal] = attrs.field(factory=list)
    unchanged: int = 0
    _picture_bytes: int = attrs.field(default=0, init=False)

    @property
    def is_full(self) -> bool:
        """Return whether further pictures are left for the next change."""
        return self._picture_bytes > _MOST_BYTES

    def write(self, path: str, content: bytes) -> None:
        """Add a new file."""
        self.changes.append(FileChange(action=ChangeAction.WRITE, target=path, content=content))

    def replace(self, path: str, content: bytes, entry: FoundEntry, bin_folder: str) -> None:
        """Add a file whose place is taken; the present file goes to the recycle bin."""
        self.changes.append(
            FileChange(
                action=ChangeAction.WRITE,
                target=path,
                content=content,
                replaces=entry.stamp,
                bin=bin_folder,
            )
        )

    def remove(self, path: str, entry: FoundEntry, bin_folder: str) -> None:
        """Add a file that goes to the recycle bin."""
        self.changes.append(
            FileChange(action=ChangeAction.BIN, source=path, stamp=entry.stamp, bin=bin_folder)
        )

    def refuse(self, path: str, reason: str) -> None:
        """Add a file that is not written, with the reason."""
        self.refusals.append(Refusal(path=path, reason=reason))

    def takes(self, path: str, size: int) -> bool:
        """Count a picture, and return whether the change has room for it."""
        if self.is_full:
            self.refuse(path, Message("pictures_left_for_next"))
            return False
        self._picture_bytes += size
        return True


def is_too_long(path: str) -> bool:
    """Return whether a file system cannot store the name, because that of the video is so long."""
    return len(PurePosixPath(path).name.encode("utf-8", "surrogateescape")) > COMPONENT_LIMIT
