"""AniList and TVmaze, against fakes of their documented answers."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web

from aniworld_core.domain.catalogue import EpisodeDetails, SeasonDetails
from aniworld_core.domain.configuration import ProviderConfig
from aniworld_core.errors import (
    ProviderChangedError,
    ProviderUnavailableError,
)
from aniworld_core.ports.metadata import MetadataSource
from aniworld_core.testing.contracts.metadata import MetadataSourceContract
from aniworld_core.testing.fakes import FakeMetadataSource
from aniworld_providers.metadata import open_anilist, open_tvmaze
from support.adapter_context import JumpingClock, make_context
from support.sites.metadata import MetadataSite, make_media, make_show, open_metadata_site

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site() -> AsyncIterator[MetadataSite]:
    async with open_metadata_site() as site:
        site.media = [make_media(16498, "Alpha"), make_media(5, "Beta")]
        site.shows = [make_show(919, "Alpha"), make_show(6, "Beta", externals={})]
        yield site


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
async def anilist(
    site: MetadataSite, tmp_path: Path, clock: JumpingClock
) -> AsyncIterator[MetadataSource]:
    context = make_context(tmp_path, clock=clock, anilist=ProviderConfig(base_url=site.url))
    async with open_anilist(context) as source:
        yield source


@pytest.fixture
async def tvmaze(
    site: MetadataSite, tmp_path: Path, clock: JumpingClock
) -> AsyncIterator[MetadataSource]:
    context = make_context(tmp_path, clock=clock, tvmaze=ProviderConfig(base_url=site.url))
    async with open_tvmaze(context) as source:
        yield source


class TestAniList(MetadataSourceContract):
    @pytest.fixture
    async def source(self, anilist: MetadataSource) -> MetadataSource:
        """Return AniList."""
        return anilist

    @pytest.fixture
    def present(self) -> str:
        """Return the id of the entry."""
        return "16498"

    @pytest.fixture
    def title(self) -> str:
        """Return its title."""
        return "Alpha"


class TestTvMaze(MetadataSourceContract):
    @pytest.fixture
    async def source(self, tvmaze: MetadataSource) -> MetadataSource:
        """Return TVmaze."""
        return tvmaze

    @pytest.fixture
    def present(self) -> str:
        """Return the id of the entry."""
        return "919"

    @pytest.fixture
    def title(self) -> str:
        """Return its title."""
        return "Alpha"


class TestFake(MetadataSourceContract):
    @pytest.fixture
    async def source(self, anilist: MetadataSource) -> MetadataSource:
        """Return the fake with an entry of AniList."""
        return FakeMetadataSource(entries=[await anilist.get("16498")], called="anilist")

    @pytest.fixture
    def present(self) -> str:
        """Return the id of the entry."""
        return "16498"

    @pytest.fixture
    def title(self) -> str:
        """Return its title."""
        return "Alpha"


async def test_anilist_facts(anilist: MetadataSource) -> None:
    """All facts are read; markup and links of other schemes are dropped."""
    entry = await anilist.get("16498")

    assert entry.all_titles == ("Alpha", "Alpha EN", "アルファ", "Alpha Other")
    assert (entry.kind, entry.status, entry.quarter) == ("tv", "releasing", "spring")
    assert (entry.year, entry.episode_count) == (2013, 3)
    assert [(d.season, d.number) for d in entry.air_dates] == [(None, 1), (None, 3)]
    assert entry.description == "One\ntwo & three"
    assert entry.external_ids == ("anilist-16498", "mal-17498")
    assert (entry.poster_url, entry.banner_url) == ("https://img.example/p.jpg", None)
    assert [(r.relation, r.id) for r in entry.related] == [("sequel", "77")]
    assert [(e.season, e.number, e.title, e.picture_url) for e in entry.details.episodes] == [
        (None, 1, "", "https://img.example/e1.jpg"),
        (None, 2, "Zwei", "https://img.example/e2.jpg"),
    ]
    found = await anilist.find({"mal": "1005"})
    assert found is not None
    assert found.title == "Beta"


async def test_tvmaze_facts(tvmaze: MetadataSource) -> None:
    """Seasons, air dates and ids are read; lookup by id follows the redirect."""
    entry = await tvmaze.find({"imdb": "tt2560140"})

    assert entry is not None
    assert (entry.id, entry.year, entry.status) == ("919", 2013, "releasing")
    assert [(d.season, d.number) for d in entry.air_dates] == [(1, 1), (2, 1)]
    assert entry.external_ids == ("tvmaze-919", "tvdb-267440", "imdb-tt2560140")
    assert entry.description == "One\ntwo"
    assert entry.details.seasons == (
        SeasonDetails(number=1, poster_url="https://img.example/s1.jpg"),
        SeasonDetails(number=2, title="Two", description="More"),
    )
    assert entry.details.episodes == (
        EpisodeDetails(
            season=1,
            number=1,
            title="One",
            description="It begins.",
            minutes=25,
            picture_url="https://img.example/1m.jpg",
            external_id="tvmaze-4952",
        ),
        EpisodeDetails(season=2, number=1),
    )


def _site_time(hours: int, seconds: int) -> dict[str, str]:
    """Return the headers of a site whose clock differs, with a limit that ends in some seconds."""
    theirs = JumpingClock().time + timedelta(hours=hours)
    reset = str(int(theirs.timestamp()) + seconds)
    return {"Date": format_datetime(theirs, usegmt=True), "X-RateLimit-Reset": reset}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "42"}, 42),
        ({}, 60),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "0"}, 60),
        (_site_time(0, 30), 30),
        (_site_time(3, 30), 30),
        (_site_time(-3, 30), 30),
        ({**_site_time(0, 30), "Date": "yesterday"}, 30),
    ],
)
@pytest.mark.parametrize("status", [429, 200])
async def test_rate_limit(
    anilist: MetadataSource,
    site: MetadataSite,
    clock: JumpingClock,
    headers: dict[str, str],
    seconds: int,
    status: int,
) -> None:
    """A refusal, also with status 200 or without header, holds back requests until its end."""
    errors = {"data": None, "errors": [{"message": "Too Many Requests.", "status": 429}]}
    site.following = [web.json_response(errors, status=status, headers=headers)]

    with pytest.raises(ProviderUnavailableError) as refused:
        await anilist.get("5")

    assert refused.value.retry_after == timedelta(seconds=seconds)
    with pytest.raises(ProviderUnavailableError):
        await anilist.get("5")
    assert len(site.asked) == 1
    clock.time += timedelta(seconds=seconds)
    assert (await anilist.get("5")).title == "Beta"


async def test_requests_are_spaced_by_the_stated_limit(
    anilist: MetadataSource, clock: JumpingClock
) -> None:
    """Ninety requests take at least three minutes at 30 requests a minute."""
    start = clock.time
    for _ in range(90):
        await anilist.get("5")

    assert clock.time - start >= timedelta(seconds=178)


@pytest.mark.parametrize("hours", [-3, 3])
async def test_a_clock_that_is_set_does_not_stop_requests(
    anilist: MetadataSource, clock: JumpingClock, hours: int
) -> None:
    """Whether it jumps ahead or back, the next request waits for seconds, not for hours."""
    await anilist.get("5")
    clock.time += timedelta(hours=hours)

    assert (await anilist.get("5")).title == "Beta"
    assert sum(clock.slept) < 5


async def test_no_remaining_requests(
    anilist: MetadataSource, site: MetadataSite, clock: JumpingClock
) -> None:
    """`X-RateLimit-Remaining: 0` holds back the next request before it is refused."""
    body = {"data": {"Media": make_media(5, "Beta")}}
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Limit": "30"}
    site.following = [web.json_response(body, headers=headers)]

    assert (await anilist.get("5")).title == "Beta"
    with pytest.raises(ProviderUnavailableError):
        await anilist.get("5")
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    "body",
    [
        '{"errors": [{"message": "Syntax", "status": 400}]}',
        '{"data": null}',
        "[]",
        "<html>hello</html>",
        '{"errors": [{"message": 5}], "data": {"Media": null}}',
        '{"errors": [{"message": "x", "status": [429]}]}',
        '{"errors": [{"message": "x", "status": {"code": 404}}, {"status": null}]}',
        '{"errors": "Too Many Requests", "data": []}',
        '{"data": {"Media": null}, "errors": [{"message": "Internal Server Error"}]}',
    ],
)
async def test_unusable_answers(anilist: MetadataSource, site: MetadataSite, body: str) -> None:
    """Errors with status 200 and other unusable answers are reported as such."""
    site.following = [web.Response(text=body)]

    with pytest.raises(ProviderChangedError):
        await anilist.get("5")


@pytest.mark.parametrize(
    "changes",
    [
        {"title": {"romaji": "A" * 5000, "english": 7, "native": None}},
        {"title": {"romaji": "A\u202e\x00B\n"}, "synonyms": "no list"},
        {"idMal": "x", "episodes": -1, "startDate": None, "seasonYear": 10**20},
        {"aired": {"nodes": [{"episode": 1, "airingAt": 10**18}, 3]}, "relations": []},
        {"coverImage": {"extraLarge": "file:///etc/passwd"}, "studios": None, "genres": [1]},
    ],
)
async def test_hostile_fields(
    anilist: MetadataSource, site: MetadataSite, changes: dict[str, object]
) -> None:
    """A field of another type or size is dropped or cut, and the entry stays usable."""
    site.media = [make_media(5, "Beta", **changes)]

    entry = await anilist.get("5")

    assert entry.title
    assert all(len(title) <= 300 and title.isprintable() for title in entry.all_titles)


@pytest.mark.parametrize(
    ("episode", "at"),
    [
        # A television day of Japan ends late at night, and Europe changes its clocks meanwhile.
        ({"airstamp": "2026-10-25T01:30:00+09:00"}, datetime(2026, 10, 24, 16, 30, tzinfo=UTC)),
        ({"airstamp": "2026-10-25T02:30:00+02:00"}, datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ({"airstamp": "2026-10-25T02:30:00+01:00"}, datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ({"airdate": "2026-03-29"}, datetime(2026, 3, 29, 12, tzinfo=UTC)),
        ({"airstamp": "2026-03-29", "airdate": "x"}, datetime(2026, 3, 29, 12, tzinfo=UTC)),
        ({"airdate": "20260329"}, datetime(2026, 3, 29, 12, tzinfo=UTC)),
        ({"airdate": "2026-13-29"}, None),
        ({"airstamp": "9999-12-31T23:59:59-14:00", "airdate": ""}, None),
        ({"airdate": "9999-12-31"}, datetime(9999, 12, 31, 12, tzinfo=UTC)),
    ],
)
async def test_air_dates(
    tvmaze: MetadataSource, site: MetadataSite, episode: dict[str, str], at: datetime | None
) -> None:
    """Times keep their zone; a day without a time is that day in nearly every zone."""
    show = make_show(9, "Gamma")
    show["_embedded"]["episodes"] = [{"season": 1, "number": 1, **episode}]
    site.shows = [show]

    entry = await tvmaze.get("9")

    assert [date.at for date in entry.air_dates] == ([] if at is None else [at])
    for zone in ("America/Los_Angeles", "Europe/Berlin", "Asia/Tokyo"):
        if at is not None and "airdate" in episode:
            assert at.astimezone(ZoneInfo(zone)).date() == at.date()
