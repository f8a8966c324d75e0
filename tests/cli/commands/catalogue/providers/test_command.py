"""`aniworld providers`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import pytest

from aniworld_core.domain.catalogue import Place, SourceScore
from aniworld_core.errors import (
    AniworldError,
    NeedsPersonError,
    NotYetAvailableError,
    ProviderChangedError,
    ProviderUnavailableError,
    SourceGoneError,
)
from aniworld_core.testing.fakes import FakeClock
from support.console import Console
from support.http_stage import open_server


def _by_name(console: Console) -> dict[str, Any]:
    answer = console("providers", "--json")
    assert answer.code == 0
    return {f"{view['kind']} {view['name']}": view for view in answer.json}


def test_a_catalogue_that_answers_is_ok(console: Console) -> None:
    """A catalogue that answers the test request is shown as ok."""
    views = _by_name(console)

    view = views["catalogue fake"]
    assert (view["site"], view["enabled"], view["status"]) == ("fake.invalid", True, "ok")
    assert (view["link"], view["hint"], view["hosters"]) == (None, None, [])
    assert len(console.loader.calls) == 1


def test_a_catalogue_that_does_not_answer_says_why(console: Console) -> None:
    """A catalogue that does not answer is listed with its reason; the command succeeds."""
    console.loader.error = NeedsPersonError("fake.invalid", "https://fake.invalid/check")

    view = _by_name(console)["catalogue fake"]

    assert view["status"] == "needs_person"
    assert view["link"] == "https://fake.invalid/check"
    assert "in a browser" in view["hint"]


@pytest.mark.parametrize(
    ("error", "state", "told"),
    [
        (NeedsPersonError("fake", "https://fake.invalid/check"), "blocked", "invalid/check"),
        (ProviderUnavailableError("fake", "the name x is not reachable"), "not reachable", "name"),
        (ProviderChangedError("fake", "the list of seasons"), "page changed", "list of seasons"),
        (SourceGoneError("the page"), "gone", "no longer"),
        (
            NotYetAvailableError("S01E01", ["ger-dub"], []),
            "not yet available",
            "S01E01 is not available in ger-dub",
        ),
    ],
)
def test_states_are_said_in_words(
    console: Console, error: AniworldError, state: str, told: str
) -> None:
    """States are shown as text with the missing part, adapter name or link."""
    console.loader.error = error

    row = console("providers").rows[0]

    assert row[3] == state
    assert told in row[4]


def test_what_is_installed_and_off_is_listed_as_well(console: Console) -> None:
    """Disabled providers are listed with a hint how to enable them."""
    view = _by_name(console)["catalogue demo"]

    assert (view["status"], view["enabled"]) == ("disabled", False)
    assert "providers.demo.enabled" in view["detail"]


def test_stream_providers_are_listed(console: Console) -> None:
    """Resolvers and fetchers are listed as well."""
    kinds = {view["kind"] for view in _by_name(console).values()}

    assert kinds == {"catalogue", "resolver", "fetcher"}


def test_the_document_is_that_of_the_server(console: Console, tmp_path: Path) -> None:
    """JSON has the fields and values of the REST interface."""

    async def over_http() -> Any:
        (tmp_path / "server").mkdir()
        async with open_server(tmp_path / "server", loaders=[console.loader]) as server:
            await server.call("POST", "/api/anime/search", {"query": "moon"})
            return (await server.json("GET", "/api/providers"))[1]

    console.adapters["clock"] = FakeClock()

    own = console("providers", "--json").json

    assert own == anyio.run(over_http)
    assert own[0]["last_asked_at"] is not None


def test_people_get_one_line_each(console: Console) -> None:
    """Each provider is one line with name, kind, site and status."""
    assert console("providers").rows[0][:4] == ["fake", "catalogue", "fake.invalid", "ok"]


def test_scores_of_hosters_are_shown(console: Console) -> None:
    """`--scores` shows attempts, successes, speed and the last failure without a request."""
    score = SourceScore(place=Place("fake", "VOE", "ger-dub"))
    now = datetime(2026, 11, 21, tzinfo=UTC)
    anyio.run(
        console.storage.scores.save, score.succeeded(2_000_000, now).failed("source_gone", now)
    )

    (view,) = console("providers", "--scores", "--json").json
    (row,) = console("providers", "--scores").rows

    assert (view["provider"], view["hoster"], view["language"]) == ("fake", "VOE", "ger-dub")
    assert (view["tries"], view["successes"], view["speed_mbps"]) == (2, 1, 16.0)
    assert row[:6] == ["fake", "VOE", "German Dub", "1", "2", "2.0 MB/s"]
    assert row[6].startswith("source_gone (2026-11-21")
    assert console.loader.calls == []


def test_without_scores_people_are_told_so(console: Console) -> None:
    """Without scores a message is printed instead of an empty table."""
    answer = console("providers", "--scores")

    assert (answer.code, answer.out) == (0, "")
    assert "no scores yet" in answer.err
