"""Browse lists, and catalogues that raise unexpected errors."""

from datetime import UTC, date, datetime
from pathlib import Path

import attrs
import pytest

from aniworld_core.domain.catalogue import BrowseEntry, BrowseListName, SeriesMatch, arranged
from aniworld_core.domain.configuration import ProviderConfig, ServerConfig
from aniworld_core.domain.identity import EpisodeRef, FolderName, SeriesKey
from aniworld_core.domain.media import GER_DUB, Language, MediaSource
from aniworld_core.errors import (
    BrowseListNotFoundError,
    ProviderFaultError,
    ProviderUnavailableError,
    UnknownProviderError,
)
from aniworld_core.testing.factories import make_episode, make_series
from aniworld_core.testing.fakes import FakeLoader
from support.application_stage import open_stage

pytestmark = pytest.mark.anyio

POPULAR, NEW, CALENDAR = BrowseListName.POPULAR, BrowseListName.NEW, BrowseListName.CALENDAR


def entry(
    key: str, provider: str = "fake", day: int | None = None, hour: int | None = None
) -> BrowseEntry:
    return BrowseEntry(
        key=SeriesKey(key),
        name=key.title(),
        site=f"{provider}.invalid",
        provider=provider,
        link=f"https://{provider}.invalid/{key}",
        day=date(2026, 11, day) if day else None,
        at=datetime(2026, 11, day, hour, tzinfo=UTC) if day and hour else None,
    )


def two_loaders() -> tuple[FakeLoader, FakeLoader]:
    one = FakeLoader(stock={POPULAR: [entry("a"), entry("b")], CALENDAR: [entry("c", day=21)]})
    other = FakeLoader(
        name="other",
        site="other.invalid",
        stock={POPULAR: [entry("d", "other")], NEW: [entry("e", "other")]},
    )
    return one, other


async def test_every_catalogue_with_the_browse_list_is_queried(tmp_path: Path) -> None:
    """Every catalogue with the list is queried in order, or only the named one."""
    async with open_stage(tmp_path, loaders=two_loaders()) as stage:
        browse = stage.app.catalogue.browse

        assert [e.key for e in await browse(POPULAR)] == ["a", "b", "d"]
        assert [e.key for e in await browse(POPULAR, provider="other")] == ["d"]
        assert [e.key for e in await browse(CALENDAR)] == ["c"]


async def test_an_unknown_browse_list_is_not_found(tmp_path: Path) -> None:
    """An unknown list and an unknown catalogue are different errors."""
    async with open_stage(tmp_path, loaders=two_loaders()[:1]) as stage:
        browse = stage.app.catalogue.browse

        with pytest.raises(BrowseListNotFoundError, match="fake"):
            await browse(NEW)
        with pytest.raises(BrowseListNotFoundError):
            await browse(NEW, provider="fake")
        with pytest.raises(UnknownProviderError):
            await browse(NEW, provider="nobody")


async def test_a_catalogue_that_fails_takes_nothing_from_the_others(tmp_path: Path) -> None:
    """A failing catalogue is reported; it is an error only if all fail."""
    one, other = two_loaders()
    one.error = ProviderUnavailableError("fake", "it sleeps")
    told: list[str] = []
    async with open_stage(tmp_path, loaders=[one, other]) as stage:
        found = await stage.app.catalogue.browse(
            POPULAR, on_failure=lambda name, _: told.append(name)
        )
        with pytest.raises(ProviderUnavailableError):
            await stage.app.catalogue.browse(CALENDAR)

    assert ([e.key for e in found], told) == (["d"], ["fake"])


def test_browse_lists_are_sorted() -> None:
    """A calendar is ascending, new episodes are descending; no date comes last."""
    days = [entry("x"), entry("b", day=22), entry("a", day=21), entry("c", day=21, hour=9)]

    assert [e.key for e in arranged(CALENDAR, days)] == ["c", "a", "b", "x"]
    assert [e.key for e in arranged(NEW, days)] == ["b", "a", "c", "x"]
    assert [e.key for e in arranged(POPULAR, days)] == ["x", "b", "a", "c"]


class _Mistaken(FakeLoader):
    """A catalogue that raises a TypeError."""

    async def search(self, query: str) -> list[SeriesMatch]:
        raise KeyError("title")


async def test_a_mistake_in_a_catalogue_takes_nothing_from_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An unexpected error is reported like any failure, and its traceback is logged."""
    mistaken = _Mistaken(name="new-one", site="new-one.invalid")
    titan = make_series(name="Titan", provider="fake", site="fake.invalid")
    told: list[str] = []
    async with open_stage(tmp_path, loaders=[mistaken, FakeLoader([titan])]) as stage:
        hits = await stage.app.catalogue.search(
            "titan", on_failure=lambda _, error: told.append(str(error))
        )
        with pytest.raises(ProviderFaultError):
            await stage.app.catalogue.search("titan", provider="new-one")
        (trouble,) = stage.app.circuits.last_failures("new-one")

    assert [hit.provider for hit in hits] == ["fake"]
    assert told == ["the adapter of new-one has a bug: KeyError: 'title'"]
    assert "Traceback" in caplog.text
    assert trouble.kind == "provider_fault"


@attrs.define(eq=False)
class _HalfDead(FakeLoader):
    """A catalogue with two servers, one of which does not answer."""

    async def get_sources(
        self, episode: EpisodeRef, language: Language, ref: str = ""
    ) -> tuple[MediaSource, ...]:
        await self._ask(f"get_sources {episode.series_key}")
        if "attic" in ref:
            raise ProviderUnavailableError("fake", "the attic is down")
        return (self._source(episode, language),)


async def test_downloads_from_one_server_do_not_wait_for_another(tmp_path: Path) -> None:
    """Each server has a circuit breaker of its own."""
    loader = _HalfDead()
    servers = tuple(ServerConfig(name=n, base_url=f"http://{n}:8096") for n in ("attic", "cellar"))
    async with open_stage(tmp_path, loaders=[loader]) as stage:
        config = stage.app.current_config
        config.value = attrs.evolve(
            config.value, providers={"fake": ProviderConfig(servers=servers)}
        )
        for host in ("attic", "cellar"):
            series = make_series(
                SeriesKey(f"series-{host}"),
                name=host,
                provider="fake",
                folder=FolderName(host),
                link=f"http://{host}:8096/web",
                provider_ref=f"{host}|1",
                episodes=[make_episode(n, languages=frozenset({GER_DUB})) for n in range(1, 6)],
            )
            await stage.storage.series.add(series)
            loader.series.append(series)
            await stage.app.queue.enqueue(series.key, missing=True)

        report = await stage.app.worker.drain()

        assert len(report.completed) == 5
        assert len(report.waiting) == 5
        assert list(stage.app.circuits.open_circuits()) == ["fake at attic:8096"]
        assert sum("series-attic" in call for call in loader.calls) == 3
