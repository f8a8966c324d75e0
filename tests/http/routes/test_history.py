"""The history over REST: filters, and whether its series still exist."""

from pathlib import Path

import pytest

from aniworld_core.domain.automation import Actor, ActorKind, HistoryEntry, HistoryKind
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.ports.history import HistoryRepository
from aniworld_core.testing import at
from support.http_library import KEY, open_library, titan

pytestmark = pytest.mark.anyio


async def test_entries_know_whether_the_library_has_their_series(tmp_path: Path) -> None:
    """The entries of a removed series stay, and say that there is no page to link to."""
    async with open_library(tmp_path, titan()) as server:
        await note(server.stage.storage.history, KEY, number=1)
        await note(server.stage.storage.history, "gone", number=1)

        _, entries = await server.json("GET", "/api/history?kind=completed")

    found = {entry["key"]: entry["is_in_library"] for entry in entries}
    assert found == {KEY: True, "gone": False}


async def test_the_history_of_one_episode(tmp_path: Path) -> None:
    """Season and number select the entries of an episode; numbers have limits."""
    async with open_library(tmp_path, titan()) as server:
        for number in (1, 2):
            await note(server.stage.storage.history, KEY, number=number)

        _, entries = await server.json("GET", f"/api/history?key={KEY}&season=1&episode=2")
        refused, _ = await server.json("GET", "/api/history?episode=-1")

    assert [entry["episode"] for entry in entries] == [2]
    assert refused == 422


async def note(history: HistoryRepository, key: str, *, number: int) -> None:
    """Store that an episode is complete."""
    entry = HistoryEntry(
        kind=HistoryKind.COMPLETED,
        at=at(0),
        by=Actor(ActorKind.PROGRAM),
        title=key,
        key=SeriesKey(key),
        season=1,
        number=number,
    )
    await history.add([entry])
