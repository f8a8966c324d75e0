"""The server crashes while workers of other machines go on."""

import pytest

from aniworld_core.testing import make_claim, make_item, make_series
from aniworld_postgres import open_storage
from support.postgres_server import NoServerError, serve_postgres
from support.thorough import ONLY_THOROUGH

pytestmark = [pytest.mark.anyio, *ONLY_THOROUGH, pytest.mark.external_service]


async def test_a_claim_survives_a_crash_of_the_server() -> None:
    """A worker that goes on keeps its item: no other one can claim it after the crash."""
    try:
        # Commits that do not wait for the disk are lost in a crash.
        with serve_postgres({"wal_writer_delay": "10s"}) as server:
            async with open_storage(server.local_url("postgres")) as storage:
                await storage.series.add(make_series())
                await storage.queue.add([make_item()])
                claimed = await storage.queue.claim_next(make_claim())
                assert claimed is not None

                server.control("restart", "-m", "immediate")

                assert (await storage.queue.get(claimed.id)).claim == claimed.claim
    except NoServerError as reason:
        pytest.skip(str(reason))
