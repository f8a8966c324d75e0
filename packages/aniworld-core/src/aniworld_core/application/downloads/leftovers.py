"""Unfinished files of removed queue items."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

import attrs

from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.downloads.replacement import STAGING
from aniworld_core.domain.downloads import DownloadItem, DownloadStatus
from aniworld_core.domain.library import episode_destination, fold_name
from aniworld_core.errors import EpisodeNotFoundError, LibraryNotSetError, SeriesNotFoundError
from aniworld_core.ports.library import MediaLibrary, UnfinishedFile
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.ports.series import SeriesRepository


@attrs.define(eq=False, kw_only=True)
class Leftovers:
    """Finds and deletes unfinished files that no queue item will continue."""

    _queue: QueueRepository
    _series: SeriesRepository
    _library: MediaLibrary
    _config: CurrentConfig

    async def find(self) -> Sequence[UnfinishedFile]:
        """Return the unfinished files of removed items; none without a library.

        Raises:
            LibraryUnavailableError: If the library cannot be read.
        """
        try:
            found = await self._library.unfinished()
        except LibraryNotSetError:
            return ()
        if not found:
            return ()
        items = await self._queue.find(statuses=set(DownloadStatus) - {DownloadStatus.COMPLETED})
        wanted = {fold_name(str(stem)) for item in items for stem in await self._stems(item)}
        return [file for file in found if _folded_stem(file) not in wanted]

    async def remove(self, files: Sequence[UnfinishedFile]) -> None:
        """Delete unfinished files, except those that a transfer uses.

        Raises:
            LibraryUnavailableError: If they cannot be deleted.
        """
        for file in files:
            await self._library.remove_unfinished(file)

    async def clear_after(self, items: Sequence[DownloadItem]) -> None:
        """Delete the unfinished files of removed items.

        Raises:
            LibraryUnavailableError: If the library cannot be read or written.
        """
        kept = await self._queue.open_items([item.episode for item in items])
        for item in items:
            if item.status is DownloadStatus.COMPLETED or item.episode in kept:
                continue
            for stem in await self._stems(item):
                try:
                    await self._library.clear_leftovers(f"{stem}.mp4")
                except LibraryNotSetError:
                    return

    async def _stems(self, item: DownloadItem) -> Sequence[PurePosixPath]:
        """Return the paths, without suffix, that a transfer of the item may have used."""
        try:
            series = await self._series.get(item.episode.series_key)
            episode = series.episode(item.episode.season, item.episode.number)
        except (SeriesNotFoundError, EpisodeNotFoundError):
            return ()
        config = self._config.value
        languages = {
            None,
            item.language,
            *(item.languages or ()),
            *(series.languages or ()),
            *config.languages.order,
            *(episode.languages or ()),
        }
        stems = [episode_destination(config.naming, series, episode, each) for each in languages]
        return [*stems, *_staged(stems)]


def _folded_stem(file: UnfinishedFile) -> str:
    return fold_name(str(PurePosixPath(file.final).with_suffix("")))


def _staged(stems: Sequence[PurePosixPath]) -> Iterator[PurePosixPath]:
    for stem in stems:
        yield stem.parent / STAGING / stem.name
