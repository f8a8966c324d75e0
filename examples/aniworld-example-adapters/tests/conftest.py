"""Fixtures of all tests."""

from pathlib import Path

import pytest
from aniworld_core.application.downloads import SharedThrottle
from aniworld_core.domain.configuration import Config
from aniworld_core.ports import AdapterContext
from aniworld_core.testing.fakes import FakeClock


@pytest.fixture
def anyio_backend() -> str:
    """Return the event loop of the page client."""
    return "asyncio"


@pytest.fixture
def context(tmp_path: Path) -> AdapterContext:
    """Return an adapter context as Aniworld passes it, which may reach a server on loopback."""
    return AdapterContext(
        config=Config(),
        data_dir=tmp_path,
        allowed_addresses=frozenset(),
        throttle=SharedThrottle(0),
        clock=FakeClock(),
        user_agent="Aniworld/0 (tests)",
    )
