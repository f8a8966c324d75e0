"""Series with missing episodes, and what becomes of these."""

from pathlib import Path

import attrs
import pytest

from aniworld_core.domain.downloads import DownloadStatus
from aniworld_core.domain.identity import EpisodeRef, SeriesKey
from aniworld_core.testing.factories import make_failure, make_item
from support.http_library import KEY, open_library, other, titan

pytestmark = pytest.mark.anyio


async def test_every_row_says_what_becomes_of_its_episodes(tmp_path: Path) -> None:
    """Queued and failed episodes are counted once each, with the reason of the newest failure."""
    complete = other("c", "Complete")
    complete = attrs.evolve(
        complete, episodes=tuple(attrs.evolve(e, wanted=False) for e in complete.episodes)
    )
    async with open_library(tmp_path, titan(), other("b", "Bravo"), complete) as server:
        queue = server.stage.storage.queue
        first, second = (EpisodeRef(SeriesKey(KEY), 1, number) for number in (1, 2))
        old, new = make_failure(message="gone"), make_failure("http_status", message="HTTP 404")
        failed = DownloadStatus.FAILED
        await queue.add(
            [
                make_item(1, episode=first, failure=old, status=failed),
                make_item(2, episode=second, failure=new, status=failed),
                make_item(3, episode=second, failure=old, status=failed),
                make_item(4, episode=EpisodeRef(SeriesKey(KEY), 2, 1)),
                make_item(5, episode=first),
            ]
        )

        response = await server.call("GET", "/api/library/wanted?limit=1")
        rows = await response.json()

        assert response.headers["X-Total-Count"] == "2"
        (row,) = rows
        assert row["series"]["key"] == KEY
        assert row["series"]["missing_episodes"] == {"0": [1], "1": [1, 2], "2": [1]}
        assert (row["queued"], row["failed"]) == (2, 1)
        assert row["failure"]["kind"] == old.kind
        _, rows = await server.json("GET", "/api/library/wanted?search=RAVO&sort=missing")
        assert [(r["series"]["key"], r["queued"], r["failure"]) for r in rows] == [("b", 0, None)]
        _, rows = await server.json("GET", "/api/library/wanted?offset=2")
        assert rows == []
