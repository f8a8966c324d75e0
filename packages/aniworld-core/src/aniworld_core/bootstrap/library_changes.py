"""Put the changes of library files together, and finish interrupted ones."""

import logging
from pathlib import Path

from aniworld_core.adapters.change_lock import FileChangeLock
from aniworld_core.adapters.library import LocalFileOperations
from aniworld_core.application.catalogue import Covers
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.library import (
    ChangeEffects,
    ChangeRunner,
    DeletionPlanner,
    ImportPlanner,
    LibraryChanges,
    RecycleBin,
    RenamePlanner,
    SidecarPlanner,
)
from aniworld_core.errors import AniworldError, LibraryBusyError
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.library import MediaLibrary
from aniworld_core.ports.storage import Storage

logger = logging.getLogger(__name__)


def library_changes(
    storage: Storage,
    library: MediaLibrary,
    covers: Covers,
    config: CurrentConfig,
    clock: Clock,
    data_dir: Path,
) -> tuple[LibraryChanges, RecycleBin]:
    """Return the changes of library files, and the limits of the recycle bin.

    Args:
        storage: Journal, series and records.
        library: Its roots are read at each change.
        covers: Posters of series.
        config: Naming templates and limits of the bin.
        clock: Time of changes.
        data_dir: Folder of the lock file.
    """
    files = LocalFileOperations(lambda: [library.root, *library.other_roots])
    effects = ChangeEffects(series=storage.series, records=storage.files)
    lock = FileChangeLock(data_dir)
    recycle_bin = RecycleBin(
        files=files, journal=storage.changes, lock=lock, config=config, clock=clock
    )
    changes = LibraryChanges(
        runner=ChangeRunner(
            journal=storage.changes, files=files, effects=effects, lock=lock, clock=clock
        ),
        renames=RenamePlanner(
            series=storage.series, records=storage.files, files=files, config=config
        ),
        imports=ImportPlanner(series=storage.series, files=files, config=config),
        sidecars=SidecarPlanner(
            series=storage.series, records=storage.files, files=files, covers=covers
        ),
        deletions=DeletionPlanner(series=storage.series, records=storage.files, files=files),
        journal=storage.changes,
        files=files,
    )
    return changes, recycle_bin


async def finish_interrupted(changes: LibraryChanges) -> None:
    """Complete or roll back the changes of processes that have ended.

    A change that cannot be finished now, for example because the disk is not mounted, is logged
    and stays for the next start.
    """
    try:
        finished = await changes.recover()
    except LibraryBusyError:
        return  # the process that holds the lock finishes them
    except AniworldError as error:
        logger.warning("interrupted changes of the library are not finished yet: %s", error)
        return
    for change in finished:
        logger.warning("change %d of the library (%s): %s", change.id, change.title, change.status)
