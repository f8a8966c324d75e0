"""A fault server and a way to fetch from it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from providers.faults.fetching import Fetching
from providers.faults.server import open_fault_server


@pytest.fixture
async def fetching(tmp_path: Path) -> AsyncIterator[Fetching]:
    """Open a fetcher and a fault server."""
    async with open_fault_server() as server:
        yield Fetching(server, tmp_path)
