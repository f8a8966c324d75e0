"""Installed providers over REST."""

from pathlib import Path

import pytest

from aniworld_core.application.catalogue import THRESHOLD
from aniworld_core.domain.media import GER_DUB, MediaSource
from aniworld_core.errors import ProviderUnavailableError, SourceGoneError
from support.http_library import open_library, titan
from support.http_stage import Server

pytestmark = pytest.mark.anyio


async def named(server: Server, kind: str, name: str) -> dict[str, object]:
    """Return one provider of the list."""
    response = await server.call("GET", "/api/providers")
    assert response.status == 200
    providers = await response.json()
    assert response.headers["X-Total-Count"] == str(len(providers))
    return dict(next(p for p in providers if (p["kind"], p["name"]) == (kind, name)))


async def test_every_kind_is_listed_with_its_capabilities(tmp_path: Path) -> None:
    """Providers that are not open have a reason."""
    async with open_library(tmp_path, titan()) as server:
        catalogue = await named(server, "catalogue", "fake")
        assert (catalogue["status"], catalogue["site"]) == ("ok", "fake.invalid")
        assert catalogue["capabilities"] == ["search", "series", "episodes", "sources"]
        fetcher = await named(server, "fetcher", "fake")
        assert fetcher["capabilities"] == ["direct", "hls", "dash"]
        assert (await named(server, "resolver", "fake"))["capabilities"] == ["resolve"]
        demo = await named(server, "catalogue", "demo")
        assert (demo["enabled"], demo["status"]) == (False, "disabled")
        assert demo["last_asked_at"] is None


async def test_broken_providers_have_a_reason(tmp_path: Path) -> None:
    """A catalogue that could not be opened is in the list."""
    async with open_library(tmp_path) as server:
        server.stage.app.catalogue.loaders.broken["odd"] = "its address is wrong"  # type: ignore[index]
        odd = await named(server, "catalogue", "odd")
    assert (odd["status"], odd["detail"]) == ("broken", "its address is wrong")


async def test_results_of_hosters_are_listed(tmp_path: Path) -> None:
    """Attempts, successes, speed, last failure, and the state of the circuit breaker."""
    async with open_library(tmp_path) as server:
        app = server.stage.app
        source = MediaSource(
            provider="fake", hoster="VOE", url="https://x.invalid", language=GER_DUB
        )
        await app.scores.succeeded(source, 1_000_000)
        await app.scores.failed(source, SourceGoneError("x", "gone"))
        for _ in range(THRESHOLD):
            app.circuits.note("fake", ProviderUnavailableError("fake", "down"))
        catalogue = await named(server, "catalogue", "fake")
    assert catalogue["status"] == "resting"
    assert str(catalogue["left_alone_until"]).endswith("Z")
    assert str(catalogue["last_asked_at"]).endswith("Z")
    hosters = catalogue["hosters"]
    assert isinstance(hosters, list)
    assert hosters[0]["hoster"] == "VOE"
    assert (hosters[0]["tries"], hosters[0]["successes"]) == (2, 1)
    assert (hosters[0]["speed_mbps"], hosters[0]["last_failure"]) == (8.0, "source_gone")


async def test_nothing_is_told_without_a_token(tmp_path: Path) -> None:
    """A request without a token gets 401."""
    async with open_library(tmp_path) as server:
        assert (await server.call("GET", "/api/providers", token="")).status == 401
