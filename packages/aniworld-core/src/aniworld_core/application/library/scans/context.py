"""What every scan reads from and writes to."""

import attrs

from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.library import MediaLibrary
from aniworld_core.ports.library_files import LibraryFileRepository
from aniworld_core.ports.series import SeriesRepository


@attrs.frozen(kw_only=True)
class ScanContext:
    """Storage, library folders, configuration and clock of scans."""

    series: SeriesRepository
    files: LibraryFileRepository
    library: MediaLibrary
    config: CurrentConfig
    clock: Clock
