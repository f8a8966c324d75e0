"""Wrong passwords at one server count at the others."""

from collections.abc import AsyncIterator

import pytest

from aniworld_core.ports.guesses import GuessCounter
from aniworld_core.ports.storage import Storage
from aniworld_core.testing.contracts.guesses import GuessCounterContract
from aniworld_postgres import open_storage
from support.postgres_server import PostgresServer
from support.thorough import ONLY_THOROUGH

pytestmark = [*ONLY_THOROUGH, pytest.mark.external_service]


class TestPostgresGuessCounter(GuessCounterContract):
    @pytest.fixture
    def counter(self, storage: Storage) -> GuessCounter:
        """Return an empty counter."""
        assert storage.guesses is not None
        return storage.guesses

    @pytest.fixture
    async def observer(
        self, server: PostgresServer, counter: GuessCounter
    ) -> AsyncIterator[GuessCounter]:
        """Return the counter of another machine."""
        async with open_storage(server.local_url("postgres")) as other:
            yield other.guesses
