"""Sidecars: written on demand, updated while nobody else touched them, undone like any change."""

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import attrs
import pytest

from aniworld_core.application.library import SidecarRequest
from aniworld_core.domain.catalogue import MetadataEntry, SeriesMetadata, Titles
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import is_own_nfo
from aniworld_core.domain.media import GER_DUB
from aniworld_core.errors import PlanChangedError, ProviderUnavailableError
from aniworld_core.testing.factories import START, make_episode, make_series
from aniworld_core.testing.fakes import make_cover
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

KEY = SeriesKey("lanterns")
COVER = "https://fake.invalid/cover.png"
FILES = (
    "Lanterns/Season 01/Lanterns - S01E01.mkv",
    "Lanterns/Season 01/Lanterns - S01E02-E03.mkv",
    "Lanterns/Season 00/Lanterns - S00E01.mkv",
)
ALL = SidecarRequest()


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A library with one series of three files and a cover."""
    async with open_stage(tmp_path) as opened:
        for name in FILES:
            path = opened.library / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"video")
        opened.covers.covers = {COVER: make_cover()}
        await opened.storage.series.add(
            make_series(
                KEY,
                name="Lanterns",
                folder=FolderName("Lanterns"),
                provider="fake",
                cover_url=COVER,
                episodes=[
                    make_episode(1, downloaded=True, file=FILES[0], file_language=GER_DUB),
                    make_episode(2, last_number=3, downloaded=True, file=FILES[1]),
                    make_episode(1, 0, downloaded=True, file=FILES[2], titles=Titles(de="Film")),
                    make_episode(4),
                ],
            )
        )
        yield opened


def _sidecars(stage: Stage) -> list[str]:
    return [f for f in stage.files() if not f.endswith(".mkv") and ".recycle" not in f]


async def test_every_level_gets_its_file(stage: Stage) -> None:
    """Series, seasons, episodes and the poster; a second run finds everything as it should be."""
    applied = await stage.app.changes.write_sidecars(ALL)
    assert _sidecars(stage) == [
        "Lanterns/Season 00/Lanterns - S00E01.nfo",
        "Lanterns/Season 00/season.nfo",
        "Lanterns/Season 01/Lanterns - S01E01.nfo",
        "Lanterns/Season 01/Lanterns - S01E02-E03.nfo",
        "Lanterns/Season 01/season.nfo",
        "Lanterns/poster.png",
        "Lanterns/tvshow.nfo",
    ]
    assert applied.change is not None
    again = await stage.app.changes.write_sidecars(ALL)
    assert (again.change, again.plan.unchanged) == (None, 7)

    await stage.app.changes.undo(applied.change.id)
    assert _sidecars(stage) == []


async def test_own_files_follow_the_library(stage: Stage) -> None:
    """A changed series and a new cover are written again; the rest stays."""
    await stage.app.changes.write_sidecars(ALL)
    series = await stage.storage.series.get(KEY)
    await stage.storage.series.save(attrs.evolve(series, year=2011))
    stage.covers.covers = {COVER: make_cover(shade=9)}

    plan = await stage.app.changes.plan_sidecars(ALL)
    assert [c.target for c in plan.changes] == ["Lanterns/poster.png", "Lanterns/tvshow.nfo"]
    await stage.app.changes.write_sidecars(ALL, digest=plan.digest)
    assert (stage.library / "Lanterns/poster.png").read_bytes() == make_cover(shade=9).data
    assert b"<year>2011</year>" in (stage.library / "Lanterns/tvshow.nfo").read_bytes()


@pytest.mark.parametrize("name", ["tvshow.nfo", "Season 01/Lanterns - S01E01.nfo"])
async def test_a_file_of_somebody_else_stays(stage: Stage, name: str) -> None:
    """Also a file of ours that somebody edited; on request it goes to the bin and can return."""
    path = stage.library / "Lanterns" / name
    await stage.app.changes.write_sidecars(ALL)
    edited = path.read_bytes().replace(b"Lanterns", b"Laternen")
    path.write_bytes(edited)

    plan = await stage.app.changes.plan_sidecars(ALL)
    assert [(r.path, r.reason) for r in plan.refusals] == [
        (f"Lanterns/{name}", "another program or a person wrote or changed this file")
    ]
    await stage.app.changes.write_sidecars(ALL)
    assert path.read_bytes() == edited

    applied = await stage.app.changes.write_sidecars(SidecarRequest(replaces_foreign=True))
    assert is_own_nfo(path.read_bytes())
    assert applied.change is not None
    stage.clock.advance(timedelta(seconds=1))
    await stage.app.changes.undo(applied.change.id)
    assert path.read_bytes() == edited


@pytest.mark.parametrize("name", ["poster.jpg", "Folder.JPG", "cover.webp"])
async def test_a_poster_of_somebody_else_stays(stage: Stage, name: str) -> None:
    """Media servers take any of these names, so no second poster is written."""
    (stage.library / "Lanterns" / name).write_bytes(b"mine")
    await stage.app.changes.write_sidecars(ALL)
    assert [f for f in _sidecars(stage) if not f.endswith(".nfo")] == [f"Lanterns/{name}"]


async def test_what_is_no_file_is_refused(stage: Stage, tmp_path: Path) -> None:
    """Folders, pipes and links in the place of a sidecar are left alone."""
    outside = tmp_path / "outside.nfo"
    outside.write_bytes(b"outside")
    (stage.library / "Lanterns/tvshow.nfo").mkdir()
    (stage.library / "Lanterns/Season 01/season.nfo").symlink_to(outside)
    os.mkfifo(stage.library / "Lanterns/Season 00/season.nfo")

    request = SidecarRequest(replaces_foreign=True, with_pictures=False)
    applied = await stage.app.changes.write_sidecars(request)
    assert sorted(r.path for r in applied.plan.refusals) == [
        "Lanterns/Season 00/season.nfo",
        "Lanterns/Season 01/season.nfo",
        "Lanterns/tvshow.nfo",
    ]
    assert outside.read_bytes() == b"outside"


async def test_an_unreachable_cover_is_named(stage: Stage) -> None:
    """The NFO files are written all the same."""
    stage.covers.failure = ProviderUnavailableError("fake", "no answer")
    applied = await stage.app.changes.write_sidecars(ALL)
    assert len(applied.plan.changes) == 6
    assert [r.path for r in applied.plan.refusals] == ["Lanterns/poster"]


async def test_only_the_shown_plan_is_applied(stage: Stage) -> None:
    """A plan that would be another one since is refused, and nothing is written."""
    plan = await stage.app.changes.plan_sidecars(ALL)
    (stage.library / "Lanterns/tvshow.nfo").write_bytes(b"<tvshow/>")
    with pytest.raises(PlanChangedError):
        await stage.app.changes.write_sidecars(ALL, digest=plan.digest)
    assert _sidecars(stage) == ["Lanterns/tvshow.nfo"]


async def test_a_series_without_files_has_no_sidecars(stage: Stage) -> None:
    """Nothing is written for what the library does not have."""
    await stage.storage.series.add(make_series("empty", provider="fake"))
    plan = await stage.app.changes.plan_sidecars(SidecarRequest(keys=(SeriesKey("empty"),)))
    assert (plan.changes, plan.refusals) == ((), ())


WIDE = "https://fake.invalid/wide.png"


async def _with_wide_picture(stage: Stage, width: int, height: int) -> None:
    stage.covers.covers = {COVER: make_cover(), WIDE: make_cover(width, height)}
    entry = MetadataEntry(
        source="anilist", id="1", title="Lanterns", link="", fetched_at=START, banner_url=WIDE
    )
    await stage.storage.metadata.save(SeriesMetadata(key=KEY, entry=entry))


@pytest.mark.parametrize(
    ("size", "name"),
    [((160, 90), "fanart.png"), ((190, 40), "banner.png"), ((90, 30), "banner.png")],
)
async def test_the_wide_picture_has_the_name_of_its_shape(
    stage: Stage, size: tuple[int, int], name: str
) -> None:
    """A background or a banner; it is ours afterwards, and is written again when it changes."""
    await _with_wide_picture(stage, *size)
    await stage.app.changes.write_sidecars(ALL)
    path = stage.library / "Lanterns" / name
    assert path.read_bytes() == make_cover(*size).data
    assert (await stage.app.changes.plan_sidecars(ALL)).changes == ()

    stage.covers.covers = {COVER: make_cover(), WIDE: make_cover(*size, shade=3)}
    plan = await stage.app.changes.plan_sidecars(ALL)
    assert f"Lanterns/{name}" in [change.target for change in plan.changes]
    await stage.app.changes.write_sidecars(ALL)
    assert path.read_bytes() == make_cover(*size, shade=3).data


@pytest.mark.parametrize("name", ["fanart.jpg", "Backdrop.PNG", "background.webp", "fanart.png"])
async def test_a_background_of_somebody_else_stays(stage: Stage, name: str) -> None:
    """Under every name that media servers read; the poster is written all the same."""
    await _with_wide_picture(stage, 160, 90)
    path = stage.library / "Lanterns" / name
    path.write_bytes(b"mine")

    await stage.app.changes.write_sidecars(ALL)

    assert path.read_bytes() == b"mine"
    assert (stage.library / "Lanterns" / "poster.png").exists()
    others = {p.name for p in path.parent.iterdir() if p.suffix.lower() in {".png", ".jpg"}}
    assert others <= {"poster.png", name}


async def test_a_wide_picture_that_cannot_be_had_keeps_the_rest(stage: Stage) -> None:
    """A missing picture, or one that is no image, leaves out only itself."""
    await _with_wide_picture(stage, 160, 90)
    stage.covers.covers = {COVER: make_cover()}
    await stage.app.changes.write_sidecars(ALL)
    assert "Lanterns/poster.png" in _sidecars(stage)
    assert not any("fanart" in name for name in _sidecars(stage))
