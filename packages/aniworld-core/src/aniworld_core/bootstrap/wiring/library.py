"""Use cases of the room library."""

from functools import cached_property

from aniworld_core.application import library as use_cases
from aniworld_core.bootstrap.wiring.catalogue import CatalogueUseCases


class LibraryUseCases(CatalogueUseCases):
    """Scan, adopt, identify and change what is on disk."""

    @cached_property
    def scanner(self) -> "use_cases.LibraryScanner":
        """Scan the library."""
        from aniworld_core.adapters.change_lock import FileChangeLock

        return use_cases.LibraryScanner(
            catalogue=self.catalogue,
            context=self._scan_context,
            bus=self.bus,
            lock=FileChangeLock(self.settings.data_dir),
            notes=self._scan_notes,
        )

    @cached_property
    def overview(self) -> "use_cases.LibraryOverview":
        """List the series with their sizes."""
        return use_cases.LibraryOverview(series=self.storage.series, files=self.storage.files)

    @cached_property
    def other_scans(self) -> "use_cases.OtherScans":
        """Scans of other processes."""
        return use_cases.OtherScans(
            shared=self.storage.shared,
            bus=self.bus,
            clock=self.clock,
            process=self._scan_notes.process,
        )

    @cached_property
    def adoptable(self) -> "use_cases.AdoptableFolders":
        """Folders of no series, with proposals."""
        return use_cases.AdoptableFolders(
            series=self.storage.series, library=self.library, catalogue=self.catalogue
        )

    @cached_property
    def adoption(self) -> "use_cases.Adoption":
        """Give folders to series."""
        return use_cases.Adoption(
            series=self.storage.series,
            library=self.library,
            existing=self.existing_folders,
            folders=self.adoptable,
            additions=self.series_addition,
            changes=self.changes,
        )

    @cached_property
    def attention(self) -> "use_cases.LibraryAttention":
        """Files that a person should look at."""
        return use_cases.LibraryAttention(
            files=self.storage.files,
            series=self.storage.series,
            adoptable=self.adoptable,
            clock=self.clock,
        )

    @cached_property
    def pins(self) -> "use_cases.FilePins":
        """Which episode a file is, said by hand."""
        return use_cases.FilePins(context=self._scan_context, on_disk=self.on_disk)

    @cached_property
    def contents(self) -> "use_cases.FileContents":
        """What files contain."""
        return use_cases.FileContents(
            context=self._scan_context, inspector=self.inspector, on_disk=self.on_disk
        )

    @cached_property
    def on_disk(self) -> "use_cases.SeriesOnDisk":
        """The files of one series, read now."""
        return use_cases.SeriesOnDisk(existing=self.existing_folders, context=self._scan_context)

    @cached_property
    def identification(self) -> "use_cases.Identification":
        """Find series at metadata sources."""
        return use_cases.Identification(
            sources=self._parts.metadata_sources,
            metadata=self.storage.metadata,
            series=self.storage.series,
            config=self.current_config,
            clock=self.clock,
        )

    @cached_property
    def changes(self) -> "use_cases.LibraryChanges":
        """Change files by plans that can be undone."""
        from aniworld_core.bootstrap.library_changes import Pictures, library_changes

        return library_changes(
            self.storage,
            self.library,
            Pictures(self.covers, self.inspector),
            self.current_config,
            self.bus,
            self.clock,
            self.settings.data_dir,
        )

    @cached_property
    def playback(self) -> "use_cases.Playback":
        """Files of episodes to play."""
        from aniworld_core.bootstrap.library_changes import playback

        return playback(self.storage, self.library)

    @cached_property
    def recycle_bin(self) -> "use_cases.RecycleBin":
        """Limits of the recycle bin."""
        from aniworld_core.bootstrap.library_changes import recycle_bin

        return recycle_bin(
            self.storage, self.library, self.current_config, self.clock, self.settings.data_dir
        )

    @cached_property
    def _scan_context(self) -> "use_cases.ScanContext":
        return use_cases.ScanContext(
            series=self.storage.series,
            files=self.storage.files,
            library=self.library,
            config=self.current_config,
            clock=self.clock,
        )

    @cached_property
    def _scan_notes(self) -> "use_cases.ScanNotes":
        return use_cases.ScanNotes(shared=self.storage.shared, clock=self.clock, outage=self.outage)
