"""Adapters that commands without downloads open on first use."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from aniworld_core import AdapterNotFoundError, Settings, open_application
from aniworld_core.bootstrap import adapters, parts
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.fakes import FakeInspector, FakeLoader, MemoryConfigStore

pytestmark = pytest.mark.anyio


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Install adapters that note what happens to them; return the notes."""
    notes: list[str] = []

    @asynccontextmanager
    async def inspector(_context: object) -> AsyncIterator[FakeInspector]:
        notes.append("opened")
        yield FakeInspector()
        notes.append("closed")

    monkeypatch.setattr(parts, "adapter_distributions", lambda group: {"fake": group})
    monkeypatch.setattr(
        adapters,
        "load_adapters",
        lambda group: {"fake": inspector} if group == adapters.INSPECTORS else {},
    )
    return notes


async def test_the_inspector_is_opened_when_it_is_used(tmp_path: Path, opened: list[str]) -> None:
    """Without fetchers, the inspector opens with its first file, once, and is closed at the end."""
    async with open_application(
        Settings(data_dir=tmp_path),
        storage=MemoryStorage(),
        config_store=MemoryConfigStore(),
        loaders=[FakeLoader()],
        resolvers=(),
        fetchers=(),
        metadata_sources=(),
    ) as app:
        assert opened == []
        async with anyio.create_task_group() as tasks:
            for _ in range(2):
                tasks.start_soon(app.inspector.inspect, tmp_path / "a.mkv")
        assert opened == ["opened"]
    assert opened == ["opened", "closed"]


async def test_an_application_that_downloads_opens_the_inspector_at_once(
    tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With fetchers, a missing inspector is an error at start, not at the first file."""
    monkeypatch.setattr(adapters, "load_adapters", lambda _group: {})
    with pytest.raises(AdapterNotFoundError):
        async with open_application(
            Settings(data_dir=tmp_path),
            storage=MemoryStorage(),
            config_store=MemoryConfigStore(),
        ):
            raise AssertionError("it was opened")
    assert opened == []
