"""Probes of the library folders, the section `library` and the file names."""

from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Final
from unittest.mock import patch

import anyio

from aniworld_core.application.library import SidecarRequest
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.identity import EpisodeRef, SeriesKey
from aniworld_core.testing.factories import make_series
from support.live_settings.probe import KEY, TITLE, Probe, World, use_cases

#: Folder of a recycle bin, by the time at which its files were deleted.
_DELETED: Final = "20251201T120000.000000Z"


def _folder(world: World, name: object) -> str:
    """Return the path of a library folder; one without videos would count as emptied."""
    folder = world.folder / str(name)
    (folder / "Other").mkdir(parents=True)
    (folder / "Other/Other - S01E01.mp4").write_bytes(b"video")
    return str(folder)


async def _place(world: World) -> object:
    """Return the folder in which the next download is."""
    (item,) = await world.download()
    return [name for name in ("one", "two") if (world.folder / name / (item.file or "")).is_file()]


def _folders(world: World, names: object) -> list[str]:
    assert isinstance(names, list)
    return [_folder(world, name) for name in names]


async def _found(world: World) -> object:
    """Return the series folders of the library."""
    return [folder.folder async for batch in world.app.library.survey() for folder in batch]


async def _is_watched(world: World) -> object:
    """Return whether the folders are watched within some minutes."""
    watched = anyio.Event()

    async def changes(_library: object) -> AsyncIterator[frozenset[str]]:
        watched.set()
        yield frozenset()

    before = len(world.clock.slept)
    with patch.object(type(world.app.library), "changes", changes):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(world.app.watch.run)
            while not watched.is_set() and len(world.clock.slept) < before + 9:
                await anyio.lowlevel.checkpoint()
            tasks.cancel_scope.cancel()
    return watched.is_set()


async def _left_in_bin(world: World) -> object:
    """Return how many files of the recycle bin its limits leave, of one with two MiB."""
    deleted = world.doubles.library / ".recycle" / _DELETED
    deleted.mkdir(parents=True, exist_ok=True)
    (deleted / "old.mkv").write_bytes(bytes(2 * 1024**2))
    await world.app.recycle_bin.apply_limits()
    return len(await world.app.recycle_bin.entries())


async def _has_sidecars(world: World) -> object:
    """Return whether an NFO file is beside a download after the writer's turn."""
    await world.download()
    await world.app.sidecars.write([SeriesKey(KEY)])
    return any(name.endswith(".nfo") for name in world.doubles.files())


async def _frames(world: World) -> object:
    """Return of how many videos a picture is taken."""
    await world.download()
    before = len(world.doubles.inspector.stilled)
    await world.app.changes.write_sidecars(SidecarRequest(keys=(SeriesKey(KEY),)))
    return len(world.doubles.inspector.stilled) - before > 0


async def _sound(world: World) -> object:
    """Return whether the sound of the next file is read."""
    (item,) = await world.download()
    await world.app.inspection.inspect()
    assert item.file
    files = await world.app.storage.files.get([item.file])
    facts = files[item.file].facts
    return facts is not None and facts.sound is not None


async def _name(world: World) -> object:
    """Return the path of the next download without title and number."""
    (item,) = await world.download()
    return (item.file or "").replace(TITLE, "…").replace(item.episode.code, "#")


async def _season_folder(world: World) -> object:
    """Return the season folder of a series that has none yet."""
    series = await _new_series(world)
    (item,) = await world.app.queue.enqueue(series.key, episodes=[EpisodeRef(series.key, 1, 1)])
    await world.app.worker.drain()
    file = (await world.app.storage.queue.get(item.id)).file
    return PurePosixPath(file or "").parent.name


async def _length(world: World) -> object:
    """Return whether the path of the next download is longer than 200 characters."""
    (item,) = await world.download()
    return len(item.file or "") > 200


async def _new_series(world: World) -> Series:
    """Add a series with a name of its own."""
    number = len(world.doubles.loader.series)
    series = make_series(
        f"ebb-{number}",
        name=f"Ebb {number}",
        provider="fake",
        site="fake.invalid",
        link=f"https://fake.invalid/ebb-{number}",
    )
    world.doubles.loader.series.append(series)
    return await world.app.catalogue.add(series.link)


async def _series_folder(world: World) -> object:
    return (await _new_series(world)).folder


LIBRARY: Final[Mapping[str, Probe]] = {
    "other.anime_directory": Probe(
        values=("one", "two"),
        wrap=_folder,
        seen=(["one"], ["two"]),
        observe=_place,
        open=partial(use_cases, has_library=False),
    ),
    "library.folders": Probe(
        values=([], ["more"]), wrap=_folders, seen=([], ["Other"]), observe=_found
    ),
    "library.watch": Probe(values=(False, True), seen=(False, True), observe=_is_watched),
    "library.bin_days": Probe(values=(0, 7), seen=(1, 0), observe=_left_in_bin),
    "library.bin_max_bytes": Probe(
        values=(0, 1024**2),
        seen=(1, 0),
        observe=_left_in_bin,
        given={"library": {"bin_days": 0}},
    ),
    "library.sidecars": Probe(values=(False, True), seen=(False, True), observe=_has_sidecars),
    "library.episode_frames": Probe(values=(False, True), seen=(False, True), observe=_frames),
    "library.check_audio": Probe(values=(False, True), seen=(False, True), observe=_sound),
    "naming.preset": Probe(
        values=("jellyfin", "plex"),
        seen=(
            "Tide/Season 01/Tide - # - … - [German Dub].mp4",
            "Tide/Season 01/Tide - # - ….mp4",
        ),
        observe=_name,
    ),
    "naming.series_folder": Probe(
        values=("{name}", "{key}"), seen=("Ebb 1", "ebb-2"), observe=_series_folder
    ),
    "naming.season_folder": Probe(
        values=("S{season}", "Part {season:02}"),
        seen=("S1", "Part 01"),
        observe=_season_folder,
    ),
    "naming.episode": Probe(
        values=("{code}", "{code} {name}"),
        seen=("Tide/Season 01/#.mp4", "Tide/Season 01/# Tide.mp4"),
        observe=_name,
    ),
    "naming.short_paths": Probe(
        values=(False, True),
        seen=(True, False),
        observe=_length,
        given={"naming": {"episode": "{code} {title}", "season_folder": f"{{season}} {'x' * 80}"}},
    ),
}
