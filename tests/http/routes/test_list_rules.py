"""Filters and numbering of lists over REST."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from aniworld_core.domain.catalogue import Titles
from aniworld_core.messages import Message
from aniworld_core.testing import make_episode, make_series
from aniworld_core.testing.fakes import FakeListLoader, FakeLoader
from support.http_stage import Server, open_server

pytestmark = pytest.mark.anyio

LINK = "https://fake.invalid/channel"
TITLES = ("Folge 1", "Trailer", "Folge 2", "Folge 3")


@asynccontextmanager
async def open_lists(folder: Path) -> AsyncIterator[Server]:
    """Serve a library whose catalogue has a channel with four entries."""
    private = {"available": False, "unavailable": Message("entry_private"), "link": f"{LINK}/1"}
    episodes = [
        make_episode(n, titles=Titles(en=title), **(private if title == "Trailer" else {}))  # type: ignore[arg-type]
        for n, title in enumerate(TITLES, 1)
    ]
    series = make_series("channel", provider="fake", link=LINK, episodes=episodes)
    async with open_server(folder, loaders=[FakeListLoader([series])]) as server:
        yield server


async def test_filters_are_previewed_added_and_changed(tmp_path: Path) -> None:
    """A preview changes nothing; a change keeps the numbers and shows why an entry is missing."""
    async with open_lists(tmp_path) as server:
        rules = {"include": ["folge"], "newest": 2}
        body = {"link": LINK, "list_rules": rules}
        status, preview = await server.json("POST", "/api/anime/list-preview", body)
        assert status == 200
        assert (preview["total"], preview["taken"]) == (4, 2)
        assert preview["left_out"] == {"title": 1, "newest": 1}
        assert [entry["episode"] for entry in preview["entries"]] == [3, 4]
        await server.json("POST", "/api/anime/preview", {"link": LINK})
        assert server.stage.loader.calls[-1] == "peek channel"
        assert await server.json("GET", "/api/anime") == (200, [])

        status, added = await server.json("POST", "/api/anime/add", body)
        assert status == 201
        assert [e["code"] for e in added["episodes"]] == ["S01E03", "S01E04"]
        assert added["list_rules"] == added["list_rules"] | rules | {"order": "uploaded"}

        change = {"list_rules": {"exclude": ["folge"]}}
        status, changed = await server.json("PATCH", "/api/anime/channel", change)
        (episode,) = changed["episodes"]
        assert (status, episode["code"], episode["link"]) == (200, "S01E02", f"{LINK}/1")
        assert episode["unavailable"]["kind"] == "entry_private"
        status, all_entries = await server.json("PATCH", "/api/anime/channel", {"list_rules": None})
        assert (status, len(all_entries["episodes"])) == (200, 4)


@pytest.mark.parametrize(
    ("rules", "place"),
    [
        ({"published_from": "2024-02-30"}, "/list_rules/published_from"),
        ({"min_seconds": 60, "max_seconds": 30}, "/list_rules/max_seconds"),
        ({"include": [" "]}, "/list_rules/include/0"),
        ({"newest": 0}, "/list_rules/newest"),
        ({"seasons": "month"}, "/list_rules/seasons"),
        ({"unknown": 1}, "/list_rules/unknown"),
    ],
)
async def test_wrong_rules_name_their_field(
    tmp_path: Path, rules: dict[str, object], place: str
) -> None:
    """Preview, addition and change refuse the same values."""
    async with open_lists(tmp_path) as server:
        await server.json("POST", "/api/anime/add", {"link": LINK})
        for method, path, more in (
            ("POST", "/api/anime/list-preview", {"link": LINK}),
            ("POST", "/api/anime/add", {"link": LINK}),
            ("PATCH", "/api/anime/channel", {}),
        ):
            status, problem = await server.json(method, path, {**more, "list_rules": rules})
            assert status == 422
            assert [error["pointer"] for error in problem["errors"]] == [place]


async def test_a_catalogue_without_lists_takes_no_filters(tmp_path: Path) -> None:
    """The error names the catalogue; nothing is added."""
    loader = FakeLoader([make_series("channel", provider="fake", link=LINK)])
    async with open_server(tmp_path, loaders=[loader]) as server:
        for path in ("add", "list-preview"):
            body = {"link": LINK, "list_rules": {"newest": 1}}
            status, problem = await server.json("POST", f"/api/anime/{path}", body)
            assert status == 422
            assert "fake has no lists" in problem["errors"][0]["detail"]
        assert await server.json("GET", "/api/anime") == (200, [])
