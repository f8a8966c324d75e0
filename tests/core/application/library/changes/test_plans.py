"""Renames, imports, history and undo of a whole application with real files."""

import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import attrs
import pytest

from aniworld_core.adapters.library.changes import operations
from aniworld_core.adapters.library.changes.places import Roots
from aniworld_core.application.library import HeldPolicy, ImportCorrection, ImportRequest
from aniworld_core.bootstrap.application import open_application
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.catalogue import Episode, Titles
from aniworld_core.domain.configuration import Config, NamingConfig
from aniworld_core.domain.identity import EpisodeSelection, FolderName, SeriesKey
from aniworld_core.domain.library import ChangeAction, ChangePlan, FileFacts, FileState, LibraryFile
from aniworld_core.errors import (
    ChangeRefusedError,
    InvalidFieldsError,
    LibraryUnavailableError,
    PlanChangedError,
)
from aniworld_core.messages import Message, kind_of
from aniworld_core.testing import make_series
from aniworld_core.testing.memory import MemoryConfigStore
from aniworld_sqlite import open_storage
from support.thorough import IS_THOROUGH

pytestmark = pytest.mark.anyio

ALPHA = SeriesKey("alpha")


@asynccontextmanager
async def opened(
    folder: Path, files: Mapping[str, tuple[int, int]], *, episodes: int = 3
) -> AsyncIterator[Application]:
    """An application whose series Alpha has these files: path → season and number."""
    held = {place: path for path, place in files.items()}
    listed = tuple(
        Episode(
            season=season,
            number=number,
            titles=Titles(de=f"Folge {number}"),
            downloaded=(season, number) in held,
            file=held.get((season, number)),
        )
        for season in (1, 2)
        for number in range(1, episodes + 1)
    )
    series = attrs.evolve(
        make_series(ALPHA, episodes=0),
        name="Alpha",
        year=None,
        folder=FolderName("Alpha"),
        episodes=listed,
    )
    library = folder / "library"
    library.mkdir(exist_ok=True)
    for path in files:
        put(library / path)
    settings = Settings(data_dir=folder / "data", anime_directory=library)
    config = Config(naming=NamingConfig(episode="{name} - {code} - {title}"))
    async with open_storage(f"sqlite:///{folder}/test.db") as storage:
        await storage.series.add(series)
        given: dict[str, Any] = dict.fromkeys(("loaders", "resolvers", "fetchers"), ())
        async with open_application(
            settings, storage=storage, config_store=MemoryConfigStore(config), **given
        ) as app:
            yield app


def put(path: Path, content: str = "") -> None:
    """Write a file with a content of its own and a time of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content or path.name)
    os.utime(path, ns=(0, 1_500_000_000_000_000_000 + hash(path.name) % 10**9))


def state(folder: Path) -> object:
    """Every file with content and time, and every row of an episode."""
    files = {
        str(p.relative_to(folder)): (p.read_bytes(), p.stat().st_mtime_ns)
        for p in folder.rglob("*")
        if p.is_file() and "data" not in p.parts and "test.db" not in p.name
    }
    with closing(sqlite3.connect(folder / "test.db")) as connection:
        query = "SELECT season, episode_number, is_downloaded, file_path FROM episodes"
        return files, sorted(connection.execute(query).fetchall())


def names(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def kinds(plan: ChangePlan) -> dict[str, str | None]:
    return {refusal.path.rpartition("/")[2]: kind_of(refusal.reason) for refusal in plan.refusals}


FILES = {"Alpha/Season 01/a1.mkv": (1, 1), "Alpha/Season 02/a2.mkv": (2, 1)}


async def test_a_folder_behind_a_link_is_left_out_of_a_rename(tmp_path: Path) -> None:
    """It is named with the reason, and the other folders are renamed."""
    async with opened(tmp_path, FILES) as app:
        season = tmp_path / "library/Alpha/Season 02"
        season.rename(tmp_path / "elsewhere")
        season.symlink_to(tmp_path / "elsewhere")

        plan, _ = await app.changes.rename()

    assert [refusal.path for refusal in plan.refusals] == ["Alpha/Season 02"]
    assert "Alpha/Season 01/Alpha - S01E01 - Folge 1.mkv" in names(tmp_path / "library")
    assert names(tmp_path / "elsewhere") == ["a2.mkv"]


@pytest.mark.parametrize("closed", ["Alpha/Season 02", "Alpha/Staffel 2"])
async def test_a_folder_that_cannot_be_read_is_left_out_of_a_rename(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    """So is a file whose new folder cannot be read; without the library nothing is planned."""
    files = {"Alpha/Season 01/a1.mkv": (1, 1), "Alpha/Staffel 2/a2.mkv": (2, 1)}
    real = operations._names
    reason = Message("cannot_be_read", reason="Permission denied")

    def listed(roots: Roots, folder: str) -> Sequence[str]:
        if folder in {closed, away}:
            raise LibraryUnavailableError(folder, reason)
        return real(roots, folder)

    monkeypatch.setattr(operations, "_names", listed)
    away = ""
    async with opened(tmp_path, files) as app:
        plan, _ = await app.changes.rename()
        away = "."
        with pytest.raises(LibraryUnavailableError):
            await app.changes.plan_rename()

    assert [(refusal.path, refusal.reason) for refusal in plan.refusals] == [(closed, reason)]
    assert names(tmp_path / "library") == [
        "Alpha/Season 01/Alpha - S01E01 - Folge 1.mkv",
        "Alpha/Staffel 2/a2.mkv",
    ]


@pytest.mark.thorough
async def test_a_rename_of_many_files_is_undone_byte_exactly(tmp_path: Path) -> None:
    """Names, contents, times and rows are as before; companions move with their videos."""
    count = 125 if IS_THOROUGH else 25
    files = {
        f"Alpha/Staffel {s}/alpha.s{s:02}e{n:02}.mkv": (s, n)
        for s in (1, 2)
        for n in range(1, count + 1)
    }
    async with opened(tmp_path, files, episodes=count) as app:
        for path in files:
            put((tmp_path / "library" / path).with_suffix(".de.srt"))
        before = state(tmp_path)

        plan, change = await app.changes.rename([ALPHA])

        assert change is not None
        assert len(plan.changes) == 4 * count
        assert names(tmp_path / "library")[:2] == [
            "Alpha/Season 01/Alpha - S01E01 - Folge 1.de.srt",
            "Alpha/Season 01/Alpha - S01E01 - Folge 1.mkv",
        ]
        assert not (tmp_path / "library/Alpha/Staffel 1").exists()
        assert not (await app.changes.plan_rename()).changes
        await app.changes.undo(change.id)
        assert state(tmp_path) == before
        assert (tmp_path / "library/Alpha/Staffel 1").is_dir()


@pytest.mark.parametrize(
    "name",
    [
        "Alpha - S01E02 - Folge 2.mkv",  # its name belongs to the second episode, and vice versa
        "ALPHA - S01E01 - FOLGE 1.mkv",
        "Alpha - S01E01 - Fo\u0308lge 1.mkv",
    ],
)
async def test_swaps_and_names_that_differ_only_in_case_or_form(tmp_path: Path, name: str) -> None:
    """They go through a temporary name, and nothing hidden remains."""
    files = {f"Alpha/Season 01/{name}": (1, 1)}
    if "S01E02" in name:
        files["Alpha/Season 01/Alpha - S01E01 - Folge 1.mkv"] = (1, 2)
    async with opened(tmp_path, files) as app:
        before = state(tmp_path)
        _, change = await app.changes.rename()

        assert change is not None
        found = {p.name: p.read_text() for p in (tmp_path / "library").rglob("*.mkv")}
        assert found["Alpha - S01E01 - Folge 1.mkv"] == name
        assert set(found) <= {"Alpha - S01E01 - Folge 1.mkv", "Alpha - S01E02 - Folge 2.mkv"}
        await app.changes.undo(change.id)
        assert state(tmp_path) == before


async def test_a_rename_keeps_double_episodes_heights_and_further_folders(tmp_path: Path) -> None:
    """A file of two episodes names both; its height comes from its media, otherwise its name."""
    files = {"Alpha/a.mkv": (1, 1), "old/Alpha/Staffel 2/b 720p.mkv": (2, 1), "flat/c.mkv": (2, 2)}
    async with opened(tmp_path, files) as app:
        series = await app.storage.series.get(ALPHA)
        double = attrs.evolve(series.episode(1, 2), downloaded=True, file="Alpha/a.mkv")
        await app.storage.series.save(series.with_episode(double))
        record = LibraryFile(
            path="flat/c.mkv",
            size=1,
            modified_ns=1,
            state=FileState.PRESENT,
            series_key=ALPHA,
            facts=FileFacts(height=480),
        )
        await app.storage.files.save([record])
        await app.config.set({"naming.episode": "{code} {quality}"})

        plan = await app.changes.plan_rename([ALPHA])

        assert plan.title == "Alpha"
        assert {change.source: change.target for change in plan.changes} == {
            "Alpha/a.mkv": "Alpha/Season 01/S01E01-E02.mkv",
            "old/Alpha/Staffel 2/b 720p.mkv": "old/Alpha/Season 02/S02E01 720p.mkv",
            "flat/c.mkv": "flat/Season 02/S02E02 480p.mkv",
        }
        assert (await app.changes.plan_rename([])).title == "Alpha"


async def test_records_of_files_follow_their_new_names(tmp_path: Path) -> None:
    """What is known about a file is kept through a swap of names and its undo, and only that."""
    places = ["Alpha/Season 01/Alpha - S01E01 - Folge 1.mkv"]
    places.append(places[0].replace("E01 - Folge 1", "E02 - Folge 2"))
    async with opened(tmp_path, {places[1]: (1, 1), places[0]: (1, 2)}) as app:

        async def heights() -> dict[str, int | None]:
            found = await app.storage.files.get([*places, "Alpha/gone.mkv"])
            return {path: each.facts.height for path, each in found.items() if each.facts}

        for height, place in enumerate(places):
            stat = (tmp_path / "library" / place).stat()
            record = LibraryFile(
                path=place,
                size=stat.st_size,
                modified_ns=stat.st_mtime_ns,
                state=FileState.PRESENT,
                series_key=ALPHA,
                facts=FileFacts(height=height),
            )
            await app.storage.files.save([record])

        _, change = await app.changes.rename()
        assert await heights() == {places[0]: 1, places[1]: 0}
        assert change is not None
        await app.changes.undo(change.id)
        assert await heights() == {places[0]: 0, places[1]: 1}


async def test_taken_names_are_refused_and_the_rest_is_renamed(tmp_path: Path) -> None:
    """A name that another file has, also in another case, is never given."""
    files = {f"Alpha/{letter}.mkv": (1, n) for n, letter in enumerate("abc", 1)}
    async with opened(tmp_path, files) as app:
        library = tmp_path / "library"
        put(library / "Alpha/Season 01/ALPHA - S01E01 - Folge 1.mkv")
        put(library / "Alpha/b.de.srt")
        put(library / "Alpha/Season 01/Alpha - S01E02 - Folge 2.de.srt", "another")

        plan, _ = await app.changes.rename()

        assert kinds(plan) == {"a.mkv": "name_taken", "b.de.srt": "name_taken"}
        assert (library / "Alpha/a.mkv").exists()
        assert (library / "Alpha/b.mkv").exists()
        assert (library / "Alpha/Season 01/Alpha - S01E03 - Folge 3.mkv").read_text() == "c.mkv"


async def test_exactly_the_shown_plan_is_applied(tmp_path: Path) -> None:
    """A file that changed after the plan was shown makes it another plan."""
    async with opened(tmp_path, {"Alpha/a.mkv": (1, 1)}) as app:
        shown = await app.changes.plan_rename()
        put(tmp_path / "library/Alpha/a.mkv", "edited")

        with pytest.raises(PlanChangedError):
            await app.changes.rename(digest=shown.digest)

        assert (await app.changes.history()).total == 0
        again = await app.changes.plan_rename()
        assert (await app.changes.rename(digest=again.digest)).change is not None


async def test_a_download_that_takes_a_name_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    """The rename is refused as a whole when a planned name was taken since the plan."""
    async with opened(tmp_path, {"Alpha/a.mkv": (1, 1), "Alpha/b.mkv": (1, 2)}) as app:
        plan = await app.changes.plan_rename()
        put(tmp_path / "library/Alpha/Season 01/Alpha - S01E02 - Folge 2.mkv", "downloaded")
        before = state(tmp_path)

        with pytest.raises(ChangeRefusedError, match="is taken"):
            await app.changes.apply(plan)

        assert state(tmp_path) == before


@pytest.mark.parametrize("action", [ChangeAction.MOVE, ChangeAction.COPY, ChangeAction.LINK])
async def test_a_foreign_folder_is_imported_and_given_back(
    tmp_path: Path, action: ChangeAction
) -> None:
    """Sure files come in with their companions; the rest is listed; undo restores all."""
    async with opened(tmp_path, {"Alpha/Season 01/old.mkv": (1, 1)}) as app:
        inbox = tmp_path / "inbox"
        put(inbox / "Alpha/Alpha - S01E02 [1080p].mkv")
        put(inbox / "Alpha/Alpha - S01E02 [1080p].de.srt")
        put(inbox / "Alpha/Alpha - S01E01.mkv")
        put(inbox / "Alpha/notes.mkv")
        put(inbox / "Unknown/Unknown - S01E01.mkv")
        (inbox / "Alpha/link.mkv").symlink_to("notes.mkv")
        os.mkfifo(inbox / "Alpha/pipe.mkv")
        before = state(tmp_path) if action is ChangeAction.MOVE else None
        request = ImportRequest(folder=str(inbox), action=action)

        plan, change = await app.changes.import_folder(request)

        assert change is not None
        assert {c.action for c in plan.changes} == {action}
        refused = kinds(plan)
        assert refused["Alpha - S01E01.mkv"] == "episode_held"
        assert refused["link.mkv"] == "is_link"
        assert refused["pipe.mkv"] == "not_a_regular_file"
        assert {"notes.mkv", "Unknown - S01E01.mkv"} <= set(refused)
        new = tmp_path / "library/Alpha/Season 01/Alpha - S01E02 - Folge 2.mkv"
        assert new.read_text() == "Alpha - S01E02 [1080p].mkv"
        assert new.with_suffix(".de.srt").exists()
        stays = (inbox / "Alpha/Alpha - S01E02 [1080p].mkv").exists()
        assert stays is (action is not ChangeAction.MOVE)
        assert (await app.storage.series.get(ALPHA)).episode(1, 2).downloaded
        await app.changes.undo(change.id)
        assert not new.exists()
        assert (inbox / "Alpha/Alpha - S01E02 [1080p].mkv").exists()
        assert not (await app.storage.series.get(ALPHA)).episode(1, 2).downloaded
        assert before is None or state(tmp_path) == before


async def test_a_double_episode_is_imported_under_both_numbers(tmp_path: Path) -> None:
    """Its file is the file of both; files that name the same episode twice are refused."""
    async with opened(tmp_path, {}) as app:
        inbox = tmp_path / "inbox"
        put(inbox / "Alpha/Alpha - S01E01-E02.mkv")
        put(inbox / "Alpha/Alpha - S01E03 a.mkv")
        put(inbox / "Alpha/Alpha - S01E03 b.mkv")
        put(inbox / "Alpha/Alpha - S01E01-E02.de.srt")

        plan, change = await app.changes.import_folder(ImportRequest(folder=str(inbox)))

        assert change is not None
        assert sorted(kinds(plan).values(), key=str) == ["episode_named_twice"]
        assert sorted(Path(name).name.split(" - ")[1] for name in names(tmp_path / "library")) == [
            *("S01E01-E02", "S01E01-E02", "S01E03")
        ]
        series = await app.storage.series.get(ALPHA)
        first = series.episode(1, 1)
        assert first.file is not None
        assert first.file == series.episode(1, 2).file


async def test_folders_of_an_import_name_why_their_series_is_open(tmp_path: Path) -> None:
    """A folder of a series has no reason, and files of several series have candidates."""
    async with opened(tmp_path, {}) as app:
        await app.storage.series.add(make_series("bravo", name="Bravo", episodes=2))
        inbox = tmp_path / "inbox"
        for name in ("Alpha/S01E01.mkv", "Alpha (1999)/S01E01.mkv", "What/S01E01.mkv"):
            put(inbox / name)
        put(inbox / "Alpha - S01E02.mkv")
        put(inbox / "Bravo - S01E02.mkv")
        draft = await app.changes.plan_import(ImportRequest(folder=str(inbox)))
    groups = {group.folder: group for group in draft.groups}
    assert sorted(groups) == [".", "Alpha", "Alpha (1999)", "What"]
    keys = {name: group.series and group.series.key for name, group in groups.items()}
    assert keys["Alpha"] == ALPHA
    assert keys["."] is None
    assert {series.key for series in groups["."].candidates} == {"alpha", "bravo"}
    assert groups["Alpha"].reason is None
    assert groups["."].reason is None
    assert [groups[name].files for name in sorted(groups)] == [2, 1, 1, 1]
    assert groups["Alpha (1999)"].year == 1999


async def test_corrections_decide_about_files_and_folders(tmp_path: Path) -> None:
    """A person chooses series and episode, or leaves a file out; undo gives all files back."""
    async with opened(tmp_path, {"Alpha/Season 01/old.mkv": (1, 1)}) as app:
        inbox = tmp_path / "inbox"
        for name in ("Alpha/Alpha - S01E02.mkv", "Bravo/S01E03.mkv", "Bravo/what.mkv", "x.mkv"):
            put(inbox / name)
        before = state(tmp_path)
        draft = await app.changes.plan_import(ImportRequest(folder=str(inbox)))
        groups = {group.folder: group for group in draft.groups}
        assert {match.path: match.group for match in draft.matches} == {
            "Alpha/Alpha - S01E02.mkv": "Alpha",
            "Bravo/S01E03.mkv": "Bravo",
            "Bravo/what.mkv": "Bravo",
            "x.mkv": ".",
        }
        assert [groups[name].confidence for name in (".", "Alpha", "Bravo")] == [
            "unsure",
            "likely",
            "unsure",
        ]
        assert (groups["Bravo"].title, groups["Bravo"].files) == ("Bravo", 2)

        corrections = (
            ImportCorrection(path="Alpha", is_skipped=True),
            ImportCorrection(path="Bravo", series=ALPHA),
            ImportCorrection(
                path="Bravo/what.mkv", series=ALPHA, episodes=EpisodeSelection(2, 1, 2)
            ),
        )
        request = ImportRequest(folder=str(inbox), corrections=corrections)
        draft = await app.changes.plan_import(request)
        found = {m.path: (m.codes, m.confidence, kind_of(m.reason)) for m in draft.matches}
        assert found == {
            "Alpha/Alpha - S01E02.mkv": ((), "unsure", "import_skipped"),
            "Bravo/S01E03.mkv": (("S01E03",), "sure", None),
            "Bravo/what.mkv": (("S02E01", "S02E02"), "sure", None),
            "x.mkv": ((), "unsure", "series_unknown"),
        }
        _, change = await app.changes.import_folder(request, digest=draft.plan.digest)
        assert change is not None
        assert names(inbox) == ["Alpha/Alpha - S01E02.mkv", "x.mkv"]
        series = await app.storage.series.get(ALPHA)
        assert series.episode(2, 1).file == series.episode(2, 2).file
        assert series.episode(1, 3).downloaded
        await app.changes.undo(change.id)
        assert state(tmp_path) == before


@pytest.mark.parametrize(
    ("corrections", "pointers"),
    [
        ([ImportCorrection(path="Nope", is_skipped=True)], ["0/path"]),
        ([ImportCorrection(path="../Alpha", series=ALPHA)], ["0/path"]),
        ([ImportCorrection(path="Alpha/a.txt", series=ALPHA)], ["0/path"]),
        ([ImportCorrection(path=".", series=SeriesKey("nobody"))], ["0/key"]),
        ([ImportCorrection(path="Alpha")], ["0/key"]),
        ([ImportCorrection(path="Alpha", is_skipped=True, series=ALPHA)], ["0/skip"]),
        (
            [ImportCorrection(path="Alpha", series=ALPHA, episodes=EpisodeSelection(1, 2, 2))],
            ["0/episode"],
        ),
        ([ImportCorrection(path="Alpha/a.mkv", episodes=EpisodeSelection(1, 2, 2))], ["0/key"]),
        (
            [
                ImportCorrection(path="Alpha/a.mkv", is_skipped=True),
                ImportCorrection(
                    path="Alpha/a.mkv", series=ALPHA, episodes=EpisodeSelection(9, 1, 1)
                ),
            ],
            ["1/episode", "1/path"],
        ),
    ],
)
async def test_a_correction_that_cannot_be_used_names_its_field(
    tmp_path: Path, corrections: list[ImportCorrection], pointers: list[str]
) -> None:
    """Unknown paths, series and episodes, and contradictions; nothing is planned."""
    async with opened(tmp_path, {"Alpha/Season 01/old.mkv": (1, 1)}) as app:
        put(tmp_path / "inbox/Alpha/a.mkv")
        put(tmp_path / "inbox/Alpha/a.txt")
        request = ImportRequest(folder=str(tmp_path / "inbox"), corrections=tuple(corrections))
        with pytest.raises(InvalidFieldsError) as caught:
            await app.changes.plan_import(request)
    assert [pointer for pointer, _ in caught.value.problems] == [
        f"/corrections/{pointer}" for pointer in pointers
    ]


async def test_a_folder_that_cannot_be_read_is_an_invalid_field(tmp_path: Path) -> None:
    """The reason names the folder of the request, not the library."""
    async with opened(tmp_path, {}) as app:
        with pytest.raises(InvalidFieldsError) as caught:
            await app.changes.plan_import(ImportRequest(folder=str(tmp_path / "gone")))

    assert [pointer for pointer, _ in caught.value.problems] == ["/folder"]


@pytest.mark.parametrize("folder", ["/", "//", "/usr", "/proc", "/sys/devices", "/srv/.."])
async def test_a_folder_of_the_system_is_not_read(tmp_path: Path, folder: str) -> None:
    """Reading the whole computer would take minutes: it is an invalid field at once."""
    async with opened(tmp_path, {}) as app:
        with pytest.raises(InvalidFieldsError, match="operating system"):
            await app.changes.plan_import(ImportRequest(folder=folder))


async def test_an_import_replaces_or_adds_a_version_on_request(tmp_path: Path) -> None:
    """A replaced file goes to the bin and comes back; a version is stored beside it."""
    async with opened(tmp_path, {"Alpha/Season 01/Alpha - S01E01 - Folge 1.mkv": (1, 1)}) as app:
        inbox, library = tmp_path / "inbox", tmp_path / "library"
        put(inbox / "Alpha/Alpha - S01E01.mkv", "new")
        before = state(tmp_path)
        request = ImportRequest(folder=str(inbox), held=HeldPolicy.VERSION)

        _, version = await app.changes.import_folder(request)
        assert version is not None
        assert names(library) == [
            "Alpha/Season 01/Alpha - S01E01 - Folge 1 (2).mkv",
            "Alpha/Season 01/Alpha - S01E01 - Folge 1.mkv",
        ]
        put(inbox / "Alpha/Alpha - S01E01.mkv", "newer")
        _, third = await app.changes.import_folder(request)
        assert third is not None
        assert names(library)[1] == "Alpha/Season 01/Alpha - S01E01 - Folge 1 (3).mkv"
        await app.changes.undo(third.id)
        (inbox / "Alpha/Alpha - S01E01.mkv").unlink()
        await app.changes.undo(version.id)
        _, replacement = await app.changes.import_folder(
            attrs.evolve(request, held=HeldPolicy.REPLACE)
        )
        assert replacement is not None
        assert (library / "Alpha/Season 01/Alpha - S01E01 - Folge 1.mkv").read_text() == "new"
        await app.changes.undo(replacement.id)

        assert state(tmp_path) == before


async def test_what_left_the_bin_is_left_out_of_an_undo(tmp_path: Path) -> None:
    """The rest is undone and the change says so; an episode keeps its new file and subtitles."""
    held = {f"Alpha/Season 01/old{number}.mkv": (1, number) for number in (1, 2)}
    async with opened(tmp_path, held) as app:
        inbox, library = tmp_path / "inbox", tmp_path / "library"
        for name in ("S01E01.mkv", "S01E01.de.srt", "S01E02.mkv", "S01E03.mkv"):
            put(inbox / f"Alpha/Alpha - {name}")
        request = ImportRequest(folder=str(inbox), held=HeldPolicy.REPLACE)
        _, change = await app.changes.import_folder(request)
        assert change is not None
        (binned,) = library.glob(".recycle/*/old1.mkv")
        content = binned.read_bytes()
        binned.unlink()

        undone = await app.changes.undo(change.id)

        assert kind_of(undone.reason) == "undone_partly"
        assert (await app.changes.get(undone.id)).reason == undone.reason
        assert names(library) == [
            "Alpha/Season 01/Alpha - S01E01 - Folge 1.de.srt",
            "Alpha/Season 01/Alpha - S01E01 - Folge 1.mkv",
            "Alpha/Season 01/old2.mkv",
        ]
        assert names(inbox) == ["Alpha/Alpha - S01E02.mkv", "Alpha/Alpha - S01E03.mkv"]
        series = await app.storage.series.get(ALPHA)
        assert [(e.file or "").rpartition("/")[2] for e in series.episodes[:3]] == [
            "Alpha - S01E01 - Folge 1.mkv",
            "old2.mkv",
            "",
        ]

        put(binned, content.decode())
        await app.changes.undo(undone.id)
        assert "Alpha/Season 01/Alpha - S01E02 - Folge 2.mkv" in names(library)


async def test_a_removed_series_comes_back(tmp_path: Path) -> None:
    """Undo of a removal restores the folder and the series with its rows."""
    async with opened(tmp_path, {"Alpha/a.mkv": (1, 1)}) as app:
        before, stored = state(tmp_path), await app.storage.series.get(ALPHA)
        await app.library_actions.remove(ALPHA, files=True)
        (entry,) = (await app.changes.history()).items

        await app.changes.undo(entry.id)

        assert await app.storage.series.get(ALPHA) == stored
        assert state(tmp_path) == before


async def test_the_bin_is_pruned_by_age_and_size(tmp_path: Path) -> None:
    """Old folders of changes are deleted, others and foreign folders stay; then undo says so."""
    async with opened(tmp_path, {"Alpha/a.mkv": (1, 1)}) as app:
        await app.library_actions.remove(ALPHA, files=True)
        (entry,) = (await app.changes.history()).items
        bins = tmp_path / "library/.recycle"
        put(bins / "mine/kept.mkv")
        put(bins / "20200101T000000.000000Z/old.mkv")
        (bins / "20200101T000000.000000Z/outside").symlink_to(tmp_path / "data")

        pruned = await app.recycle_bin.prune()

        assert [e.path for e in pruned] == [".recycle/20200101T000000.000000Z"]
        assert (tmp_path / "data").exists()
        assert (bins / "mine/kept.mkv").exists()
        (held,) = await app.recycle_bin.entries()
        shutil.rmtree(tmp_path / "library" / held.path)
        with pytest.raises(ChangeRefusedError, match="recycle bin no longer holds"):
            await app.changes.undo(entry.id)
