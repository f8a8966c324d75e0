"""Ports: abstract classes for everything outside the core; their docstrings are the contract.

Rules for every port:

1. One call is one transaction. There is no unit of work; batch methods take sequences.
2. Arguments and results are frozen domain values, never rows, sessions or dicts.
3. Times are aware UTC and are passed as arguments; no adapter reads the clock.
4. Adapters raise only errors of `aniworld_core.errors`, with the cause chained.
5. A method is `async` if the adapter may wait; otherwise it is plain.
6. Every call can be cancelled; afterwards the state is that before or after the call.
7. Returned collections are snapshots in a documented order.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aniworld_core.ports.api_keys import ApiKeyRepository
    from aniworld_core.ports.budget import RequestBudget, spend_request, within_budget
    from aniworld_core.ports.bus import BusFactory, ProgressBus
    from aniworld_core.ports.change_journal import ChangeJournal
    from aniworld_core.ports.clock import Clock
    from aniworld_core.ports.config import ConfigStore
    from aniworld_core.ports.context import AdapterContext, Throttle
    from aniworld_core.ports.covers import CoverSource, CoverSourceFactory
    from aniworld_core.ports.fetcher import (
        FetchedFile,
        FetcherFactory,
        FetchPlan,
        FetchRequest,
        MediaFetcher,
        OtherKind,
        ProgressCallback,
    )
    from aniworld_core.ports.file_operations import FileOperations
    from aniworld_core.ports.inspector import InspectorFactory, MediaFacts, MediaInspector
    from aniworld_core.ports.library import FolderContents, MediaLibrary
    from aniworld_core.ports.library_files import LibraryFileRepository
    from aniworld_core.ports.loader import Breadth, Loader, LoaderFactory
    from aniworld_core.ports.metadata import (
        MetadataRepository,
        MetadataSource,
        MetadataSourceFactory,
    )
    from aniworld_core.ports.notifier import Notifier, NotifierFactory
    from aniworld_core.ports.queue import QueueRepository
    from aniworld_core.ports.resolver import ResolverFactory, StreamResolver
    from aniworld_core.ports.schedule import ScheduleRepository
    from aniworld_core.ports.scores import ScoreRepository
    from aniworld_core.ports.security import PasswordHasher, TokenCodec
    from aniworld_core.ports.series import SeriesRepository
    from aniworld_core.ports.sessions import SessionRepository
    from aniworld_core.ports.shared_state import SharedStateRepository
    from aniworld_core.ports.storage import Storage, StorageFactory
    from aniworld_core.ports.versions import VersionRepository
    from aniworld_core.ports.workers import WorkerRoster

#: Module of each name. They are imported on first use: a process that needs one port, such as the
#: one that writes films, would start a third of a second later with all of them.
_MODULES = {
    "AdapterContext": "context",
    "ApiKeyRepository": "api_keys",
    "Breadth": "loader",
    "BusFactory": "bus",
    "ChangeJournal": "change_journal",
    "Clock": "clock",
    "ConfigStore": "config",
    "CoverSource": "covers",
    "CoverSourceFactory": "covers",
    "FetchedFile": "fetcher",
    "FetcherFactory": "fetcher",
    "FetchPlan": "fetcher",
    "FetchRequest": "fetcher",
    "FileOperations": "file_operations",
    "FolderContents": "library",
    "InspectorFactory": "inspector",
    "LibraryFileRepository": "library_files",
    "Loader": "loader",
    "LoaderFactory": "loader",
    "MediaFacts": "inspector",
    "MediaFetcher": "fetcher",
    "MediaInspector": "inspector",
    "MediaLibrary": "library",
    "MetadataRepository": "metadata",
    "MetadataSource": "metadata",
    "MetadataSourceFactory": "metadata",
    "Notifier": "notifier",
    "NotifierFactory": "notifier",
    "OtherKind": "fetcher",
    "PasswordHasher": "security",
    "ProgressBus": "bus",
    "ProgressCallback": "fetcher",
    "QueueRepository": "queue",
    "RequestBudget": "budget",
    "ResolverFactory": "resolver",
    "ScheduleRepository": "schedule",
    "ScoreRepository": "scores",
    "SeriesRepository": "series",
    "SessionRepository": "sessions",
    "SharedStateRepository": "shared_state",
    "spend_request": "budget",
    "Storage": "storage",
    "StorageFactory": "storage",
    "StreamResolver": "resolver",
    "Throttle": "context",
    "TokenCodec": "security",
    "VersionRepository": "versions",
    "within_budget": "budget",
    "WorkerRoster": "workers",
}

__all__ = [
    "AdapterContext",
    "ApiKeyRepository",
    "Breadth",
    "BusFactory",
    "ChangeJournal",
    "Clock",
    "ConfigStore",
    "CoverSource",
    "CoverSourceFactory",
    "FetchPlan",
    "FetchRequest",
    "FetchedFile",
    "FetcherFactory",
    "FileOperations",
    "FolderContents",
    "InspectorFactory",
    "LibraryFileRepository",
    "Loader",
    "LoaderFactory",
    "MediaFacts",
    "MediaFetcher",
    "MediaInspector",
    "MediaLibrary",
    "MetadataRepository",
    "MetadataSource",
    "MetadataSourceFactory",
    "Notifier",
    "NotifierFactory",
    "OtherKind",
    "PasswordHasher",
    "ProgressBus",
    "ProgressCallback",
    "QueueRepository",
    "RequestBudget",
    "ResolverFactory",
    "ScheduleRepository",
    "ScoreRepository",
    "SeriesRepository",
    "SessionRepository",
    "SharedStateRepository",
    "Storage",
    "StorageFactory",
    "StreamResolver",
    "Throttle",
    "TokenCodec",
    "VersionRepository",
    "WorkerRoster",
    "spend_request",
    "within_budget",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(_import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
