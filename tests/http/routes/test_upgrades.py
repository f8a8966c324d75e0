"""Episodes that wait for a better file."""

from pathlib import Path
from typing import Any

import attrs
import pytest

from aniworld_core.domain.media import GER_DUB, GER_SUB
from support.http_library import KEY, open_library, titan

pytestmark = pytest.mark.anyio


async def test_waiting_episodes_are_listed_and_queued_with_the_reason(tmp_path: Path) -> None:
    """A queued one is marked, and its item says why it is in the queue."""
    series = titan()
    film, first, second, *rest = series.episodes
    held: dict[str, Any] = {
        "downloaded": True,
        "file_language": GER_SUB,
        "languages": frozenset({GER_DUB}),
    }
    series = attrs.evolve(
        series,
        episodes=(
            film,
            attrs.evolve(first, file="T/1.mkv", **held),
            attrs.evolve(second, file="T/2.mkv", **(held | {"languages": frozenset({GER_SUB})})),
            *rest,
        ),
    )
    async with open_library(tmp_path, series) as server:

        async def ask(query: str = "") -> list[dict[str, Any]]:
            status, answer = await server.json("GET", f"/api/library/upgrades{query}")
            assert status == 200
            return list(answer)

        listed = await ask()
        assert [(row["episode"], row["available_languages"]) for row in listed] == [
            (first.number, ["ger-dub"]),
            (second.number, []),
        ]
        assert [r["kind"] for r in listed[1]["reasons"]] == ["waits_for_language"]
        assert await ask("?offset=1&limit=1") == listed[1:]
        assert await ask(f"?series={KEY}") == listed

        status, answer = await server.json(
            "POST", "/api/library/upgrades/queue", {"key": KEY, "episodes": ["S01E01-E02"]}
        )
        assert status == 201
        (item,) = answer["items"]
        assert item["reason"]["kind"] == "better_language"
        assert item["reason"]["values"]["better_languages"] == ["ger-dub"]
        assert [row["queued"] for row in await ask()] == [True, False]
        (shown,) = (await server.json("GET", "/api/queue/items"))[1]
        assert shown["reason"] == item["reason"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"episodes": ["S01E01"]}, "/key"),
        ({"key": KEY, "episodes": ["S01E04-E02"]}, "/episodes"),
        ({"key": KEY, "episodes": ["S07E01"]}, "/episodes"),
    ],
)
async def test_a_wrong_choice_is_named(tmp_path: Path, body: dict[str, Any], pointer: str) -> None:
    """Episodes without a series, a backward range and an unknown episode queue nothing."""
    async with open_library(tmp_path, titan()) as server:
        status, answer = await server.json("POST", "/api/library/upgrades/queue", body)
        assert status == 422
        assert pointer in str(answer)
        assert (await server.json("GET", "/api/library/upgrades?series=nothing"))[0] == 404
