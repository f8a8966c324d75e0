"""Identifying series over REST."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from aniworld_core.domain.catalogue import AirDate, MetadataEntry, RelatedEntry
from aniworld_core.errors import ProviderUnavailableError
from aniworld_core.testing import at
from aniworld_core.testing.factories import make_episode
from aniworld_core.testing.fakes import FakeMetadataSource
from support.http_library import KEY, open_library, other, titan
from support.http_stage import Server

pytestmark = pytest.mark.anyio

PATH = f"/api/anime/{KEY}/identify"


def entry(entry_id: str, title: str = "Attack on Titan", **changes: Any) -> MetadataEntry:
    """Return an entry of the source."""
    made = MetadataEntry(
        source="fake",
        id=entry_id,
        title=title,
        link=f"https://example.org/{entry_id}",
        fetched_at=at(0),
        aliases=(f"Alias {entry_id}",),
        year=2013,
        external_ids=(f"fake-{entry_id}", f"mal-{entry_id}"),
        poster_url=f"https://example.org/{entry_id}.jpg",
        air_dates=(AirDate(number=1, at=at(0) + timedelta(days=1)),),
    )
    return attrs.evolve(made, **changes)


@asynccontextmanager
async def identifying(
    folder: Path, *entries: MetadataEntry
) -> AsyncIterator[tuple[Server, FakeMetadataSource]]:
    """Serve a library with one metadata source."""
    source = FakeMetadataSource(entries=entries)
    async with open_library(folder, titan(), metadata_sources=[source]) as server:
        yield server, source


async def test_candidates_are_scored_and_nothing_is_stored(tmp_path: Path) -> None:
    """Without `candidates` no request is made to the source."""
    async with identifying(tmp_path, entry("1"), entry("2")) as (server, source):
        _, before = await server.json("GET", PATH)
        assert source.asked == []
        status, found = await server.json("GET", f"{PATH}?candidates=true")
        _, after = await server.json("GET", PATH)

    assert status == 200
    assert before == after
    assert [(r["source"], r["entry"], r["candidates"]) for r in before] == [("fake", None, [])]
    [result] = found
    assert {c["id"] for c in result["candidates"]} == {"fake:1", "fake:2"}
    assert all(0 < c["score"] <= 100 for c in result["candidates"])
    assert result["candidates"][0]["poster_url"].endswith(".jpg")


async def test_an_entry_is_chosen_and_forgotten(tmp_path: Path) -> None:
    """A chosen entry gives ids and aliases; forgetting it takes them back."""
    async with identifying(tmp_path, entry("1"), entry("2")) as (server, _):
        _, unsure = await server.json("POST", PATH)
        _, chosen = await server.json("POST", PATH, {"entry": "fake:2"})
        with_entry = await server.stage.storage.series.get(titan().key)
        _, stored = await server.json("GET", PATH)
        status, forgotten = await server.json("POST", PATH, {"forget": "fake"})
        without = await server.stage.storage.series.get(titan().key)

    assert unsure[0]["state"] == "unsure"
    assert chosen == stored
    assert (stored[0]["entry"]["id"], stored[0]["entry"]["chosen"]) == ("fake:2", True)
    assert {"fake-2", "mal-2"} <= set(with_entry.external_ids)
    assert "Alias 2" in with_entry.alternative_titles
    assert (status, forgotten[0]["entry"]) == (200, None)
    assert not {"fake-2", "mal-2"} & set(without.external_ids)
    assert "Alias 2" not in without.alternative_titles


async def test_a_sure_entry_needs_no_choice(tmp_path: Path) -> None:
    """An empty body identifies the series in every source."""
    async with identifying(tmp_path, entry("1"), entry("2", "Another")) as (server, _):
        _, [result] = await server.json("POST", PATH, {})

    assert (result["state"], result["entry"]["id"]) == ("identified", "fake:1")
    assert result["entry"]["chosen"] is False


async def test_a_failing_source_is_reported(tmp_path: Path) -> None:
    """Its error is part of the answer, in which the stored entry stays."""
    async with identifying(tmp_path, entry("1")) as (server, source):
        await server.json("POST", PATH, {"entry": "fake:1"})
        source.failure = ProviderUnavailableError("fake", "it is down")
        _, [result] = await server.json("GET", f"{PATH}?candidates=true")
        status, _ = await server.json("POST", PATH, {"entry": "fake:1"})

    assert (result["state"], result["entry"]["id"]) == ("failed", "fake:1")
    assert "down" in result["error"]["error"]
    assert status == 503


@pytest.mark.parametrize(
    ("body", "status", "pointers"),
    [
        ({"entry": "nowhere:1"}, 422, ["/entry"]),
        ({"entry": "fake"}, 422, ["/entry"]),
        ({"entry": "fake:1", "forget": "fake"}, 422, ["/forget"]),
        ({"forget": ""}, 422, ["/forget"]),
        ({"other": 1}, 422, ["/other"]),
        ({"entry": "fake:9"}, 404, []),
        ({"forget": "nowhere"}, 200, []),
    ],
)
async def test_a_wrong_choice_is_named(
    tmp_path: Path, body: dict[str, object], status: int, pointers: list[str]
) -> None:
    """Unknown sources are errors of the field; an unknown entry is not found."""
    async with identifying(tmp_path, entry("1")) as (server, _):
        answered, problem = await server.json("POST", PATH, body)
        unknown, _ = await server.json("POST", "/api/anime/nobody/identify", body)

    assert answered == status
    if pointers:
        assert [error["pointer"] for error in problem["errors"]] == pointers
    assert unknown == (
        status if pointers and status == 422 and body != {"entry": "nowhere:1"} else 404
    )


async def test_relatives_say_what_the_library_has(tmp_path: Path) -> None:
    """A sequel is a season of the series, another series of the library, or missing."""
    related = tuple(
        RelatedEntry(relation=relation, id=id_, title=id_, kind=kind, year=2014)
        for relation, id_, kind in (
            ("sequel", "2", "tv"),
            ("side_story", "3", "ova"),
            ("spin_off", "4", "tv"),
            ("character", "5", "tv"),
        )
    )
    back = RelatedEntry(relation="prequel", id="1", title="1", kind="tv")
    series = attrs.evolve(titan(), external_ids=("fake-1",))
    spin_off = other("junior-high", "Junior High", external_ids=("fake-4",))
    entries = (
        entry("1", kind="tv", episode_count=3, related=related),
        entry("2", "Second", kind="tv", episode_count=1, related=(back,)),
    )
    source = FakeMetadataSource(entries=entries)
    async with open_library(tmp_path, series, spin_off, metadata_sources=[source]) as server:
        await server.json("POST", PATH, {"entry": "fake:1"})
        asked = len(source.asked)
        status, found = await server.json("GET", f"/api/anime/{KEY}/related")
        unknown, _ = await server.json("GET", "/api/anime/nobody/related")

    assert (status, unknown) == (200, 404)
    assert len(source.asked) == asked
    assert [(r["relation"], r["id"], r["key"], r["season"]) for r in found] == [
        ("sequel", "fake:2", KEY, 2),
        ("side_story", "fake:3", None, None),
        ("spin_off", "fake:4", "junior-high", None),
    ]


async def test_a_series_that_is_added_again_keeps_its_air_dates(tmp_path: Path) -> None:
    """What has not aired is announced at once, not missing until the next scan."""
    solo = other("solo", "Solo", episodes=[make_episode(1), make_episode(2)])
    source = FakeMetadataSource()
    async with open_library(tmp_path, solo, metadata_sources=[source]) as server:
        soon = server.stage.clock.now() + timedelta(days=1)
        source.entries = [entry("1", "Solo", air_dates=(AirDate(number=2, at=soon),))]
        await server.json("POST", "/api/anime/solo/identify", {"entry": "fake:1"})
        await server.json("DELETE", "/api/anime/solo")
        _, again = await server.json("POST", "/api/anime/add", {"link": solo.link})

    assert again["created"] is True
    assert again["missing_episodes"] == {"1": [1]}
