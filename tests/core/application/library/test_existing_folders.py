"""Existing folders of a new series, and folders of no series."""

from pathlib import Path

import attrs
import pytest

from aniworld_core.application.library import Confidence
from aniworld_core.application.library.adoptable_folders import Proposal
from aniworld_core.application.library.scan_views import ProposalView
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.media import GER_DUB
from aniworld_core.errors import (
    FolderNotFoundError,
    FolderTakenError,
    ProviderUnavailableError,
)
from aniworld_core.messages import Message
from aniworld_core.testing.factories import make_series
from aniworld_core.testing.fakes import FakeLoader
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

ALPHA = make_series(
    "alpha",
    name="Alpha",
    year=2011,
    episodes=3,
    provider="fake",
    folder=FolderName(""),
    link="https://fake.invalid/alpha",
)


def _touch(stage: Stage, *files: str) -> None:
    for file in files:
        path = stage.library / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\x1a\x45\xdf\xa3" + bytes(2000))


async def _held(stage: Stage, key: str = "alpha") -> list[str | None]:
    series = await stage.storage.series.get(SeriesKey(key))
    return [episode.file for episode in series.episodes if episode.downloaded]


@pytest.mark.parametrize(
    "folder",
    [
        "Alpha",
        "alpha (2011)",
        "Alpha (2011) [tvdbid-81189]",
        "Alpha.2011.German.1080p.BluRay.x264-GRP",
        "A/Alpha (2011)",
        "Anime/Serien/Alpha (2011)",
    ],
)
async def test_add_prefers_an_existing_folder(tmp_path: Path, folder: str) -> None:
    """Whatever tool named it; what is in it is counted, and its ids are kept."""
    async with open_stage(tmp_path, loaders=[FakeLoader([ALPHA])]) as stage:
        _touch(stage, f"{folder}/Season 01/Alpha - S01E02.mkv", f"{folder}/Alpha - S01E09.mkv")

        addition = await stage.app.series_addition.add("alpha")

        assert addition.series.folder == folder
        assert await _held(stage) == [f"{folder}/Season 01/Alpha - S01E02.mkv"]
        assert addition.existing is not None
        assert (addition.existing.files, addition.existing.episodes) == (2, 1)
        assert addition.existing.extra == 1
        assert addition.series.external_ids == (("tvdb-81189",) if "tvdb" in folder else ())


@pytest.mark.parametrize(
    ("folder", "nfo"),
    [
        ("Alpha (2011)", "<tvshow><title>Beta</title></tvshow>"),
        ("Alpha", "<tvshow><title>Alpha</title><year>1999</year></tvshow>"),
        ("Alpha (1999)", ""),
        ("Alpha II", ""),
    ],
)
async def test_foreign_folder_is_left_alone(tmp_path: Path, folder: str, nfo: str) -> None:
    """The NFO or year of another series forbids merging: it is said, and another name is taken."""
    async with open_stage(tmp_path, loaders=[FakeLoader([ALPHA])]) as stage:
        _touch(stage, f"{folder}/Alpha - S01E01.mkv")
        if nfo:
            (stage.library / folder / "tvshow.nfo").write_text(nfo)

        addition = await stage.app.series_addition.add("alpha")

        assert await _held(stage) == []
        assert addition.series.folder != folder
        assert [notice.values["folder"] for notice in addition.notices] == [folder]
        await stage.app.scanner.scan()
        assert await _held(stage) == []


async def test_all_folders_of_a_series_are_read(tmp_path: Path) -> None:
    """Two folders of one series both count; a damaged file gives way to another one."""
    async with open_stage(tmp_path, loaders=[FakeLoader([ALPHA])]) as stage:
        _touch(stage, "Alpha (2011)/S01E01.mkv", "Alpha.S01.German.1080p.WEB-GRP/S01E02.mkv")
        (stage.library / "Alpha (2011)/S01E02 [2160p].mkv").write_bytes(b"")

        addition = await stage.app.series_addition.add("alpha")

        assert addition.series.folder == "Alpha (2011)"
        assert await _held(stage) == [
            "Alpha (2011)/S01E01.mkv",
            "Alpha.S01.German.1080p.WEB-GRP/S01E02.mkv",
        ]


async def test_folders_of_no_series_get_proposals(tmp_path: Path) -> None:
    """A title that one series has is sure, one that several have likely; failures are named."""
    away = FakeLoader(name="away", site="away.invalid")
    away.error = ProviderUnavailableError("away", "no answer")
    betas = [make_series(key, name="Beta", provider="fake") for key in ("beta", "beta-2")]
    async with open_stage(tmp_path, loaders=[FakeLoader([ALPHA, *betas]), away]) as stage:
        _touch(stage, "Alpha (2011)/01.mkv", "Neu/Beta/01.mkv", "Alpha II/01.mkv", "Other/x.mkv")

        plain = await stage.app.adoptable.find()
        found = await stage.app.adoptable.find(search=True)

        assert [each.folder for each in plain] == ["Alpha (2011)", "Alpha II", "Neu/Beta", "Other"]
        assert all(not each.proposals for each in plain)
        best = {each.folder: [p.confidence for p in each.proposals] for each in found}
        assert best["Alpha (2011)"] == [Confidence.SURE]
        assert best["Neu/Beta"] == [Confidence.LIKELY, Confidence.LIKELY]
        assert Confidence.SURE not in best["Alpha II"]
        assert all("away" in each.failures for each in found)


async def test_adopting_sure_folders(tmp_path: Path) -> None:
    """In bulk only folders that are sure are adopted; the others stay listed."""
    async with open_stage(tmp_path, loaders=[FakeLoader([ALPHA])]) as stage:
        _touch(stage, "Alpha (2011)/S01E01.mkv", "Other/x.mkv")

        report = await stage.app.adoption.adopt_sure()

        assert [(a.folder, a.series.key, a.created) for a in report.adopted] == [
            ("Alpha (2011)", "alpha", True)
        ]
        assert report.failures == {}
        assert await _held(stage) == ["Alpha (2011)/S01E01.mkv"]
        assert [each.folder for each in await stage.app.adoptable.find()] == ["Other"]


async def test_adopting_a_folder_with_any_name(tmp_path: Path) -> None:
    """It becomes the folder of a series without files, otherwise a further one, for good."""
    async with open_stage(tmp_path, loaders=[FakeLoader([ALPHA])]) as stage:
        _touch(stage, "Whatever/S01E01.mkv", "Else/S01E02.mkv")

        first = await stage.app.adoption.adopt("Whatever", "alpha")
        second = await stage.app.adoption.adopt("Else", "alpha")
        await stage.app.scanner.scan()

        assert (first.series.folder, first.created) == ("Whatever", True)
        assert second.series.other_folders == ("Else",)
        assert second.existing.episodes == 2
        assert await _held(stage) == ["Whatever/S01E01.mkv", "Else/S01E02.mkv"]
        with pytest.raises(FolderTakenError):
            await stage.app.adoption.adopt("Else", "alpha")
        with pytest.raises(FolderNotFoundError):
            await stage.app.adoption.adopt("Gone", "alpha")


async def test_new_episodes_go_to_the_adopted_season(tmp_path: Path) -> None:
    """`Staffel 1` is not doubled by `Season 01`."""
    spoken = (attrs.evolve(e, languages=frozenset({GER_DUB})) for e in ALPHA.episodes)
    alpha: Series = attrs.evolve(ALPHA, episodes=tuple(spoken))
    async with open_stage(tmp_path, loaders=[FakeLoader([alpha])]) as stage:
        _touch(stage, "Alpha (2011)/Staffel 1/01.mkv")
        await stage.app.series_addition.add("alpha")
        await stage.app.queue.enqueue(SeriesKey("alpha"), missing=True)

        report = await stage.app.worker.drain()

        folders = {Path(item.file or "").parent.as_posix() for item in report.completed}
        assert folders == {"Alpha (2011)/Staffel 1"}


def test_a_proposal_keeps_its_doubt_for_every_language() -> None:
    """The view has the English reason and its kind with values; a sure proposal has neither."""
    reason = Message("folder_sequel", title="Alpha")
    sure = Proposal(key=SeriesKey("alpha"), name="Alpha", confidence=Confidence.SURE)

    plain = ProposalView.of(sure)
    doubtful = ProposalView.of(attrs.evolve(sure, reason=reason))

    assert (plain.reason, plain.reason_message) == (None, None)
    assert (doubtful.reason, doubtful.reason_message) == (str(reason), reason.to_wire())


async def test_a_missing_further_folder_prevents_no_addition(tmp_path: Path) -> None:
    """A further folder may be on a drive that is away."""
    async with open_stage(tmp_path, loaders=[FakeLoader([ALPHA])]) as stage:
        _touch(stage, "Alpha/Alpha - S01E02.mkv")
        await stage.app.config.replace({"library": {"folders": [str(tmp_path / "away")]}})

        addition = await stage.app.series_addition.add("alpha")

        assert addition.series.folder == "Alpha"
