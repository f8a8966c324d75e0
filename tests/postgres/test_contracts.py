"""The contract suites of all storages, on PostgreSQL."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from hypothesis import settings

from aniworld_core.adapters.shared_config_store import SharedConfigStore
from aniworld_core.ports.change_journal import ChangeJournal
from aniworld_core.ports.config import ConfigStore
from aniworld_core.ports.storage import Storage, StorageFactory
from aniworld_core.testing.contracts.accounts import AccountRepositoryContract
from aniworld_core.testing.contracts.api_keys import ApiKeyRepositoryContract
from aniworld_core.testing.contracts.change_journal import ChangeJournalContract
from aniworld_core.testing.contracts.config import ConfigStoreContract, SharedConfigContract
from aniworld_core.testing.contracts.history import HistoryRepositoryContract
from aniworld_core.testing.contracts.jobs import JobRepositoryContract
from aniworld_core.testing.contracts.library_files import LibraryFileRepositoryContract
from aniworld_core.testing.contracts.listing import QueueListingContract
from aniworld_core.testing.contracts.metadata import MetadataRepositoryContract
from aniworld_core.testing.contracts.process_link import ProcessLinkContract
from aniworld_core.testing.contracts.queue import QueueRepositoryContract
from aniworld_core.testing.contracts.schedule import ScheduleRepositoryContract
from aniworld_core.testing.contracts.scores import ScoreRepositoryContract
from aniworld_core.testing.contracts.series import SeriesRepositoryContract
from aniworld_core.testing.contracts.sessions import SessionRepositoryContract
from aniworld_core.testing.contracts.shared_state import SharedStateRepositoryContract
from aniworld_core.testing.contracts.shared_storage import (
    MachinesContract,
    SharedStorageContract,
    StorageProcessesContract,
)
from aniworld_core.testing.contracts.statistics import StatisticsRepositoryContract
from aniworld_core.testing.contracts.storage import RoundTripContract, StorageContract
from aniworld_core.testing.contracts.tasks import TaskRepositoryContract
from aniworld_core.testing.contracts.versions import VersionRepositoryContract
from aniworld_postgres import PostgresStorage
from aniworld_postgres import open_storage as open_postgres
from support.postgres_server import PostgresServer
from support.thorough import ONLY_THOROUGH

pytestmark = [*ONLY_THOROUGH, pytest.mark.external_service]


class Repository:
    """Gives a suite the repository of this name."""

    name = ""

    @pytest.fixture
    def repository(self, storage: Storage) -> Any:
        """Return the empty repository."""
        return getattr(storage, self.name)


class TestAccounts(Repository, AccountRepositoryContract):
    name = "accounts"


class TestApiKeys(Repository, ApiKeyRepositoryContract):
    name = "api_keys"


class TestHistory(Repository, HistoryRepositoryContract):
    name = "history"


class TestJobs(Repository, JobRepositoryContract):
    name = "jobs"


class TestLibraryFiles(Repository, LibraryFileRepositoryContract):
    name = "files"


class TestMetadata(Repository, MetadataRepositoryContract):
    name = "metadata"


class TestQueue(Repository, QueueRepositoryContract):
    name = "queue"


class TestSchedule(Repository, ScheduleRepositoryContract):
    name = "schedule"


class TestScores(Repository, ScoreRepositoryContract):
    name = "scores"


class TestSeries(Repository, SeriesRepositoryContract):
    name = "series"


class TestSessions(Repository, SessionRepositoryContract):
    name = "sessions"


class TestSharedState(Repository, SharedStateRepositoryContract):
    name = "shared"


class TestStatistics(Repository, StatisticsRepositoryContract):
    name = "statistics"


class TestTasks(Repository, TaskRepositoryContract):
    name = "tasks"


class TestVersions(Repository, VersionRepositoryContract):
    name = "versions"


class TestChanges(ChangeJournalContract):
    @pytest.fixture
    def journal(self, storage: Storage) -> ChangeJournal:
        """Return an empty journal."""
        return storage.changes


class TestQueueListing(QueueListingContract):
    pass


class TestStorage(StorageContract):
    pass


class TestRoundTrips(RoundTripContract):
    """With fewer examples than SQLite: each is several round trips to the server."""

    test_every_series_is_returned_unchanged = settings(max_examples=20)(
        RoundTripContract.test_every_series_is_returned_unchanged
    )
    test_every_item_is_returned_unchanged = settings(max_examples=20)(
        RoundTripContract.test_every_item_is_returned_unchanged
    )
    test_every_session_is_returned_unchanged = settings(max_examples=20)(
        RoundTripContract.test_every_session_is_returned_unchanged
    )


class TestConfigStore(ConfigStoreContract):
    @pytest.fixture
    async def store(self, storage: PostgresStorage) -> ConfigStore:
        """Return the empty store of the database."""
        return SharedConfigStore(storage.configuration)


class Shared:
    @pytest.fixture
    def url(self, server: PostgresServer, template: str) -> Iterator[str]:
        """Return the URL of a new database with empty tables."""
        server.execute(f"CREATE DATABASE shared TEMPLATE {template}")
        yield server.local_url("shared")
        server.execute("DROP DATABASE shared WITH (FORCE)")

    @pytest.fixture
    def open_storage(self) -> StorageFactory:
        """Return the function behind `DATABASE_URL=postgresql:…`."""
        return open_postgres


class TestSharedStorage(Shared, SharedStorageContract):
    @pytest.fixture
    def unreachable_url(self) -> str:
        """Return the URL of a port where nothing listens."""
        return "postgresql://someone:secret@127.0.0.1:1/aniworld"


class TestMachines(Shared, MachinesContract):
    pass


class TestProcessLink(Shared, ProcessLinkContract):
    pass


class TestSharedConfig(Shared, SharedConfigContract):
    @pytest.fixture
    async def stores(self, url: str) -> AsyncIterator[tuple[ConfigStore, ConfigStore]]:
        """Return the store of the database as two machines open it."""
        async with open_postgres(url) as ours, open_postgres(url) as theirs:
            yield SharedConfigStore(ours.configuration), SharedConfigStore(theirs.configuration)


class TestStorageProcesses(Shared, StorageProcessesContract):
    pass
