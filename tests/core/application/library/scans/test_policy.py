"""What a scan asks of catalogues, and when it stops asking."""

from pathlib import Path

import attrs
import pytest

from aniworld_core.application.catalogue import THRESHOLD
from aniworld_core.application.library import in_turn
from aniworld_core.application.library.scans import policy as scan_policy
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.configuration import ProviderConfig, ServerConfig
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.errors import NeedsPersonError, ProviderUnavailableError
from aniworld_core.ports.budget import RequestBudget, spend_request, within_budget
from aniworld_core.testing.factories import make_episode, make_series
from aniworld_core.testing.fakes import FakeLoader
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio


class GreedyLoader(FakeLoader):
    """Asks its site three times for each series."""

    async def get_series(self, key: SeriesKey, ref: str = "") -> Series:
        """Spend three requests, then answer."""
        for _ in range(3):
            spend_request(self.name)
        return await super().get_series(key, ref)


def _series(count: int) -> list[Series]:
    return [
        make_series(
            f"series-{number:03}",
            folder=FolderName(f"Series {number}"),
            provider="fake",
            link=f"https://fake.invalid/series-{number:03}",
            episodes=[make_episode(1)],
        )
        for number in range(count)
    ]


async def _known(stage: Stage, count: int) -> None:
    for series in _series(count):
        await stage.storage.series.add(series)
        stage.loader.series.append(series)


async def test_each_known_series_is_asked_for_once(tmp_path: Path) -> None:
    """A scan with nothing new is one question per series."""
    async with open_stage(tmp_path) as stage:
        await _known(stage, 30)

        report = await stage.app.scanner.scan()

        assert len(stage.loader.calls) == len(set(stage.loader.calls)) == 30
        assert report.failures == {}


async def test_a_scan_has_a_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When it is used up the rest is left for the next time, and the report says so."""
    monkeypatch.setattr(scan_policy, "EXTRA_REQUESTS", 10)
    async with open_stage(tmp_path, loaders=[GreedyLoader()]) as stage:
        await _known(stage, 20)

        report = await stage.app.scanner.scan()

        # 20 + 10 requests are enough for ten series of three requests each.
        assert len(report.failures) == 10
        assert {failure.kind for failure in report.failures.values()} == {"request_budget"}
        assert stage.app.circuits.open_circuits() == {}


async def test_a_site_that_wants_a_person_is_not_asked_on(tmp_path: Path) -> None:
    """After some refusals every other series of the site is left alone, with the link to open."""
    async with open_stage(tmp_path) as stage:
        await _known(stage, 20)
        stage.loader.error = NeedsPersonError("fake.invalid", "https://fake.invalid/check")

        report = await stage.app.scanner.scan()

        assert len(stage.loader.calls) == scan_policy.REFUSALS
        links = [failure.link for failure in report.failures.values()]
        assert links == ["https://fake.invalid/check"] * 20


async def test_a_dead_site_is_left_alone(tmp_path: Path) -> None:
    """A scan trips the circuit that downloads look at, and searches respect it as well."""
    async with open_stage(tmp_path) as stage:
        await _known(stage, 20)
        stage.loader.error = ProviderUnavailableError("fake", "it is down")

        report = await stage.app.scanner.scan()

        assert len(stage.loader.calls) == THRESHOLD
        assert len(report.failures) == 20
        assert set(stage.app.circuits.open_circuits()) == {"fake"}
        with pytest.raises(ProviderUnavailableError, match="times in a row"):
            await stage.app.catalogue.search("series")
        assert len(stage.loader.calls) == THRESHOLD


async def test_servers_of_one_catalogue_have_circuits_of_their_own(tmp_path: Path) -> None:
    """One server that is switched off takes nothing from the others."""
    async with open_stage(tmp_path) as stage:
        one, other = (
            attrs.evolve(series, link=f"http://{host}/web")
            for series, host in zip(_series(2), ("attic:8096", "cellar:8096"), strict=True)
        )
        assert stage.app.catalogue.place_of(one) == stage.app.catalogue.place_of(other) == "fake"
        servers = tuple(ServerConfig(name=n, base_url=f"http://{n}:8096") for n in ("a", "b"))
        config = stage.app.current_config
        config.value = attrs.evolve(
            config.value, providers={"fake": ProviderConfig(servers=servers)}
        )

        assert stage.app.catalogue.place_of(one) == "fake at attic:8096"
        assert stage.app.catalogue.place_of(other) == "fake at cellar:8096"


def test_every_hour_another_series_comes_first() -> None:
    """Every series is checked at some time."""
    series = _series(3)

    firsts = [in_turn(series, hour)[0].key for hour in range(4)]

    assert firsts == ["series-000", "series-001", "series-002", "series-000"]
    assert set(in_turn(series, 2)) == set(series)
    assert list(in_turn([], 5)) == []


def test_a_budget_counts_only_what_it_was_made_for() -> None:
    """Outside of any work, and for other catalogues, nothing is counted."""
    budget = RequestBudget({"fake": 1})
    spend_request("fake")

    with within_budget(budget):
        spend_request("other")
        spend_request("fake")

    assert (budget.left("fake"), budget.left("other")) == (0, None)
