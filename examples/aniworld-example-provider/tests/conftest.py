"""What all tests share."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    """The page client runs on asyncio."""
    return "asyncio"
