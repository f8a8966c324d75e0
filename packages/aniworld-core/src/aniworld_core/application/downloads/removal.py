"""Find, change and remove series of the library, and remove items from the queue."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

import attrs

from aniworld_core.application.catalogue import Catalogue
from aniworld_core.application.downloads.leftovers import Leftovers
from aniworld_core.application.downloads.queue.download_queue import DownloadQueue
from aniworld_core.application.downloads.work.worker import DownloadWorker
from aniworld_core.application.library import LibraryChanges
from aniworld_core.domain.catalogue import ListRules, Series, SeriesQuery, select_episodes
from aniworld_core.domain.downloads import (
    OPEN_STATUSES,
    DownloadItem,
    DownloadStatus,
    ItemQuery,
    Progress,
)
from aniworld_core.domain.identity import (
    EpisodeRef,
    EpisodeSelection,
    FolderName,
    ItemId,
    SeriesKey,
)
from aniworld_core.domain.library import (
    GROUPING_DEPTH,
    ChangeOrigin,
    ChangePlan,
    LibraryChange,
    SeriesFolderChange,
    SeriesFolders,
    safe_component,
)
from aniworld_core.domain.media import Language, Quality
from aniworld_core.errors import (
    AniworldError,
    ItemNotFoundError,
    LibraryUnavailableError,
    SeriesNotFoundError,
    UnsafePathError,
)
from aniworld_core.events import SeriesRemoved
from aniworld_core.messages import Message
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.library import MediaLibrary
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.ports.series import SeriesRepository

logger: logging.Logger = logging.getLogger(__name__)


@attrs.frozen
class Unchanged:
    """Marks a value that is not changed, where `None` has a meaning."""


UNCHANGED: Final = Unchanged()


@attrs.frozen(kw_only=True)
class SeriesChanges:
    """Changes of a series; values that are not given stay as they are.

    Attributes:
        languages: Wanted languages in order; `None` for the global order.
        quality: Wanted quality; `None` for the global one.
        folder: New folder: a stored path, up to three folders below a library root. Files are
            not moved; the next scan reads the new folder.
        list_rules: Filters and numbering of a series that is a list.
    """

    monitored: bool | Unchanged = UNCHANGED
    languages: tuple[Language, ...] | Unchanged | None = UNCHANGED
    quality: Quality | Unchanged | None = UNCHANGED
    folder: FolderName | Unchanged = UNCHANGED
    list_rules: ListRules | Unchanged = UNCHANGED


@attrs.define(eq=False, kw_only=True)
class ItemRemoval:
    """Removes items from the queue together with their transfers and unfinished files."""

    _items: QueueRepository
    _queue: DownloadQueue
    _worker: DownloadWorker
    _leftovers: Leftovers

    async def discard(self, item_ids: Sequence[ItemId]) -> int:
        """Remove items from the queue and delete their unfinished files.

        Items that this process downloads are cancelled first.

        Returns:
            The number of removed items.

        Raises:
            ItemActiveError: If another process downloads one of them; nothing is removed.
        """
        items = [entry.item for entry in await self._items.entries(item_ids)]
        removed = await self._remove(item_ids)
        await self._clear_after(items)
        return removed

    async def discard_matching(self, query: ItemQuery) -> int:
        """Remove the items that a query selects, and the unfinished files of begun ones.

        Items that this process downloads are cancelled first.

        Returns:
            The number of removed items.

        Raises:
            ItemActiveError: If another process downloads one of them; nothing is removed.
        """
        items = [entry.item for entry in (await self._items.page(query)).items]
        removed = await self._remove([item.id for item in items])
        await self._clear_after([item for item in items if item.progress != Progress()])
        return removed

    async def discard_pending(self) -> int:
        """Remove all pending items, and delete the unfinished files of those that were begun.

        Returns:
            The number of removed items.
        """
        pending = await self._items.find(statuses=[DownloadStatus.PENDING])
        removed = await self._queue.clear(DownloadStatus.PENDING)
        await self._clear_after([item for item in pending if item.progress != Progress()])
        return removed

    async def _clear_after(self, items: Sequence[DownloadItem]) -> None:
        try:
            await self._leftovers.clear_after(items)
        except LibraryUnavailableError as error:
            logger.warning("cannot delete the unfinished files of removed items: %s", error)

    async def discard_one(self, item_id: ItemId) -> None:
        """Remove one item from the queue, as `discard` does.

        Raises:
            ItemNotFoundError: If there is no such item.
            ItemActiveError: If another process downloads it.
        """
        if not await self.discard([item_id]):
            raise ItemNotFoundError(item_id)

    async def discard_series(self, key: SeriesKey, *, keep_files: bool) -> None:
        """Remove the open items of a series, and their unfinished files unless *keep_files*.

        Raises:
            ItemActiveError: If another process downloads one of them; nothing is removed.
        """
        found = await self._items.find(statuses=OPEN_STATUSES, series_key=key)
        open_ids = [item.id for item in found]
        await (self._remove(open_ids) if keep_files else self.discard(open_ids))

    async def discard_episodes(self, episodes: Sequence[EpisodeRef]) -> None:
        """Remove the open items of episodes, and their unfinished files.

        Raises:
            ItemActiveError: If another process downloads one of them; nothing is removed.
        """
        held = await self._items.open_items(episodes)
        if held:
            await self.discard(list(held.values()))

    async def _remove(self, item_ids: Sequence[ItemId]) -> int:
        await self._worker.cancel_all(item_ids)
        return await self._queue.remove(item_ids)


@attrs.define(eq=False, kw_only=True)
class LibraryActions:
    """Changes series of the library together with their queue items and files."""

    _series: SeriesRepository
    _catalogue: Catalogue
    _items: ItemRemoval
    _library: MediaLibrary
    _changes: LibraryChanges
    _bus: ProgressBus
    _clock: Clock

    async def find(self, name: str) -> Series:
        """Return a series by its key or, for old clients, by its folder.

        Raises:
            SeriesNotFoundError: If no series has that key or folder.
        """
        try:
            return await self._series.get(SeriesKey(name))
        except SeriesNotFoundError:
            for summary in (await self._series.summaries(SeriesQuery())).items:
                if summary.folder == name:
                    return await self._series.get(summary.key)
            raise

    async def catalogue_keys(self) -> Mapping[tuple[str, str], SeriesKey]:
        """Return the key of every series by its provider and its key in that catalogue."""
        heads = await self._series.heads()
        return {(s.provider, s.catalogue_key or s.key): s.key for s in heads}

    async def change(self, key: SeriesKey, changes: SeriesChanges) -> Series:
        """Change a series.

        Raises:
            SeriesNotFoundError: If there is no such series.
            UnsafePathError: If the folder is hidden, too deep or outside the library roots.
            FolderTakenError: If another series has that folder.
            NoListError: If there are rules, and the catalogue of the series has no lists.
            ItemActiveError: If another process downloads an episode that new rules leave out.
            AniworldError: What `LibraryChanges.apply` raises; a new folder is in the history.
        """
        stored = await self._series.get(key)
        given = attrs.asdict(
            changes, recurse=False, filter=lambda _, value: not isinstance(value, Unchanged)
        )
        folder, rules = given.pop("folder", stored.folder), given.pop("list_rules", None)
        if folder != stored.folder:
            self.require_folder(folder)
            await self._changes.apply(_new_folder(stored, folder))
            stored = await self._series.get(key)
        changed: Series = attrs.evolve(stored, **given)
        if changed != stored:
            changed = attrs.evolve(changed, updated_at=self._clock.now())
            await self._series.save(changed)
        return changed if rules is None else await self._with_rules(changed, rules)

    async def _with_rules(self, stored: Series, rules: ListRules) -> Series:
        """Change the rules of a list; open items of episodes that it loses are removed."""
        changed = await self._catalogue.set_rules(stored, rules)
        left = {(e.season, e.number) for e in changed.episodes}
        gone = [stored.ref(e) for e in stored.episodes if (e.season, e.number) not in left]
        await self._items.discard_episodes(gone)
        return changed

    async def set_wanted(
        self, key: SeriesKey, selections: Sequence[EpisodeSelection], *, wanted: bool
    ) -> Series:
        """Mark episodes as wanted or not wanted; a whole season includes its later episodes.

        Episodes that are not wanted never count as missing. Their open items are removed from the
        queue. Files stay.

        Args:
            key: The series.
            selections: The episodes; empty for every season of the series.
            wanted: Whether they are wanted.

        Raises:
            SeriesNotFoundError: If there is no such series.
            EpisodeNotFoundError: If a selection names no episode of the series.
            ItemActiveError: If another process downloads one of them; nothing changes.
        """
        stored = await self._series.get(key)
        chosen = selections or [EpisodeSelection(s) for s in {e.season for e in stored.episodes}]
        changed = stored.with_wanted(chosen, wanted=wanted)
        if not wanted:
            gone = [stored.ref(e) for e in select_episodes(stored, chosen) if not e.downloaded]
            await self._items.discard_episodes(gone)
        if changed != stored:
            changed = attrs.evolve(changed, updated_at=self._clock.now())
            await self._series.save(changed)
        return changed

    async def delete_file(self, path: str, *, unwanted: bool = False) -> LibraryChange:
        """Move a video with its subtitles and sidecars to the recycle bin; undo moves it back.

        Args:
            path: Stored path of the file, or its absolute path.
            unwanted: Mark its episodes as not wanted, so that they are not downloaded again.

        Raises:
            UnsafePathError: If the last scan knows no such file.
            ChangeRefusedError: If it is gone, a link or a special file.
            AniworldError: What `LibraryChanges.apply` raises.
        """
        absolute = Path(path)
        if absolute.is_relative_to(self._library.root):
            path = self._library.relative(absolute)
        plan = await self._changes.plan_deletion(path)
        episodes = [each.episode for each in plan.episodes] if unwanted else []
        for ref in episodes[:1]:
            series = await self._series.get(ref.series_key)
            episodes = [e for e in episodes if series.episode(e.season, e.number).wanted]
        # Before the file is gone: a crash in between must not queue the episode.
        await self._mark(episodes, wanted=False)
        try:
            return await self._changes.apply(plan, wait=None)
        except AniworldError:
            await self._mark(episodes, wanted=True)
            raise

    async def _mark(self, episodes: Sequence[EpisodeRef], *, wanted: bool) -> None:
        """Mark episodes of one series as wanted or not wanted."""
        chosen = [EpisodeSelection(e.season, e.number, e.number) for e in episodes]
        for ref in episodes[:1]:
            await self.set_wanted(ref.series_key, chosen, wanted=wanted)

    async def remove(self, key: SeriesKey, *, files: bool = False) -> LibraryChange | None:
        """Remove a series from the library and its open items from the queue.

        Args:
            key: The series.
            files: Whether to move its folder to the recycle bin; otherwise its files stay.

        Returns:
            The change that moved its folder, which undo moves back; `None` if its files stay.

        Raises:
            SeriesNotFoundError: If there is no such series.
            ItemActiveError: If another process downloads an episode of it.
            LibraryNotSetError: If files are to be moved and no library folder is set.
            LibraryUnavailableError: If the folder cannot be moved; the series stays.
        """
        series = await self._series.get(key)
        if files:
            _ = self._library.root
        # With the folder, its unfinished files are moved to the bin as well.
        await self._items.discard_series(key, keep_files=files)
        change = None
        if files:
            change = await self._changes.recycle(
                series.folder, origin=ChangeOrigin.REMOVAL, title=series.name, removed_series=key
            )
        else:
            await self._series.remove(key)
        await self._bus.publish(SeriesRemoved(key=key, folder=series.folder, at=self._clock.now()))
        return change

    def require_folder(self, folder: str) -> None:
        """Check that scans would read a folder, given by its stored path.

        Raises:
            UnsafePathError: If it is hidden, too deep or outside the library roots.
        """
        inner = folder
        if PurePosixPath(folder).is_absolute():
            roots = [root.as_posix() for root in self._library.other_roots]
            root = next((root for root in roots if folder.startswith(f"{root}/")), None)
            if root is None:
                raise UnsafePathError(folder, Message("outside_roots"))
            inner = folder.removeprefix(f"{root}/")
        parts = inner.split("/")
        if len(parts) > GROUPING_DEPTH + 1:
            raise UnsafePathError(folder, Message("folder_too_deep", levels=GROUPING_DEPTH + 1))
        for part in parts:
            if safe_component(part) != part:
                raise UnsafePathError(
                    folder, Message("folder_name_invalid", better=safe_component(part))
                )


def _new_folder(series: Series, folder: FolderName) -> ChangePlan:
    before = SeriesFolders(series.folder, series.other_folders)
    return ChangePlan(
        origin=ChangeOrigin.FOLDER,
        title=series.name,
        folders=(
            SeriesFolderChange(
                key=series.key, before=before, after=SeriesFolders(folder, before.others)
            ),
        ),
    )
