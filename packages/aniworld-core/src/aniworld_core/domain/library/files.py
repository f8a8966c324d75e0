"""Files of the library: what a scan finds, and what is stored about each file."""

import enum
from datetime import datetime
from typing import NamedTuple

import attrs

from aniworld_core.domain.identity import EpisodeRef, FolderName, SeriesKey
from aniworld_core.messages import Message


class FoundFile(NamedTuple):
    """One video file that the survey found; a tuple, because a scan makes 100,000 of them.

    Attributes:
        path: Path relative to the folder, with forward slashes.
        size: Size in bytes.
        modified_ns: Time of the last modification in nanoseconds since 1970.
    """

    path: str
    size: int = 0
    modified_ns: int = 0


class IgnoredEntry(NamedTuple):
    """An entry that the survey did not follow, with the reason.

    Attributes:
        path: Path relative to the folder, with forward slashes.
        reason: Why it is ignored.
    """

    path: str
    reason: Message


@attrs.frozen(kw_only=True)
class FolderContents:
    """Content of one series folder.

    Attributes:
        folder: Folder below its library root; `""` for files directly in the root.
        root: Empty for the main root, otherwise the absolute POSIX path of another root.
        stamp: Fingerprint that changes when an entry inside is added, removed or renamed.
        files: Video files, sorted by path.
        ignored: Entries that were not followed, sorted by path.
        unreadable: Unreadable entries with the reason, sorted by path.
        is_unchanged: Whether the stamp is the known one; then `files` was not read.
    """

    folder: FolderName
    root: str = ""
    stamp: str
    files: tuple[FoundFile, ...] = ()
    ignored: tuple[IgnoredEntry, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()
    is_unchanged: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Return the paths of the video files, relative to the folder."""
        return tuple(file.path for file in self.files)

    @property
    def path(self) -> str:
        """Return the stored path of the folder."""
        return stored_path(self.root, self.folder) if self.root else self.folder

    def path_of(self, name: str) -> str:
        """Return the stored path of an entry, given its path relative to the folder."""
        if self.folder and name and not self.root:
            return f"{self.folder}/{name}"
        return stored_path(self.root, self.folder, name)


def stored_path(root: str, *parts: str) -> str:
    """Return a path as it is stored: relative below the main root, otherwise absolute.

    Args:
        root: Empty for the main root, otherwise the absolute POSIX path of another root.
        parts: Components below the root; empty ones are left out.
    """
    return "/".join(part for part in (root, *parts) if part)


@attrs.frozen(kw_only=True)
class LibraryRoot:
    """One configured root as a scan finds it.

    Attributes:
        name: Empty for the main root, otherwise its absolute POSIX path.
        path: Its absolute path.
        problem: Why it cannot be read; `None` if it can.
        folders: Its series folders by name; `""` comes first if it has video files itself.
        ignored: Entries directly in it that no scan reads, with the reason.
    """

    name: str
    path: str
    problem: str | None = None
    folders: tuple[FolderName, ...] = ()
    ignored: tuple[IgnoredEntry, ...] = ()


def is_in_root(path: str, root: str) -> bool:
    """Return whether a stored path is in a root, which is empty for the main root."""
    return path.startswith(f"{root}/") if root else not path.startswith("/")


class FileState(enum.StrEnum):
    """State of a file in the library."""

    PRESENT = "present"  #: the file of its episodes
    VERSION = "version"  #: another file of an episode that has one
    UNSURE = "unsure"  #: its name allows several readings
    DAMAGED = "damaged"  #: empty, cut off, or no media; does not count as an episode
    SUSPECT = "suspect"  #: playable, but its content contradicts its name
    EXTRA = "extra"  #: a video of no episode
    IGNORED = "ignored"  #: bonus material, litter of other tools, or not followed


@attrs.frozen(kw_only=True)
class FileFacts:
    """Facts about the media in a file.

    Attributes:
        duration_seconds: Playing time; `None` if the container has none.
        width: Picture width in pixels; `None` without a video track.
        height: Picture height in lines; `None` without a video track.
        video_codec: Codec of the video track, empty without one.
        audio_codecs: Codecs of the audio tracks in order.
        audio_languages: ISO 639-3 codes of the audio tracks in order; `und` without a tag.
        subtitle_languages: The same for subtitle tracks.
        silent_tracks: Positions of the audio tracks in which every sampled window is silent.
        sound: Print of sampled windows of the first audio track, for `is_same_sound`; empty if it
            has none, `None` if the audio was not sampled.
    """

    duration_seconds: float | None = None
    width: int | None = None
    height: int | None = None
    video_codec: str = ""
    audio_codecs: tuple[str, ...] = ()
    audio_languages: tuple[str, ...] = ()
    subtitle_languages: tuple[str, ...] = ()
    silent_tracks: tuple[int, ...] = ()
    sound: str | None = None


@attrs.frozen(kw_only=True)
class LibraryFile:
    """What is stored about one file of the library.

    Attributes:
        path: Stored path: relative to the main root, absolute below another root.
        size: Size in bytes.
        modified_ns: Time of the last modification in nanoseconds since 1970.
        state: State at the last scan.
        series_key: Its series; `None` if it belongs to none.
        season: Season of its episodes; `None` if it has none.
        numbers: Numbers of its episodes, ascending.
        reason: Why it has its state; `None` for files that are simply present.
        fingerprint: Hash of size and sampled content; empty if not computed yet.
        pinned: Whether a person assigned it to its episodes; a scan never changes that.
        facts: Facts about its media; `None` if it was not inspected yet.
        linked: Whether it was recognised by its content after it was renamed or moved, or is a
            copy. If its name says nothing, it is the file of its former episodes.
    """

    path: str
    size: int
    modified_ns: int
    state: FileState
    series_key: SeriesKey | None = None
    season: int | None = None
    numbers: tuple[int, ...] = ()
    reason: Message | None = None
    fingerprint: str = ""
    pinned: bool = False
    facts: FileFacts | None = None
    linked: bool = False

    def is_same_content(self, size: int, modified_ns: int) -> bool:
        """Return whether size and time are those of the last scan."""
        return self.size == size and self.modified_ns == modified_ns


class LibraryFolder(NamedTuple):
    """A folder of the library as the last scan left it.

    Attributes:
        path: Stored path of the folder; `""` for files directly in the main root.
        series_key: Its series; `None` if it belongs to none.
        stamp: Stamp of its content; empty forces the next scan to read it.
    """

    path: str
    series_key: SeriesKey | None
    stamp: str


@attrs.frozen(kw_only=True)
class DeletedFile:
    """The file of an episode that somebody deleted on the disk.

    Attributes:
        episode: The episode; it is missing now.
        path: Stored path that the file had.
        noted_at: When a scan noted it.
    """

    episode: EpisodeRef
    path: str
    noted_at: datetime


@attrs.frozen(kw_only=True)
class LibraryLoss:
    """A part of the library that a scan left alone because too much of it was gone.

    Attributes:
        path: Stored path of the folder, or the root: `""` for the main root.
        reason: What the scan found.
        lost: Number of known files that were not found.
        known: Number of known files in this part.
        noted_at: When a scan noted it first.
    """

    path: str
    reason: Message
    lost: int
    known: int
    noted_at: datetime
