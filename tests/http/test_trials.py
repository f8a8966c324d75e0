"""Settings tried out before they are kept."""

from pathlib import Path

import pytest

from http_stage import open_server

pytestmark = pytest.mark.anyio

PREVIEW = "/api/config/naming-preview"


async def test_names_are_shown_before_they_are_used(tmp_path: Path) -> None:
    """Given templates are tried over the configured ones, and nothing is kept."""
    async with open_server(tmp_path) as server:
        status, body = await server.json("POST", PREVIEW, {"episode": "{code} {title}"})
        _, config = await server.json("GET", "/api/config")
    assert status == 200
    assert "Attack on Titan (2013)/Season 01/S01E05 Erste Schlacht.mp4" in body["paths"]
    assert config["naming"]["episode"] != "{code} {title}"


async def test_a_wrong_template_is_blamed_on_its_field(tmp_path: Path) -> None:
    """A template with an unknown placeholder is 422, with a pointer to it."""
    async with open_server(tmp_path) as server:
        status, body = await server.json("POST", PREVIEW, {"season_folder": "{sesaon}"})
    assert status == 422
    assert [error["pointer"] for error in body["errors"]] == ["/season_folder"]


async def test_a_trial_tells_of_each_address(tmp_path: Path) -> None:
    """Without an address nobody is told."""
    async with open_server(tmp_path) as server:
        status, body = await server.json("POST", "/api/notifications/test")
    assert (status, body) == (200, {"results": []})
