"""Covers are selected by series, never by address."""

from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import pytest

from aniworld_core.domain.catalogue import SeriesMatch
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import CoverNotFoundError, SeriesNotFoundError
from aniworld_core.testing.factories import make_series
from aniworld_core.testing.fakes import FakeCovers, FakeLoader, make_cover
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio
COVER = make_cover()
URL = "https://pictures.example/a.png"


class OwnServerLoader(FakeLoader):
    """A catalogue with covers on a server of its own."""

    @property
    def cover_reach(self) -> frozenset[str]:
        """Return the address of the server."""
        return frozenset({"127.0.0.1:4242"})


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Return an application with that catalogue."""
    async with open_stage(tmp_path, loaders=[OwnServerLoader()]) as opened:
        opened.covers.covers = {URL: COVER}
        yield opened


async def keep(stage: Stage, cover_url: str | None, *, provider: str = "fake") -> SeriesKey:
    """Store a series in the library."""
    series = make_series("kept", cover_url=cover_url, provider=provider)
    await stage.storage.series.add(series)
    return series.key


def hit(number: int, url: str | None = URL) -> SeriesMatch:
    """Return a search hit."""
    return SeriesMatch(
        key=SeriesKey(f"hit-{number}"),
        name="Hit",
        site="fake.invalid",
        provider="fake",
        link=f"https://fake.invalid/hit-{number}",
        cover_url=url,
    )


async def test_a_series_of_the_library_has_the_cover_of_its_catalogue(stage: Stage) -> None:
    """The cover is requested with the reach of its catalogue only."""
    key = await keep(stage, URL)

    assert await stage.app.covers.of_series(key) == COVER
    (asked,) = stage.covers.asked
    assert (asked.provider, asked.reach) == ("fake", frozenset({"127.0.0.1:4242"}))


async def test_a_series_of_a_catalogue_that_is_off_keeps_its_cover(stage: Stage) -> None:
    """For a disabled catalogue only cached covers and public addresses are used."""
    key = await keep(stage, URL, provider="removed")

    assert await stage.app.covers.of_series(key) == COVER
    assert stage.covers.asked[0].reach == frozenset()


@pytest.mark.parametrize("url", [None, ""])
async def test_a_series_without_a_cover_asks_nobody(stage: Stage, url: str | None) -> None:
    """A series without a cover address causes no request."""
    key = await keep(stage, url)

    with pytest.raises(CoverNotFoundError):
        await stage.app.covers.of_series(key)
    assert stage.covers.asked == []


async def test_an_unknown_series_has_none(stage: Stage) -> None:
    """An unknown series raises `SeriesNotFoundError`."""
    with pytest.raises(SeriesNotFoundError):
        await stage.app.covers.of_series(SeriesKey("nobody"))


async def test_only_what_was_shown_lately_has_a_cover(stage: Stage) -> None:
    """Only recent hits have covers, by catalogue and key; the newest address applies."""
    covers = stage.app.covers
    covers.remember([hit(1, "https://pictures.example/old.png"), hit(2, None)])
    covers.remember([hit(1)])

    assert await covers.of_hit("fake", SeriesKey("hit-1")) == COVER
    for provider, key in (("fake", "hit-2"), ("fake", "hit-3"), ("other", "hit-1")):
        with pytest.raises(CoverNotFoundError):
            await covers.of_hit(provider, SeriesKey(key))


async def test_what_is_remembered_is_bounded(stage: Stage) -> None:
    """The oldest hits are dropped first; a repeated hit counts as new."""
    covers = stage.app.covers
    covers.remember(hit(number) for number in range(4096))
    covers.remember([hit(0)])
    covers.remember([hit(5000)])

    assert await covers.of_hit("fake", SeriesKey("hit-0")) == COVER
    with pytest.raises(CoverNotFoundError):
        await covers.of_hit("fake", SeriesKey("hit-1"))


async def test_without_an_adapter_there_are_no_covers(stage: Stage) -> None:
    """Without a cover source every series has no cover."""
    key = await keep(stage, URL)
    bare = attrs.evolve(stage.app.covers, source=None)

    with pytest.raises(CoverNotFoundError):
        await bare.of_series(key)
    assert isinstance(stage.covers, FakeCovers)
