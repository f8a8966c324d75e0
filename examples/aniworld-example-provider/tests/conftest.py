"""Fixtures of all tests."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    """Return the event loop of the page client."""
    return "asyncio"
