"""Faults F6 to F14 of direct files: each fetch ends as its row says."""

from datetime import UTC, datetime

import anyio
import pytest

from aniworld_core.domain.media import Stream
from aniworld_core.errors import LinkRefusedError
from aniworld_core.testing.waiting import PATIENCE
from providers.faults.direct_rows import FILM, OTHER, ROWS
from providers.faults.fetching import Fetching, digest
from providers.faults.server import FileFault, sequence, status

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("name", ROWS)
async def test_fault(fetching: Fetching, name: str) -> None:
    """The fetch ends as its row says: the right file or a typed error, never a wrong file."""
    row = ROWS[name]
    fetching.server.routes["/film"] = row.fault()

    with anyio.fail_after(PATIENCE):
        if row.error is not None:
            with pytest.raises(row.error):
                await fetching.fetch()
            assert fetching.films() == []
        else:
            assert row.whole is not None
            fetched = await fetching.fetch()
            assert fetched.path.read_bytes() == row.whole
            assert fetched.sha256 == digest(row.whole)
            assert fetched.verified is row.verified
            assert fetching.films() == [fetched.path]
            assert fetching.leftovers() == []

    assert len(fetching.server.log) <= row.most_requests
    assert fetching.server.sent() <= row.most_bytes * len(FILM)


async def test_waits_as_long_as_asked(fetching: Fetching) -> None:
    """No request is earlier than the server's `Retry-After`, in seconds or as a date."""
    date = "Sat, 21 Nov 2026 12:00:09 GMT"
    assert fetching.clock.now() == datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    fetching.server.routes["/film"] = sequence(
        status(503, ("Retry-After", date)), status(429, ("Retry-After", 4)), FileFault(body=FILM)
    )

    await fetching.fetch()

    assert len(fetching.clock.slept) == 2
    assert 9.0 <= fetching.clock.slept[0] <= 11.0
    assert 4.0 <= fetching.clock.slept[1] <= 5.0


async def test_expired_links_are_renewed(fetching: Fetching) -> None:
    """A link that serves once and breaks off is followed by as many fresh ones as it takes."""
    renewals = 0
    for number in range(8):
        fetching.server.routes[f"/signed/{number}"] = sequence(
            FileFault(body=FILM, cut=400_000), status(403)
        )

    async def renew() -> Stream:
        nonlocal renewals
        renewals += 1
        return fetching.stream(f"/signed/{renewals}")

    fetched = await fetching.fetch("/signed/0", renew=renew)

    assert fetched.sha256 == digest(FILM)
    assert renewals >= 5
    assert fetching.server.sent() <= 1.3 * len(FILM)


async def test_useless_renewals_end(fetching: Fetching) -> None:
    """Three fresh links that fail, too, end the transfer."""
    fetching.server.routes["/film"] = status(403)
    renewals = 0

    async def renew() -> Stream:
        nonlocal renewals
        renewals += 1
        return fetching.stream()

    with pytest.raises(LinkRefusedError):
        await fetching.fetch(renew=renew)

    assert renewals == 3


async def test_renewed_link_to_another_film(fetching: Fetching) -> None:
    """A fresh link to other bytes starts again instead of mixing two films."""
    fetching.server.routes["/film"] = sequence(
        FileFault(body=FILM, cut=700_001, etag=None), status(403)
    )
    fetching.server.routes["/other"] = FileFault(body=OTHER, etag=None)

    async def renew() -> Stream:
        return fetching.stream("/other")

    fetched = await fetching.fetch(renew=renew)

    assert fetched.sha256 == digest(OTHER)
