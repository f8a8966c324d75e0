"""`aniworld statistics`."""

import asyncio
from datetime import UTC, datetime

import pytest

from aniworld_core.domain.automation import DownloadResult
from support.console import Console


def test_statistics_are_printed_and_in_the_json_of_the_api(console: Console) -> None:
    """Weeks, languages and hosters are tables; the last row of the weeks is their sum."""
    empty = console("statistics", "--tz", "UTC")
    result = DownloadResult(
        at=datetime.now(UTC), hoster="One", language="jpn", is_success=True, bytes=10**9, seconds=8
    )
    asyncio.run(console.storage.statistics.count([result, result]))

    full = console("statistics", "--weeks", "3", "--tz", "UTC")
    view = console("statistics", "--weeks", "3", "--json").json

    assert "nothing was downloaded yet" in empty.err
    assert "needs sizes of 14 days" in empty.err
    assert full.rows[1:][3] == ["total", "2", "0", "2.0 GB"]
    assert ["jpn", "2", "2.0 GB"] in full.rows
    assert ["One", "2", "0", "100%", "125.0 MB/s"] in full.rows
    assert view["downloads"]["bytes"] == 2 * 10**9


def test_a_bad_zone_is_refused(console: Console) -> None:
    """Exit code 2 names the value."""
    answer = console("statistics", "--tz", "No/Where")

    assert answer.code == 2
    assert "No/Where" in answer.err


def test_the_forecast_is_german(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence about the disk is in the language of the reader."""
    monkeypatch.setenv("ANIWORLD_LANGUAGE", "de")

    assert console("statistics").err.startswith("eine Prognose der Platte braucht Größen von ")
