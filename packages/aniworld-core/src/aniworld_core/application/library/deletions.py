"""Files that somebody deleted on the disk: their episodes are missing until a person decides."""

from collections.abc import Sequence

from aniworld_core.domain.library import DeletedFile
from aniworld_core.ports.library_files import LibraryFileRepository
from aniworld_core.ports.series import SeriesRepository


async def open_deletions(
    files: LibraryFileRepository, series: SeriesRepository
) -> Sequence[DeletedFile]:
    """Return the noted deletions whose episodes are still missing.

    Those of episodes that have a file again, or are not wanted, are decided.

    Raises:
        StorageUnavailableError: If the database cannot be read.
    """
    noted = await files.deleted()
    if not noted:
        return ()
    stored = await series.get_many(sorted({file.episode.series_key for file in noted}))
    missing = {each.ref(episode) for each in stored for episode in each.episodes if episode.missing}
    return [file for file in noted if file.episode in missing]


async def note_deletions(
    files: LibraryFileRepository, series: SeriesRepository, noted: Sequence[DeletedFile]
) -> Sequence[DeletedFile]:
    """Store deletions of a scan, remove decided ones, and return those that are open.

    Raises:
        StorageUnavailableError: If they cannot be stored.
    """
    await files.note_deleted(noted)
    found = await open_deletions(files, series)
    left = {file.episode for file in found}
    decided = [file.episode for file in await files.deleted() if file.episode not in left]
    await files.forget_deleted(decided)
    return found
