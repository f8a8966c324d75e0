"""Put the changes of library files together."""

from pathlib import Path

import attrs

from aniworld_core.adapters.change_lock import FileChangeLock
from aniworld_core.adapters.library import LocalFileOperations
from aniworld_core.application.catalogue import Covers
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.library import (
    ChangeEffects,
    ChangeRunner,
    DeletionPlanner,
    EpisodeThumbs,
    ImportPlanner,
    LibraryChanges,
    PictureSpots,
    Playback,
    RecycleBin,
    RenamePlanner,
    SeriesPictures,
    SidecarPlanner,
)
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.inspector import MediaInspector
from aniworld_core.ports.library import MediaLibrary
from aniworld_core.ports.storage import Storage


@attrs.frozen
class Pictures:
    """Sources of the pictures of series and episodes."""

    covers: Covers
    inspector: MediaInspector


def library_changes(
    storage: Storage,
    library: MediaLibrary,
    pictures: Pictures,
    config: CurrentConfig,
    bus: ProgressBus,
    clock: Clock,
    data_dir: Path,
) -> LibraryChanges:
    """Return the changes of library files.

    Args:
        storage: Journal, series and records.
        library: Its roots are read at each change.
        pictures: Where the pictures of series and episodes come from.
        config: Naming templates.
        bus: Where finished changes are published.
        clock: Time of changes.
        data_dir: Folder of the lock file.
    """
    files = _files(library)
    effects = ChangeEffects(series=storage.series, records=storage.files)
    lock = FileChangeLock(data_dir)
    return LibraryChanges(
        runner=ChangeRunner(
            journal=storage.changes, files=files, effects=effects, lock=lock, bus=bus, clock=clock
        ),
        renames=RenamePlanner(
            series=storage.series, records=storage.files, files=files, config=config
        ),
        imports=ImportPlanner(series=storage.series, files=files, config=config),
        sidecars=_sidecars(storage, library, files, pictures, config),
        deletions=DeletionPlanner(series=storage.series, records=storage.files, files=files),
        journal=storage.changes,
        files=files,
    )


def _sidecars(
    storage: Storage,
    library: MediaLibrary,
    files: LocalFileOperations,
    pictures: Pictures,
    config: CurrentConfig,
) -> SidecarPlanner:
    spots = PictureSpots(files=files)
    return SidecarPlanner(
        series=storage.series,
        records=storage.files,
        metadata=storage.metadata,
        files=files,
        spots=spots,
        pictures=SeriesPictures(spots=spots, covers=pictures.covers),
        thumbs=EpisodeThumbs(
            spots=spots,
            covers=pictures.covers,
            library=library,
            inspector=pictures.inspector,
            config=config,
        ),
    )


def recycle_bin(
    storage: Storage, library: MediaLibrary, config: CurrentConfig, clock: Clock, data_dir: Path
) -> RecycleBin:
    """Return the limits of the recycle bin; the arguments are those of `library_changes`."""
    return RecycleBin(
        files=_files(library),
        journal=storage.changes,
        lock=FileChangeLock(data_dir),
        config=config,
        clock=clock,
    )


def playback(storage: Storage, library: MediaLibrary) -> Playback:
    """Return the files of episodes; it does not wait for changes that use the disk."""
    return Playback(series=storage.series, records=storage.files, files=_files(library))


def _files(library: MediaLibrary) -> LocalFileOperations:
    return LocalFileOperations(lambda: [library.root, *library.other_roots])
