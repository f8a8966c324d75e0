"""Sidecars: written on demand, updated while nobody else touched them, undone like any change."""

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import attrs
import pytest

from aniworld_core.application.library import SidecarRequest
from aniworld_core.domain.catalogue import (
    EpisodeDetails,
    ImageKind,
    MetadataDetails,
    MetadataEntry,
    SeasonDetails,
    SeriesMetadata,
    Titles,
)
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import is_own_nfo
from aniworld_core.domain.media import GER_DUB
from aniworld_core.errors import BadMediaError, PlanChangedError, ProviderUnavailableError
from aniworld_core.messages import Message
from aniworld_core.testing.factories import START, make_episode, make_series
from aniworld_core.testing.fakes import make_cover, make_frame
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
        "Lanterns/Season 00/Lanterns - S00E01-thumb.jpg",
        "Lanterns/Season 00/Lanterns - S00E01.nfo",
        "Lanterns/Season 00/season.nfo",
        "Lanterns/Season 01/Lanterns - S01E01-thumb.jpg",
        "Lanterns/Season 01/Lanterns - S01E01.nfo",
        "Lanterns/Season 01/Lanterns - S01E02-E03-thumb.jpg",
        "Lanterns/Season 01/Lanterns - S01E02-E03.nfo",
        "Lanterns/Season 01/season.nfo",
        "Lanterns/poster.png",
        "Lanterns/tvshow.nfo",
    ]
    assert applied.change is not None
    again = await stage.app.changes.write_sidecars(ALL)
    assert (again.change, again.plan.unchanged) == (None, 10)

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
    pictures = [f for f in _sidecars(stage) if not f.endswith((".nfo", "-thumb.jpg"))]
    assert pictures == [f"Lanterns/{name}"]


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
    assert len([c for c in applied.plan.changes if c.target.endswith(".nfo")]) == 6
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


DETAILS = MetadataDetails(
    seasons=(
        SeasonDetails(number=1, title="Autumn", poster_url="https://fake.invalid/s1.png"),
        SeasonDetails(number=0, poster_url="https://fake.invalid/s0.png"),
        SeasonDetails(number=2, poster_url="https://fake.invalid/s2.png"),
    ),
    episodes=(
        EpisodeDetails(season=1, number=1, picture_url="https://fake.invalid/e1.png"),
        EpisodeDetails(season=1, number=3, picture_url="https://fake.invalid/e3.png"),
    ),
)


async def _with_details(stage: Stage, shade: int = 128) -> None:
    links = [season.poster_url for season in DETAILS.seasons]
    links += [episode.picture_url for episode in DETAILS.episodes]
    given = {link: make_cover(shade=shade + n) for n, link in enumerate(filter(None, links), 1)}
    stage.covers.covers = {COVER: make_cover(), **given}
    entry = MetadataEntry(
        source="tvmaze", id="1", title="Lanterns", link="", fetched_at=START, details=DETAILS
    )
    await stage.storage.metadata.save(SeriesMetadata(key=KEY, entry=entry))


def _pictures(stage: Stage) -> list[str]:
    return [f for f in _sidecars(stage) if not f.endswith(".nfo")]


async def test_seasons_and_episodes_have_pictures_of_their_source(stage: Stage) -> None:
    """Under the names that Jellyfin, Kodi and Plex read; a double episode has one of its two."""
    await _with_details(stage)
    applied = await stage.app.changes.write_sidecars(ALL)

    assert _pictures(stage) == [
        "Lanterns/Season 00/Lanterns - S00E01-thumb.jpg",  # a frame
        "Lanterns/Season 01/Lanterns - S01E01-thumb.png",
        "Lanterns/Season 01/Lanterns - S01E02-E03-thumb.png",
        "Lanterns/poster.png",
        "Lanterns/season-specials-poster.png",
        "Lanterns/season01-poster.png",  # season 2 has no file
    ]
    season = (stage.library / "Lanterns/season01-poster.png").read_bytes()
    assert season == make_cover(shade=129).data
    double = (stage.library / "Lanterns/Season 01/Lanterns - S01E02-E03-thumb.png").read_bytes()
    assert double == make_cover(shade=133).data
    assert (
        b"<title>Autumn</title>" in (stage.library / "Lanterns/Season 01/season.nfo").read_bytes()
    )
    assert (await stage.app.changes.plan_sidecars(ALL)).changes == ()
    assert applied.change is not None
    await stage.app.changes.undo(applied.change.id)
    assert _sidecars(stage) == []


async def test_own_season_posters_are_written_again(stage: Stage) -> None:
    """A changed picture of a source replaces ours, also one in another format."""
    await _with_details(stage)
    await stage.app.changes.write_sidecars(ALL)
    link = "https://fake.invalid/s1.png"
    stage.covers.covers = {**stage.covers.covers, link: make_frame(7)}

    await stage.app.changes.write_sidecars(ALL)

    assert [f for f in _pictures(stage) if "season01" in f] == ["Lanterns/season01-poster.jpg"]
    assert (stage.library / "Lanterns/season01-poster.jpg").read_bytes() == make_frame(7).data


async def test_pictures_stay_ours_when_only_nfo_files_are_written(stage: Stage) -> None:
    """A run without pictures keeps the note about them."""
    await _with_details(stage)
    await stage.app.changes.write_sidecars(ALL)
    series = await stage.storage.series.get(KEY)
    await stage.storage.series.save(attrs.evolve(series, name="Laternen", year=2011))
    await stage.app.changes.write_sidecars(SidecarRequest(with_pictures=False))

    await _with_details(stage, shade=50)
    plan = await stage.app.changes.plan_sidecars(ALL)

    assert {c.target for c in plan.changes} >= {
        "Lanterns/season01-poster.png",
        "Lanterns/season-specials-poster.png",
    }


@pytest.mark.parametrize(
    "name",
    [
        "season01-poster.jpg",
        "Season1-Poster.PNG",
        "season01.jpg",
        "Season 01/poster.webp",
        "Season 01/Folder.jpg",
        "Season 01/season01-poster.jpg",
    ],
)
async def test_a_season_poster_of_somebody_else_stays(stage: Stage, name: str) -> None:
    """Wherever media servers look for it; on request it goes to the bin, and undo restores it."""
    await _with_details(stage)
    path = stage.library / "Lanterns" / name
    path.write_bytes(b"mine")
    before = _sidecars(stage)

    await stage.app.changes.write_sidecars(ALL)
    assert path.read_bytes() == b"mine"
    assert "Lanterns/season01-poster.png" not in _sidecars(stage)

    applied = await stage.app.changes.write_sidecars(SidecarRequest(replaces_foreign=True))
    assert "Lanterns/season01-poster.png" in _sidecars(stage)
    assert not path.exists()
    assert applied.change is not None
    stage.clock.advance(timedelta(seconds=1))
    await stage.app.changes.undo(applied.change.id)
    assert path.read_bytes() == b"mine"
    assert f"Lanterns/{name}" in before


THUMB = "Lanterns/Season 01/Lanterns - S01E01-thumb.jpg"


async def test_a_frame_is_taken_again_only_for_a_new_video(stage: Stage) -> None:
    """The NFO notes the video of the thumb, so that an unchanged one is not opened."""
    await stage.app.changes.write_sidecars(ALL)
    assert (stage.library / THUMB).read_bytes() == make_frame().data
    stage.inspector.stilled.clear()
    await stage.app.changes.write_sidecars(ALL)
    assert stage.inspector.stilled == []

    (stage.library / FILES[0]).write_bytes(b"another video")
    stage.inspector.frames = {"Lanterns - S01E01.mkv": make_frame(9)}
    await stage.app.changes.write_sidecars(ALL)
    assert stage.inspector.stilled == ["Lanterns - S01E01.mkv"]
    assert (stage.library / THUMB).read_bytes() == make_frame(9).data


@pytest.mark.parametrize("name", ["Lanterns - S01E01-thumb.jpg", "Lanterns - S01E01.JPG"])
async def test_a_thumb_of_somebody_else_stays(stage: Stage, name: str) -> None:
    """Plex names it like the video, the others with `-thumb`."""
    path = stage.library / "Lanterns/Season 01" / name
    path.write_bytes(b"mine")
    await stage.app.changes.write_sidecars(ALL)
    assert path.read_bytes() == b"mine"
    assert [f for f in _pictures(stage) if "S01E01" in f] == [f"Lanterns/Season 01/{name}"]

    await stage.app.changes.write_sidecars(SidecarRequest(replaces_foreign=True))
    assert [f for f in _pictures(stage) if "S01E01" in f] == [THUMB]
    assert (stage.library / THUMB).read_bytes() == make_frame().data


async def test_frames_are_switched_off(stage: Stage) -> None:
    """Then only pictures of sources become thumbs, and no video is opened."""
    config = stage.app.current_config.value
    library = attrs.evolve(config.library, episode_frames=False)
    stage.app.current_config.value = attrs.evolve(config, library=library)
    await _with_details(stage)
    await stage.app.changes.write_sidecars(ALL)
    assert stage.inspector.stilled == []
    assert [f for f in _pictures(stage) if "thumb" in f] == [
        "Lanterns/Season 01/Lanterns - S01E01-thumb.png",
        "Lanterns/Season 01/Lanterns - S01E02-E03-thumb.png",
    ]


async def test_what_cannot_be_a_picture_is_refused_with_its_reason(stage: Stage) -> None:
    """A link to something else, a format that servers do not read, a video without a frame."""
    await _with_details(stage)
    gif = attrs.evolve(make_cover(), kind=ImageKind.GIF)
    covers = {**stage.covers.covers, "https://fake.invalid/s1.png": gif}
    del covers["https://fake.invalid/s0.png"]
    stage.covers.covers = covers
    damaged = BadMediaError(Message("no_frame"))
    stage.inspector.errors = {"Lanterns - S00E01.mkv": damaged}

    plan = await stage.app.changes.plan_sidecars(ALL)

    assert {r.path: str(r.reason) for r in plan.refusals} == {
        "Lanterns/season-specials-poster": (
            "there is no cover of 'https://fake.invalid/s0.png': it was not given"
        ),
        "Lanterns/season01-poster": "media servers do not read pictures in the format GIF",
        "Lanterns/Season 00/Lanterns - S00E01-thumb": str(damaged.message),
    }


async def test_a_link_in_the_place_of_a_picture_is_left_alone(stage: Stage, tmp_path: Path) -> None:
    """Also on request: a picture is not written through a link."""
    outside = tmp_path / "outside.jpg"
    outside.write_bytes(b"outside")
    (stage.library / THUMB).symlink_to(outside)
    applied = await stage.app.changes.write_sidecars(SidecarRequest(replaces_foreign=True))
    assert THUMB in [r.path for r in applied.plan.refusals]
    assert outside.read_bytes() == b"outside"
    assert (stage.library / THUMB).is_symlink()


async def test_a_name_without_room_is_refused(stage: Stage) -> None:
    """The name of a video can be so long that nothing fits beside it; the rest is written."""
    name = f"Lanterns/Season 01/{'x' * 252}.ts"
    (stage.library / name).write_bytes(b"video")
    series = await stage.storage.series.get(KEY)
    episode = make_episode(4, downloaded=True, file=name)
    await stage.storage.series.save(series.with_episode(episode))

    applied = await stage.app.changes.write_sidecars(ALL)

    refused = {r.path.rpartition("/")[2].lstrip("x"): str(r.reason) for r in applied.plan.refusals}
    reason = "the name of the video leaves no room for a file beside it"
    assert refused == {".nfo": reason, "-thumb.jpg": reason}
    assert "Lanterns/tvshow.nfo" in _sidecars(stage)


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
