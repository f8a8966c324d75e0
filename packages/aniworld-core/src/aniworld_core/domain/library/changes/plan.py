"""A planned change of library files, as it is shown before it is applied."""

import enum
import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Final

import attrs

from aniworld_core.domain.catalogue import Episode
from aniworld_core.domain.identity import ChangeId, EpisodeRef, FolderName, SeriesKey
from aniworld_core.domain.media import Language

#: Recycle bin below each library root. Hidden, so that scans ignore it.
BIN: Final = ".recycle"


class ChangeOrigin(enum.StrEnum):
    """What a change was made for."""

    RENAME = "rename"
    IMPORT = "import"
    REMOVAL = "removal"
    REPLACEMENT = "replacement"
    SIDECARS = "sidecars"
    ADOPTION = "adoption"
    FOLDER = "folder"  #: another folder of a series; its files stay
    UNDO = "undo"


class ChangeAction(enum.StrEnum):
    """What happens to one file."""

    RENAME = "rename"  #: within its folder
    MOVE = "move"  #: to another folder, also of another file system
    COPY = "copy"
    LINK = "link"  #: a second name of the same file (hard link)
    REPLACE = "replace"  #: like a move; the file at the target goes to the recycle bin
    BIN = "bin"  #: a file, or a folder with its content, goes to the recycle bin
    WRITE = "write"  #: a file with the given content


@attrs.frozen
class FileStamp:
    """Size in bytes and modification time in nanoseconds, to notice that a file changed."""

    size: int
    modified_ns: int


@attrs.frozen(kw_only=True)
class BinEntry:
    """The files that one change has moved to a recycle bin.

    Attributes:
        path: Stored path of the folder that holds them.
        bytes: Their size.
        at: Time at which they were moved.
    """

    path: str
    bytes: int
    at: datetime


@attrs.frozen(kw_only=True)
class FileChange:
    """The change of one file.

    Paths are stored paths: relative to the main library root with forward slashes, absolute for
    every other place.

    Attributes:
        source: The present file; empty for a write.
        target: The new path; empty for a file that goes to the recycle bin.
        stamp: Stamp of the source when the plan was made; `None` for a folder and a write.
        replaces: Stamp of the file at the target, which goes to the recycle bin.
        content: Content of a write.
        is_staged: Whether the source lies in a staging folder. Undo moves such a file to the
            recycle bin, not back.
        bin: Recycle bin of the library root of the file.
    """

    action: ChangeAction
    source: str = ""
    target: str = ""
    stamp: FileStamp | None = None
    replaces: FileStamp | None = None
    content: bytes | None = attrs.field(default=None, repr=False)
    is_staged: bool = False
    bin: str = BIN


@attrs.frozen(kw_only=True)
class Refusal:
    """A file that the plan does not change, with the reason (a `Message`).

    Attributes:
        target: The path that it would have got; empty if none is known.
    """

    path: str
    reason: str
    target: str = ""


@attrs.frozen
class HeldFile:
    """The file of an episode, and its language where known."""

    path: str
    language: Language | None = None

    @classmethod
    def of(cls, episode: Episode) -> "HeldFile | None":
        """Return the file of an episode, if it has one."""
        if not episode.downloaded or episode.file is None:
            return None
        return cls(episode.file, episode.file_language)


@attrs.frozen(kw_only=True)
class EpisodeFileChange:
    """The change of an episode's stored file; `None` means that it has no file."""

    episode: EpisodeRef
    before: HeldFile | None
    after: HeldFile | None

    @property
    def undone(self) -> "EpisodeFileChange":
        """The change back."""
        return EpisodeFileChange(episode=self.episode, before=self.after, after=self.before)


@attrs.frozen
class SeriesFolders:
    """The main folder of a series and its further ones, as stored paths."""

    folder: FolderName
    others: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class SeriesFolderChange:
    """The change of the folders of a series; `None` means that the library does not have it."""

    key: SeriesKey
    before: SeriesFolders | None
    after: SeriesFolders | None

    @property
    def undone(self) -> "SeriesFolderChange":
        """The change back."""
        return SeriesFolderChange(key=self.key, before=self.after, after=self.before)


@attrs.frozen(kw_only=True)
class ChangePlan:
    """What will happen to which file, and what will not and why.

    Attributes:
        title: What is changed, such as the name of a series or of an imported folder.
        changes: Changes in the order of their paths.
        refusals: Files that stay as they are although they were meant.
        episodes: Changes of the stored files of episodes.
        folders: Changes of the folders of series.
        removed_series: Series that is removed from the library.
        restored_series: Series that returns to the library.
        new_folders: Folders that do not exist yet, parents first.
        emptied_folders: Folders that are empty afterwards and are removed, children first.
        unchanged: Number of files that already are as they should be.
        undoes: The change that this one undoes.
    """

    origin: ChangeOrigin
    title: str
    changes: tuple[FileChange, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    episodes: tuple[EpisodeFileChange, ...] = ()
    folders: tuple[SeriesFolderChange, ...] = ()
    removed_series: SeriesKey | None = None
    restored_series: SeriesKey | None = None
    new_folders: tuple[str, ...] = ()
    emptied_folders: tuple[str, ...] = ()
    unchanged: int = 0
    undoes: ChangeId | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of everything that is applied, with the state of every file it starts from."""
        digest = hashlib.sha256()
        for text in self._texts():
            raw = text.encode("utf-8", "surrogatepass")
            digest.update(b"%d:" % len(raw))
            digest.update(raw)
        return digest.hexdigest()

    def _texts(self) -> Iterator[str]:
        yield from (self.origin, self.title, str(self.undoes))
        yield from (str(self.removed_series), str(self.restored_series))
        for change in self.changes:
            yield from (change.action, change.source, change.target)
            yield from (str(change.stamp), str(change.replaces), str(change.is_staged))
            yield hashlib.sha256(change.content or b"").hexdigest()
        for episode in self.episodes:
            yield from (str(episode.episode), str(episode.before), str(episode.after))
        for folders in self.folders:
            yield from (folders.key, str(folders.before), str(folders.after))
        yield from self.new_folders
        yield ""
        yield from self.emptied_folders
