"""Folders of the server, to choose one: only inside the library folders and the home folder."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import attrs

from aniworld_core.errors import FileExistsConflictError, PathNotFoundError, UnsafePathError
from aniworld_core.messages import Message, os_reason

#: Longest name of a folder in bytes (`NAME_MAX` of common file systems).
LONGEST_NAME: Final = 255


@attrs.frozen(kw_only=True)
class BrowsedFolder:
    """A folder inside another one.

    Attributes:
        name: Its name.
        path: Its absolute path.
        is_readable: Whether it can be opened.
    """

    name: str
    path: str
    is_readable: bool


@attrs.frozen(kw_only=True)
class FolderListing:
    """A folder and a part of its folders.

    Attributes:
        path: Absolute path without links.
        parent: Folder above it; `None` if that may not be browsed.
        is_writable: Whether a folder can be created in it.
        places: Folders to begin with: the library folders and the home folder.
        folders: The folders in it, by name; hidden ones and links to the outside are left out.
    """

    path: str
    parent: str | None
    is_writable: bool
    places: tuple[str, ...]
    folders: tuple[BrowsedFolder, ...]


@attrs.frozen
class FolderBrowser:
    """List and create folders below some places.

    Links are followed before a path is compared with the places, so that no link leads outside.

    Attributes:
        places: The places, absolute and without links; missing ones are left out.
    """

    places: tuple[Path, ...]

    @classmethod
    def of(cls, library: Sequence[Path]) -> "FolderBrowser":
        """Return the browser of these library folders and of the home folder."""
        found: dict[Path, None] = {}
        for path in (*library, *_home()):
            try:
                real = path.resolve()
                if real.is_dir() and real != real.parent:
                    found[real] = None
            except (OSError, RuntimeError, ValueError):
                continue  # a place that is away is no place to choose from
        return cls(tuple(found))

    def list(self, path: str, *, offset: int, limit: int) -> tuple[FolderListing, int]:
        """Return a part of a folder and the number of its folders; blocks as long as its disk does.

        Args:
            path: Absolute path; empty means the first place.
            offset: Number of folders to skip.
            limit: Largest number of folders to return.

        Raises:
            UnsafePathError: If it is outside the places, or cannot be read.
            PathNotFoundError: If there is no such folder.
        """
        folder = self._checked(path) if path else next(iter(self.places), None)
        if folder is None:
            raise UnsafePathError("", Message("nowhere_to_browse"))
        try:
            names = sorted(self._names(folder), key=lambda name: (name.casefold(), name))
        except OSError as error:
            raise UnsafePathError(
                path, Message("cannot_be_read", reason=os_reason(error))
            ) from error
        shown = [folder / name for name in names[offset : offset + limit]]
        listing = FolderListing(
            path=str(folder),
            parent=str(folder.parent) if self._is_inside(folder.parent) else None,
            is_writable=os.access(folder, os.W_OK | os.X_OK),
            places=tuple(map(str, self.places)),
            folders=tuple(
                BrowsedFolder(
                    name=each.name, path=str(each), is_readable=os.access(each, os.R_OK | os.X_OK)
                )
                for each in shown
            ),
        )
        return listing, len(names)

    def create(self, path: str) -> Path:
        """Create one folder in an existing one and return its path.

        Raises:
            UnsafePathError: If it is outside the places, or cannot be created.
            PathNotFoundError: If the folder above it does not exist.
            FileExistsConflictError: If the name is taken.
        """
        wanted = Path(path)
        if not _is_shown(wanted.name) or len(os.fsencode(wanted.name)) > LONGEST_NAME:
            raise UnsafePathError(path, Message("no_folder_name"))
        folder = self._checked(str(wanted.parent)) / wanted.name
        try:
            folder.mkdir()
        except FileExistsError as error:
            raise FileExistsConflictError(str(folder)) from error
        except OSError as error:
            reason = Message("cannot_be_written", reason=os_reason(error))
            raise UnsafePathError(path, reason) from error
        return folder

    def _checked(self, path: str) -> Path:
        """Return the real path of an existing folder inside the places."""
        if not Path(path).is_absolute():
            raise UnsafePathError(path, Message("relative_path"))
        real = Path(os.path.realpath(path))  # `resolve` may raise for a loop of links
        # Checked first, so that no answer says what exists outside.
        if not self._is_inside(real):
            raise UnsafePathError(path, Message("not_browsable"))
        try:
            if not real.is_dir():
                raise PathNotFoundError(path)
        except OSError as error:
            reason = Message("cannot_be_read", reason=os_reason(error))
            raise UnsafePathError(path, reason) from error
        return real

    def _is_inside(self, path: Path) -> bool:
        return any(path.is_relative_to(place) for place in self.places)

    def _names(self, folder: Path) -> Iterator[str]:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not _is_shown(entry.name):
                    continue
                try:
                    is_shown = (
                        self._is_inside(Path(entry.path).resolve()) and entry.is_dir()
                        if entry.is_symlink()
                        else entry.is_dir(follow_symlinks=False)
                    )
                except (OSError, RuntimeError):
                    continue  # a broken link
                if is_shown:
                    yield entry.name


def _is_shown(name: str) -> bool:
    """Return whether a folder of this name is listed: neither hidden nor with hidden characters."""
    return name.isprintable() and not name.startswith(".") and name.strip() != ""


def _home() -> Sequence[Path]:
    try:
        return [Path.home()]
    except RuntimeError:
        return []
