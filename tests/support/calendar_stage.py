"""A server whose library has broadcasts and learned dub delays around the present."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from aniworld_core.domain.catalogue import (
    AirDate,
    MetadataEntry,
    Series,
    SeriesMetadata,
    Titles,
    VersionSeen,
)
from aniworld_core.domain.media import GER_DUB, GER_SUB
from aniworld_core.testing.factories import make_episode
from support.http_library import open_library, other, titan
from support.http_stage import Server

#: Hour of the broadcasts, after noon (UTC) of the first day of tests.
_HOURS = 3


def weekly(key: str, name: str) -> Series:
    """Return a weekly series of 15 episodes, of which the newest are not here."""
    episodes = [
        make_episode(
            number,
            titles=Titles(de=f"Folge {number}", en=f"Chapter {number}"),
            languages=frozenset({GER_SUB}),
            downloaded=number < 14,
            file=f"{name}/{number}.mkv" if number < 14 else None,
            file_language=GER_SUB if number < 14 else None,
            wanted=number != 14 or key != "show-1",
        )
        for number in range(1, 16)
    ]
    return other(key, name, episodes=episodes, languages=(GER_DUB, GER_SUB))


async def fill(server: Server, series: Series, days: int) -> None:
    """Store air dates, one a week; episode 15 airs some days after now, 16 and 17 follow."""
    now = server.stage.clock.now()

    def aired(number: int) -> datetime:
        return now + timedelta(days=days + 7 * (number - 15), hours=_HOURS)

    entry = MetadataEntry(
        source="tvmaze",
        id=series.key,
        title=series.name,
        link=f"https://example.org/{series.key}",
        fetched_at=now,
        air_dates=tuple(AirDate(number=n, at=aired(n), season=1) for n in range(1, 18)),
    )
    await server.stage.storage.metadata.save(SeriesMetadata(key=series.key, entry=entry))
    await server.stage.storage.versions.add(
        [
            VersionSeen(
                key=series.key,
                season=1,
                number=number,
                language=GER_DUB,
                at=aired(number) + timedelta(days=7 + number % 4),
            )
            for number in range(1, 13)
        ]
    )


@asynccontextmanager
async def open_calendar(folder: Path) -> AsyncIterator[Server]:
    """Serve a library with three weekly series and one without air dates."""
    names = ("Frieren", "Oshi no Ko", "The Apothecary Diaries")
    shows = [weekly(f"show-{number}", name) for number, name in enumerate(names)]
    async with open_library(folder, titan(), *shows) as server:
        for number, series in enumerate(shows):
            await fill(server, series, number)
        yield server
