"""Jobs of yt-dlp for one host follow each other with a pause."""

from datetime import datetime, timedelta

import anyio
import pytest

from aniworld_core.errors import ProviderUnavailableError, SourceGoneError
from aniworld_core.messages import Message
from aniworld_providers.ytdlp import HostPace
from support.adapter_context import JumpingClock

pytestmark = pytest.mark.anyio


async def test_concurrent_jobs_of_a_host_take_turns() -> None:
    """They never run at the same time, and a pause is between two; other hosts do not wait."""
    clock = JumpingClock()
    pace = HostPace(clock=clock, pause=lambda host: timedelta(seconds=10))
    running: list[str] = []
    starts: dict[str, list[datetime]] = {"a": [], "b": []}

    async def job(host: str) -> None:
        async with pace.turn(host, host):
            assert host not in running
            running.append(host)
            starts[host].append(clock.now())
            await anyio.lowlevel.checkpoint()
            running.remove(host)

    async with anyio.create_task_group() as tasks:
        for host in ("a", "b", "a", "a"):
            tasks.start_soon(job, host)

    gaps = [b - a for a, b in zip(starts["a"], starts["a"][1:], strict=False)]
    assert all(gap >= timedelta(seconds=10) for gap in gaps)
    assert starts["b"] == [starts["a"][0]]


@pytest.mark.parametrize(
    ("asked", "waits"),
    [(None, [60, 120, 240]), (timedelta(seconds=7), [7, 7, 7]), (timedelta(days=9), [86400] * 3)],
)
async def test_a_rate_limit_holds_jobs_back(asked: timedelta | None, waits: list[int]) -> None:
    """For the time that the site asks for, at most a day, else for a doubled minute."""
    clock = JumpingClock()
    pace = HostPace(clock=clock, pause=lambda host: timedelta())
    for wait in waits:
        async with pace.turn("a", "A"):
            pass
        limit = ProviderUnavailableError("A", Message("http_status", status=429), retry_after=asked)
        noted = pace.noted("a", limit)
        assert isinstance(noted, ProviderUnavailableError)
        assert noted.retry_after == timedelta(seconds=wait)
        with pytest.raises(ProviderUnavailableError, match="A is not available"):
            async with pace.turn("a", "A"):
                pass
        async with pace.turn("b", "B"):
            pass
        clock.time += timedelta(seconds=wait)


async def test_other_errors_hold_nothing_back() -> None:
    """A missing video or a server error says nothing about the rate; success ends a backoff."""
    clock = JumpingClock()
    pace = HostPace(clock=clock, pause=lambda host: timedelta())
    gone = SourceGoneError("x")
    broken = ProviderUnavailableError("A", Message("http_status", status=503))
    assert pace.noted("a", gone) is gone
    assert pace.noted("a", broken) is broken
    limit = ProviderUnavailableError("A", Message("site_asked_for_pause"))
    assert pace.noted("a", limit) is not limit
    assert pace.noted("a", None) is None
    async with pace.turn("a", "A"):
        pass
