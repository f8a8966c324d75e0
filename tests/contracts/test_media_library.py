"""Contract of media libraries."""

import hashlib
from pathlib import Path
from typing import cast

import pytest

from aniworld_core.adapters.library import ConfiguredLibrary, DirectoryLibrary, container_problem
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.domain.configuration import Config, OtherConfig
from aniworld_core.ports.library import MediaLibrary
from aniworld_core.testing.contracts.library import MediaLibraryContract
from aniworld_core.testing.fakes import FakeLibrary


class TestDirectoryLibrary(MediaLibraryContract):
    @pytest.fixture
    async def library(self, tmp_path: Path) -> MediaLibrary:
        """Return a library on disk."""
        root = tmp_path / "library"
        root.mkdir()
        return DirectoryLibrary(root)

    def put(self, library: MediaLibrary, file: str, content: bytes) -> None:
        """Write the file."""
        path = library.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def is_there(self, library: MediaLibrary, file: str) -> bool:
        """Return whether the file exists on disk."""
        return (library.root / file).exists()


class TestConfiguredLibrary(TestDirectoryLibrary):
    @pytest.fixture
    async def library(self, tmp_path: Path) -> MediaLibrary:
        """Return a library at the folder of the configuration."""
        root = tmp_path / "library"
        root.mkdir()
        return ConfiguredLibrary(
            CurrentConfig(Config(other=OtherConfig(anime_directory=str(root))))
        )


class TestFakeLibrary(MediaLibraryContract):
    @pytest.fixture
    async def library(self) -> MediaLibrary:
        """Return a library in memory."""
        return FakeLibrary()

    def put(self, library: MediaLibrary, file: str, content: bytes) -> None:
        """Store the file name."""
        fake = cast("FakeLibrary", library)
        fake.files[file] = container_problem(content)
        fake.stats[file] = (len(content), 0)
        fake.contents[file] = hashlib.sha256(content).hexdigest()
        if b'{"ledger":' in content:
            fake.ledgers.add(file)

    def is_there(self, library: MediaLibrary, file: str) -> bool:
        """Look into the notes."""
        return file in cast("FakeLibrary", library).files
