"""Fakes of the ports for tests: they do as little as their contract allows, and record calls."""

from aniworld_core.testing.fakes.covers import FakeCovers, make_cover, make_frame
from aniworld_core.testing.fakes.lists import FakeListLoader
from aniworld_core.testing.fakes.media_servers import FakeMediaServer
from aniworld_core.testing.fakes.metadata import FakeMetadataSource
from aniworld_core.testing.fakes.ports import (
    FakeClock,
    FakeFetcher,
    FakeHasher,
    FakeInspector,
    FakeLibrary,
    FakeLoader,
    FakeResolver,
    MemoryConfigStore,
    MemoryWorkerRoster,
    RecordingBus,
)

__all__ = [
    "FakeClock",
    "FakeCovers",
    "FakeFetcher",
    "FakeHasher",
    "FakeInspector",
    "FakeLibrary",
    "FakeListLoader",
    "FakeLoader",
    "FakeMediaServer",
    "FakeMetadataSource",
    "FakeResolver",
    "MemoryConfigStore",
    "MemoryWorkerRoster",
    "RecordingBus",
    "make_cover",
    "make_frame",
]
