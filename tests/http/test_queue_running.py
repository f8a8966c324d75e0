"""REST and WebSocket report the same state of the worker."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest

from aniworld_core.application.actors import current_actor
from aniworld_core.domain.downloads import Claim, DownloadItem
from aniworld_core.errors import StorageUnavailableError
from aniworld_core.testing.fakes import FakeClock
from aniworld_core.testing.waiting import PATIENCE
from aniworld_http.queue_runner import QUEUE_RUNNER
from support.socket_stage import SocketServer, open_sockets

pytestmark = pytest.mark.anyio


class PausedClock(FakeClock):
    """Clock that sleeps until cancelled and reports the start of the sleep."""

    asleep: anyio.Event

    async def sleep(self, delay: timedelta) -> None:
        """Sleep until cancelled."""
        self.asleep.set()
        await anyio.sleep_forever()


async def _told(server: SocketServer) -> set[object]:
    _, status = await server.json("GET", "/api/queue/status")
    _, summary = await server.json("GET", "/api/queue/summary")
    listener = await server.listen()
    (snapshot,) = await listener.join("downloads")
    return {status["is_running"], summary["is_running"], snapshot["data"]["is_running"]}


async def test_rest_and_websocket_report_the_same_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the start, while the database is unavailable, and after the stop."""

    async def refuse(_queue: Any, _claim: Claim, *, only: object) -> DownloadItem | None:
        raise StorageUnavailableError("it is locked")

    clock = PausedClock()
    clock.asleep = anyio.Event()
    async with open_sockets(tmp_path, clock=clock) as server:
        monkeypatch.setattr(type(server.stage.storage.queue), "claim_next", refuse)
        before = await _told(server)
        runner = server.app[QUEUE_RUNNER]
        await runner.start()
        with anyio.fail_after(PATIENCE):
            await clock.asleep.wait()
        resting = await _told(server)
        assert not server.stage.app.worker.is_running
        await runner.stop()
        after = await _told(server)

    assert (before, resting, after) == ({False}, {True}, {False})


async def test_who_starts_the_worker_does_not_ask_for_what_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the history the changes of a worker that a person started are those of the program."""
    actors: list[tuple[str, str]] = []
    asked = anyio.Event()

    async def note(_queue: Any, _claim: Claim, *, only: object) -> DownloadItem | None:
        actors.append(current_actor())
        asked.set()
        return None

    async with open_sockets(tmp_path) as server:
        await server.app[QUEUE_RUNNER].stop()
        monkeypatch.setattr(type(server.stage.storage.queue), "claim_next", note)
        await server.json("POST", "/api/queue/start")
        with anyio.fail_after(PATIENCE):
            await asked.wait()

    assert set(actors) == {("program", "")}
