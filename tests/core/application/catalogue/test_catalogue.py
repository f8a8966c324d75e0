"""Search catalogues and add series."""

from pathlib import Path

import attrs
import pytest

from aniworld_core.domain.catalogue import Series, SeriesQuery
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import (
    InvalidKeyError,
    InvalidLinkError,
    ProviderUnavailableError,
    SeriesMovedError,
    SeriesNotFoundError,
    UnknownProviderError,
)
from aniworld_core.events import EpisodesFound, SeriesAdded, SeriesRemoved
from aniworld_core.testing.factories import make_episode, make_series
from aniworld_core.testing.fakes import FakeLoader
from support.application_stage import open_stage

pytestmark = pytest.mark.anyio

TITAN = SeriesKey("attack-on-titan")


def _titan(provider: str = "fake", episodes: int = 2) -> Series:
    return make_series(
        TITAN,
        name="Attack on Titan",
        provider=provider,
        site=f"{provider}.invalid",
        link=f"https://{provider}.invalid/attack-on-titan",
        episodes=[make_episode(number) for number in range(1, episodes + 1)],
    )


def _two_loaders() -> list[FakeLoader]:
    return [
        FakeLoader([_titan()]),
        FakeLoader([_titan("other")], name="other", site="other.invalid"),
    ]


async def test_search_asks_every_catalogue_in_order(tmp_path: Path) -> None:
    """Hits are in the configured order of the catalogues."""
    async with open_stage(tmp_path, loaders=_two_loaders()) as stage:
        hits = await stage.app.catalogue.search("titan")

        assert [hit.provider for hit in hits] == ["fake", "other"]


async def test_search_goes_on_without_a_catalogue_that_fails(tmp_path: Path) -> None:
    """A failing catalogue is reported, and the hits of the others are returned."""
    loaders = _two_loaders()
    loaders[0].error = ProviderUnavailableError("fake.invalid", "it sleeps")
    told: list[str] = []
    async with open_stage(tmp_path, loaders=loaders) as stage:
        hits = await stage.app.catalogue.search(
            "titan", on_failure=lambda name, error: told.append(f"{name}: {error}")
        )

        assert [hit.provider for hit in hits] == ["other"]
        assert told == ["fake: fake.invalid is not available: it sleeps"]


async def test_search_fails_when_every_catalogue_does(tmp_path: Path) -> None:
    """If all catalogues fail, the first error is raised."""
    async with open_stage(tmp_path) as stage:
        stage.loader.error = ProviderUnavailableError("fake.invalid", "it sleeps")

        with pytest.raises(ProviderUnavailableError):
            await stage.app.catalogue.search("titan")


async def test_search_of_one_catalogue(tmp_path: Path) -> None:
    """A named catalogue is queried alone; the error for an unknown name lists the enabled ones."""
    loaders = _two_loaders()
    async with open_stage(tmp_path, loaders=loaders) as stage:
        hits = await stage.app.catalogue.search("titan", provider="other")

        assert [hit.provider for hit in hits] == ["other"]
        assert loaders[0].calls == []
        with pytest.raises(UnknownProviderError) as refused:
            await stage.app.catalogue.search("titan", provider="nope")
        assert refused.value.hint == "enabled: fake, other"


async def test_add_by_link_keeps_the_series(tmp_path: Path) -> None:
    """A series is stored with the key of its link and a folder, and an event is published."""
    async with open_stage(tmp_path, loaders=[FakeLoader([_titan()])]) as stage:
        added = await stage.app.series_addition.add("https://fake.invalid/attack-on-titan")

        assert added.created
        assert added.series.key == TITAN
        assert added.series.folder == "Attack on Titan"
        assert await stage.storage.series.get(TITAN) == added.series
        assert [e.key for e in stage.bus.events if isinstance(e, SeriesAdded)] == [TITAN]


async def test_add_again_asks_nobody(tmp_path: Path) -> None:
    """A known series is returned without a request and without an event."""
    async with open_stage(tmp_path, loaders=[FakeLoader([_titan()])]) as stage:
        first = await stage.app.catalogue.add(TITAN)
        stage.loader.calls.clear()

        by_key = await stage.app.series_addition.add(TITAN)
        by_link = await stage.app.series_addition.add("https://fake.invalid/attack-on-titan")

        assert not by_key.created
        assert not by_link.created
        assert by_key.series == by_link.series == first
        assert stage.loader.calls == []
        assert len(stage.bus.of(SeriesAdded)) == 1


async def test_key_taken_by_another_site_gets_a_suffix(tmp_path: Path) -> None:
    """A key that another site's series has gets a suffix, and so does the folder."""
    async with open_stage(tmp_path, loaders=_two_loaders()) as stage:
        first = await stage.app.catalogue.add("https://fake.invalid/attack-on-titan")
        second = await stage.app.catalogue.add("https://other.invalid/attack-on-titan")
        again = await stage.app.series_addition.add("https://other.invalid/attack-on-titan")

        assert second.key == "attack-on-titan-other"
        assert second.catalogue_key == TITAN
        assert second.folder != first.folder
        assert not again.created
        assert again.series == second


async def test_add_by_key_takes_the_first_catalogue_that_has_it(tmp_path: Path) -> None:
    """Catalogues are queried in order; a failing one does not hide the series of another."""
    loaders = [FakeLoader(), FakeLoader([_titan("other")], name="other", site="other.invalid")]
    loaders[0].error = ProviderUnavailableError("fake.invalid", "it sleeps")
    async with open_stage(tmp_path, loaders=loaders) as stage:
        added = await stage.app.catalogue.add(TITAN)

        assert added.provider == "other"


async def test_unknown_key_is_not_found_unless_somebody_was_down(tmp_path: Path) -> None:
    """`SeriesNotFoundError` is raised only if every catalogue answered."""
    async with open_stage(tmp_path) as stage:
        with pytest.raises(SeriesNotFoundError):
            await stage.app.catalogue.add("no-such-series")

        stage.loader.error = ProviderUnavailableError("fake.invalid", "it sleeps")
        with pytest.raises(ProviderUnavailableError):
            await stage.app.catalogue.add("no-such-series")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ("Not A Key", InvalidKeyError),
        ("https://nowhere.invalid/x", InvalidLinkError),
        ("https://fake.invalid/", InvalidLinkError),
    ],
)
async def test_nonsense_is_refused(tmp_path: Path, given: str, error: type[Exception]) -> None:
    """Text that is neither a key nor a link of a catalogue is refused."""
    async with open_stage(tmp_path) as stage:
        with pytest.raises(error):
            await stage.app.catalogue.add(given)

        assert (await stage.app.catalogue.list()).total == 0


async def test_link_of_another_provider_than_asked_is_refused(tmp_path: Path) -> None:
    """A named provider and a link of another one contradict each other."""
    async with open_stage(tmp_path, loaders=_two_loaders()) as stage:
        with pytest.raises(InvalidLinkError):
            await stage.app.catalogue.add("https://fake.invalid/attack-on-titan", provider="other")


class _MovingLoader(FakeLoader):
    """A catalogue that redirects from one key to another."""

    async def get_series(self, key: SeriesKey, ref: str = "") -> Series:
        return await super().get_series(TITAN)


async def test_moved_series_is_stored_only_on_request(tmp_path: Path) -> None:
    """A redirect to another key stores nothing without `follow`."""
    loader = _MovingLoader([_titan()])
    async with open_stage(tmp_path, loaders=[loader]) as stage:
        with pytest.raises(SeriesMovedError) as moved:
            await stage.app.catalogue.add("old-titan")
        assert moved.value.new_key == TITAN
        assert (await stage.app.catalogue.list()).total == 0

        followed = await stage.app.series_addition.add("old-titan", follow=True)
        again = await stage.app.series_addition.add("old-titan", follow=True)

        assert followed.series.key == TITAN
        assert not again.created


async def test_refresh_does_not_follow_to_another_series(tmp_path: Path) -> None:
    """Refreshing a redirected series changes nothing and names the new key."""
    async with open_stage(tmp_path, loaders=[_MovingLoader([_titan()])]) as stage:
        stored = attrs.evolve(_titan(), key=SeriesKey("old-titan"))
        await stage.storage.series.add(stored)

        with pytest.raises(SeriesMovedError):
            await stage.app.catalogue.refresh(stored)

        assert await stage.storage.series.get(stored.key) == stored


async def test_remove_takes_it_out_of_the_list(tmp_path: Path) -> None:
    """A removed series is not listed, and an event is published."""
    async with open_stage(tmp_path, loaders=[FakeLoader([_titan()])]) as stage:
        await stage.app.catalogue.add(TITAN)

        await stage.app.library_actions.remove(TITAN)

        assert (await stage.app.catalogue.list(SeriesQuery())).items == ()
        assert len(stage.bus.of(SeriesRemoved)) == 1
        with pytest.raises(SeriesNotFoundError):
            await stage.app.catalogue.get(TITAN)


async def test_refresh_finds_new_episodes(tmp_path: Path) -> None:
    """New episodes are stored and published; without changes nothing is written."""
    async with open_stage(tmp_path, loaders=[FakeLoader([_titan()])]) as stage:
        stored = await stage.app.catalogue.add(TITAN)
        assert await stage.app.catalogue.refresh(stored) == stored

        stage.loader.series[0] = _titan(episodes=3)
        refreshed = await stage.app.catalogue.refresh(stored)

        assert len(refreshed.episodes) == 3
        assert await stage.storage.series.get(TITAN) == refreshed
        found = [e for e in stage.bus.events if isinstance(e, EpisodesFound)]
        assert [e.codes for e in found] == [("S01E03",)]


def _episode(folder: Path, name: str = "S01E01.mp4", data: bytes = bytes(4) + b"ftypisom") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data + bytes(64))


@pytest.mark.parametrize(
    "folder",
    ["Attack on Titan (2013)", "Attack on Titan", "attack on titan", "ATTACK ON TITAN (2013)"],
)
async def test_a_series_that_is_on_disk_is_not_missing(tmp_path: Path, folder: str) -> None:
    """Files in an existing folder of the series' name count when it is added."""
    titan = attrs.evolve(_titan(), year=2013)
    async with open_stage(tmp_path, loaders=[FakeLoader([titan])]) as stage:
        _episode(stage.library / folder)

        series = await stage.app.catalogue.add(TITAN)

        assert series.folder == folder
        assert [e.downloaded for e in series.episodes] == [True, False]
        assert series.episode(1, 1).file == f"{folder}/S01E01.mp4"
        assert await stage.storage.series.get(TITAN) == series
        queued = await stage.app.queue.enqueue(TITAN, missing=True)
        assert [item.episode.code for item in queued] == ["S01E02"]


async def test_what_is_no_media_is_missing(tmp_path: Path) -> None:
    """Incomplete or other files do not count when a series is added."""
    async with open_stage(tmp_path, loaders=_two_loaders()) as stage:
        _episode(stage.library / "Attack on Titan", data=b"<html>")

        series = await stage.app.catalogue.add(TITAN, provider="fake")

        assert not any(e.downloaded for e in series.episodes)


async def test_the_folder_of_another_series_is_left_to_it(tmp_path: Path) -> None:
    """Two series with one name get different folders."""
    async with open_stage(tmp_path, loaders=_two_loaders()) as stage:
        _episode(stage.library / "Attack on Titan")
        first = await stage.app.catalogue.add(TITAN, provider="fake")

        second = await stage.app.catalogue.add(TITAN, provider="other")

        assert first.episode(1, 1).downloaded
        assert second.folder != first.folder
        assert not any(e.downloaded for e in second.episodes)


@pytest.mark.parametrize("has_library", [True, False])
async def test_adding_works_without_a_disk(tmp_path: Path, has_library: bool) -> None:
    """Without a library folder a series is added with all episodes missing."""
    loaders = [FakeLoader([_titan()])]
    async with open_stage(tmp_path, loaders=loaders, has_library=has_library) as stage:
        stage.library.rmdir()

        series = await stage.app.catalogue.add(TITAN)

        assert not any(e.downloaded for e in series.episodes)


async def test_a_series_that_another_process_adds_first_is_not_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stored one is returned, and its event is left to the process that added it."""
    async with open_stage(tmp_path, loaders=_two_loaders()) as stage:
        repository = stage.storage.series
        add = repository.add

        async def add_second(_: object, series: Series) -> None:
            await add(attrs.evolve(series, name="The first"))
            await add(series)

        monkeypatch.setattr(type(repository), "add", add_second)
        addition = await stage.app.series_addition.add("https://fake.invalid/attack-on-titan")

        assert (addition.created, addition.series.name) == (False, "The first")
        assert stage.bus.of(SeriesAdded) == []
