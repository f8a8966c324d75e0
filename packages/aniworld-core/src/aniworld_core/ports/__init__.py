"""Ports: abstract classes for everything outside the core; their docstrings are the contract.

Rules for every port:

1. One call is one transaction. There is no unit of work; batch methods take sequences.
2. Arguments and results are frozen domain values, never rows, sessions or dicts.
3. Times are aware UTC and are passed as arguments; no adapter reads the clock.
4. Adapters raise only errors of `aniworld_core.errors`, with the cause chained. A value that the
   technology cannot hold, such as a text with NUL, is refused with `UsageError`; it is never cut.
5. A method is `async` if the adapter may wait; otherwise it is plain.
6. Every call can be cancelled; afterwards the state is that before or after the call.
7. Returned collections are snapshots in a documented order.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
    from aniworld_core.ports.accounts import AccountRepository
    from aniworld_core.ports.api_keys import ApiKeyRepository
    from aniworld_core.ports.budget import RequestBudget, spend_request, within_budget
    from aniworld_core.ports.bus import BusFactory, ProgressBus
    from aniworld_core.ports.change_journal import ChangeJournal
    from aniworld_core.ports.clock import Clock
    from aniworld_core.ports.config import ConfigStore, StoredDocument
    from aniworld_core.ports.config_documents import (
        ConfigDocument,
        ConfigDocuments,
        FormerDocument,
    )
    from aniworld_core.ports.context import AdapterContext, SharedObjects, Throttle
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
    from aniworld_core.ports.guesses import GuessCounter
    from aniworld_core.ports.history import HistoryRepository
    from aniworld_core.ports.inspector import InspectorFactory, MediaFacts, MediaInspector
    from aniworld_core.ports.jobs import JobRepository
    from aniworld_core.ports.library import FolderContents, MediaLibrary
    from aniworld_core.ports.library_files import LibraryFileRepository
    from aniworld_core.ports.loader import Breadth, ListLoader, Loader, LoaderFactory
    from aniworld_core.ports.media_server import (
        ChangedFolder,
        MediaServer,
        MediaServerFactory,
        MediaServerFacts,
    )
    from aniworld_core.ports.metadata import (
        MetadataRepository,
        MetadataSource,
        MetadataSourceFactory,
    )
    from aniworld_core.ports.nodes import Leadership, NodeRegistry
    from aniworld_core.ports.notification_services import (
        NotificationService,
        NotificationServices,
        ServiceField,
    )
    from aniworld_core.ports.notifier import Notifier, NotifierFactory
    from aniworld_core.ports.process_link import Notice, ProcessLink, Topic
    from aniworld_core.ports.queue import QueueRepository
    from aniworld_core.ports.resolver import ResolverFactory, StreamResolver
    from aniworld_core.ports.schedule import ScheduleRepository
    from aniworld_core.ports.scores import ScoreRepository
    from aniworld_core.ports.security import PasswordHasher, TokenCodec
    from aniworld_core.ports.series import SeriesRepository
    from aniworld_core.ports.sessions import SessionRepository
    from aniworld_core.ports.shared_state import SharedStateRepository
    from aniworld_core.ports.statistics import StatisticsRepository
    from aniworld_core.ports.storage import Storage, StorageFactory
    from aniworld_core.ports.tables import (
        ReaderFactory,
        Row,
        TableReader,
        TableWriter,
        WriterFactory,
    )
    from aniworld_core.ports.tasks import TaskRepository
    from aniworld_core.ports.versions import VersionRepository
    from aniworld_core.ports.workers import WorkerRoster

__all__ = [
    "AccountRepository",
    "AdapterContext",
    "ApiKeyRepository",
    "Breadth",
    "BusFactory",
    "ChangeJournal",
    "ChangedFolder",
    "Clock",
    "ConfigDocument",
    "ConfigDocuments",
    "ConfigStore",
    "CoverSource",
    "CoverSourceFactory",
    "FetchPlan",
    "FetchRequest",
    "FetchedFile",
    "FetcherFactory",
    "FileOperations",
    "FolderContents",
    "FormerDocument",
    "GuessCounter",
    "HistoryRepository",
    "InspectorFactory",
    "JobRepository",
    "Leadership",
    "LibraryFileRepository",
    "ListLoader",
    "Loader",
    "LoaderFactory",
    "MediaFacts",
    "MediaFetcher",
    "MediaInspector",
    "MediaLibrary",
    "MediaServer",
    "MediaServerFactory",
    "MediaServerFacts",
    "MetadataRepository",
    "MetadataSource",
    "MetadataSourceFactory",
    "NodeRegistry",
    "Notice",
    "NotificationService",
    "NotificationServices",
    "Notifier",
    "NotifierFactory",
    "OtherKind",
    "PasswordHasher",
    "ProcessLink",
    "ProgressBus",
    "ProgressCallback",
    "QueueRepository",
    "ReaderFactory",
    "RequestBudget",
    "ResolverFactory",
    "Row",
    "ScheduleRepository",
    "ScoreRepository",
    "SeriesRepository",
    "ServiceField",
    "SessionRepository",
    "SharedObjects",
    "SharedStateRepository",
    "StatisticsRepository",
    "Storage",
    "StorageFactory",
    "StoredDocument",
    "StreamResolver",
    "TableReader",
    "TableWriter",
    "TaskRepository",
    "Throttle",
    "TokenCodec",
    "Topic",
    "VersionRepository",
    "WorkerRoster",
    "WriterFactory",
    "spend_request",
    "within_budget",
]

__getattr__: Callable[[str], Any]
__dir__: Callable[[], list[str]]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "accounts": ("AccountRepository",),
        "api_keys": ("ApiKeyRepository",),
        "budget": ("RequestBudget", "spend_request", "within_budget"),
        "bus": ("BusFactory", "ProgressBus"),
        "change_journal": ("ChangeJournal",),
        "clock": ("Clock",),
        "config": ("ConfigStore", "StoredDocument"),
        "config_documents": ("ConfigDocument", "ConfigDocuments", "FormerDocument"),
        "context": ("AdapterContext", "SharedObjects", "Throttle"),
        "covers": ("CoverSource", "CoverSourceFactory"),
        "fetcher": (
            "FetchedFile",
            "FetcherFactory",
            "FetchPlan",
            "FetchRequest",
            "MediaFetcher",
            "OtherKind",
            "ProgressCallback",
        ),
        "file_operations": ("FileOperations",),
        "guesses": ("GuessCounter",),
        "history": ("HistoryRepository",),
        "jobs": ("JobRepository",),
        "inspector": ("InspectorFactory", "MediaFacts", "MediaInspector"),
        "library": ("FolderContents", "MediaLibrary"),
        "library_files": ("LibraryFileRepository",),
        "loader": ("Breadth", "ListLoader", "Loader", "LoaderFactory"),
        "media_server": (
            "ChangedFolder",
            "MediaServer",
            "MediaServerFactory",
            "MediaServerFacts",
        ),
        "metadata": ("MetadataRepository", "MetadataSource", "MetadataSourceFactory"),
        "notification_services": (
            "NotificationService",
            "NotificationServices",
            "ServiceField",
        ),
        "notifier": ("Notifier", "NotifierFactory"),
        "process_link": ("Notice", "ProcessLink", "Topic"),
        "queue": ("QueueRepository",),
        "resolver": ("ResolverFactory", "StreamResolver"),
        "schedule": ("ScheduleRepository",),
        "scores": ("ScoreRepository",),
        "security": ("PasswordHasher", "TokenCodec"),
        "series": ("SeriesRepository",),
        "sessions": ("SessionRepository",),
        "shared_state": ("SharedStateRepository",),
        "statistics": ("StatisticsRepository",),
        "storage": ("Storage", "StorageFactory"),
        "nodes": ("Leadership", "NodeRegistry"),
        "tables": ("ReaderFactory", "Row", "TableReader", "TableWriter", "WriterFactory"),
        "tasks": ("TaskRepository",),
        "versions": ("VersionRepository",),
        "workers": ("WorkerRoster",),
    },
)
