"""Match a new series to existing files on disk."""

import logging
from collections.abc import Collection

import attrs

from aniworld_core.application.library.folder_match import match_folder
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.library import fold_name, safe_component
from aniworld_core.errors import LibraryNotSetError, LibraryUnavailableError
from aniworld_core.ports.library import MediaLibrary

logger = logging.getLogger(__name__)


async def matched_to_disk(
    library: MediaLibrary, series: Series, taken: Collection[FolderName]
) -> Series:
    """Return the series with its folder and the episodes in it.

    The folder is the planned one, otherwise an existing one with the series' name, with or
    without the year. The series stays unchanged if there is no readable library.

    Args:
        library: Library folder.
        series: Series that is not stored yet; its folder is the planned one.
        taken: Folders of other series.
    """
    occupied = {fold_name(folder) for folder in taken}
    plain = safe_component(series.name)
    named = [plain] if series.year is None else [f"{plain} ({series.year})", plain]
    wanted = [series.folder, *(FolderName(n) for n in named if fold_name(n) not in occupied)]
    try:
        contents = await library.first_folder(wanted)
        if contents is None:
            return series
        match = match_folder(attrs.evolve(series, folder=contents.folder), contents)
        bad = await library.check(match.new_files)
    except LibraryNotSetError:
        return series
    except LibraryUnavailableError as error:
        logger.warning("%s was added without a look at its folder: %s", series.key, error)
        return series
    if bad:
        match.reject(bad)
    return match.series
