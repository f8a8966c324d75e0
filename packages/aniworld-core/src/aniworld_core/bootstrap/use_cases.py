"""The use cases of one open application.

Their types are imported for type checkers only, so that a program that imports this package
starts fast.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from aniworld_core.application.automation import (
        FileInspection,
        LibraryWatch,
        NotificationSender,
        OtherProcesses,
        ReleaseCalendar,
        ReleaseWatch,
        RescanSchedule,
        ScanRunner,
        SidecarWriter,
    )
    from aniworld_core.application.catalogue import (
        Catalogue,
        CircuitBreakers,
        Covers,
        HosterScores,
        ProviderSurvey,
        SeriesAddition,
    )
    from aniworld_core.application.configuration import ConfigEditor, CurrentConfig, DatabaseCopies
    from aniworld_core.application.downloads import (
        DownloadQueue,
        DownloadWorker,
        ItemRemoval,
        Leftovers,
        LegacyImport,
        LibraryActions,
        QueueReader,
        QueueSwitch,
        SharedThrottle,
        Upgrades,
    )
    from aniworld_core.application.library import (
        AdoptableFolders,
        Adoption,
        FileContents,
        FilePins,
        Identification,
        LibraryAttention,
        LibraryChanges,
        LibraryScanner,
        RecycleBin,
    )
    from aniworld_core.application.storage_outage import StorageOutage
    from aniworld_core.bootstrap.settings import Settings
    from aniworld_core.ports.bus import ProgressBus
    from aniworld_core.ports.clock import Clock
    from aniworld_core.ports.fetcher import MediaFetcher
    from aniworld_core.ports.inspector import MediaInspector
    from aniworld_core.ports.library import MediaLibrary
    from aniworld_core.ports.resolver import StreamResolver
    from aniworld_core.ports.storage import Storage


@attrs.frozen(kw_only=True, repr=False)
class Application:
    """The use cases of one library, and the ports that a front end may need."""

    settings: "Settings"
    catalogue: "Catalogue"
    series_addition: "SeriesAddition"
    adoptable: "AdoptableFolders"
    adoption: "Adoption"
    attention: "LibraryAttention"
    pins: "FilePins"
    contents: "FileContents"
    inspection: "FileInspection"
    identification: "Identification"
    covers: "Covers"
    library_actions: "LibraryActions"
    item_removal: "ItemRemoval"
    scanner: "LibraryScanner"
    scans: "ScanRunner"
    watch: "LibraryWatch"
    schedule: "RescanSchedule"
    calendar: "ReleaseCalendar"
    releases: "ReleaseWatch"
    queue: "DownloadQueue"
    queue_reader: "QueueReader"
    upgrades: "Upgrades"
    worker: "DownloadWorker"
    switch: "QueueSwitch"
    others: "OtherProcesses"
    config: "ConfigEditor"
    current_config: "CurrentConfig"
    throttle: "SharedThrottle"
    circuits: "CircuitBreakers"
    scores: "HosterScores"
    providers: "ProviderSurvey"
    outage: "StorageOutage"
    notifications: "NotificationSender"
    sidecars: "SidecarWriter"
    copies: "DatabaseCopies"
    legacy: "LegacyImport"
    changes: "LibraryChanges"
    recycle_bin: "RecycleBin"
    leftovers: "Leftovers"
    storage: "Storage"
    library: "MediaLibrary"
    bus: "ProgressBus"
    clock: "Clock"
    resolvers: "Sequence[StreamResolver]"
    fetchers: "Sequence[MediaFetcher]"
    inspector: "MediaInspector"

    def __repr__(self) -> str:
        """Return the data folder only, because the configuration contains secrets."""
        return f"<Application {str(self.settings.data_dir)!r}>"
