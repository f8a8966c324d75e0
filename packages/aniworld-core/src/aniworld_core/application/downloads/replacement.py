"""Replace the file of an episode by a newly fetched one after that is checked."""

from pathlib import PurePosixPath
from typing import Final

import anyio
import attrs

from aniworld_core.application.library import LibraryChanges
from aniworld_core.domain.catalogue import Episode, Series
from aniworld_core.domain.downloads import DownloadItem
from aniworld_core.domain.library import ChangeOrigin, EpisodeFileChange, HeldFile, video_suffix
from aniworld_core.ports.library import MediaLibrary

#: Folder of new files: beside the episode, so that a move is a rename; hidden from scans.
STAGING: Final = ".replacement"


@attrs.define(eq=False, kw_only=True)
class Replacement:
    """Finds the old file of an episode and exchanges it for the new one.

    The exchange is a change in the history: it happens completely or not at all, also after a
    kill, and can be undone.
    """

    _library: MediaLibrary
    _changes: LibraryChanges

    async def old_file(self, item: DownloadItem, series: Series, stem: PurePosixPath) -> str | None:
        """Return the file that the item replaces, or `None` if it does not exist.

        Args:
            item: The item.
            series: Its series.
            stem: The path of the new file, without suffix.
        """
        if not item.replaces:
            return None
        episode = series.episode(item.episode.season, item.episode.number)
        for file in dict.fromkeys([episode.file, await self._library.find_file(stem)]):
            if file is not None and await self._is_older(file, item):
                return file
        return None

    def staged(self, stem: PurePosixPath) -> PurePosixPath:
        """Return the staging path of a new file."""
        return stem.parent / STAGING / stem.name

    async def is_waiting(self, item: DownloadItem, stem: PurePosixPath) -> bool:
        """Return whether an earlier attempt ended between the two moves of `exchange`."""
        if not item.replaces or await self._library.find_file(stem) is not None:
            return False
        return await self._library.find_file(self.staged(stem)) is not None

    async def exchange(
        self,
        old: str | None,
        new: HeldFile,
        item: DownloadItem,
        series: Series,
        stem: PurePosixPath,
    ) -> str:
        """Move the old file, if it exists, to the recycle bin and the new file to its final place.

        An old file that contains other episodes as well stays.

        Args:
            old: The old file.
            new: The new file in the staging folder, with its language.
            item: The item that fetched it.
            series: Its series.
            stem: The final path, without suffix.

        Returns:
            The new file, relative to the library root.

        Raises:
            FileExistsConflictError: If a file that stays has the name.
            LibraryUnavailableError: If the disk cannot be written.
        """
        episode = series.episode(item.episode.season, item.episode.number)
        suffix = video_suffix(new.path)
        before = HeldFile(episode.file, episode.file_language) if episode.file else None
        return await self._changes.exchange(
            new.path,
            stem,
            old=None if old is None or _is_shared(old, series.episodes) else old,
            title=f"{series.name} {item.episode.code}",
            episodes=[
                EpisodeFileChange(
                    episode=series.ref(episode),
                    before=before if episode.downloaded else None,
                    after=HeldFile(f"{stem}{suffix}", new.language),
                )
            ],
        )

    async def recycle(self, file: str, item: DownloadItem, series: Series) -> None:
        """Move a damaged file that has the name of the new one to the recycle bin."""
        title = f"{series.name} {item.episode.code}"
        await self._changes.recycle(file, origin=ChangeOrigin.REPLACEMENT, title=title)

    async def _is_older(self, file: str, item: DownloadItem) -> bool:
        """Return whether a file is older than the queue item; a newer one is the replacement."""
        try:
            status = await anyio.Path(self._library.root / file).stat()
        except OSError:
            return False
        return status.st_mtime < item.added_at.timestamp()


def _is_shared(file: str, episodes: tuple[Episode, ...]) -> bool:
    return sum(episode.file == file for episode in episodes) > 1
