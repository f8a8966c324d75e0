"""Contract suite of `ChangeJournal`."""

from datetime import timedelta

import attrs
import pytest

from aniworld_core.domain.identity import ChangeId, EpisodeRef, FolderName, SeriesKey
from aniworld_core.domain.library import (
    ChangeOrigin,
    ChangeStatus,
    EpisodeFileChange,
    FileStamp,
    HeldFile,
    JournalStep,
    LibraryChange,
    SeriesFolderChange,
    SeriesFolders,
    Step,
    StepKind,
    StepState,
)
from aniworld_core.domain.media import GER_SUB
from aniworld_core.errors import ChangeNotFoundError
from aniworld_core.messages import Message, kind_of
from aniworld_core.ports.change_journal import ChangeJournal
from aniworld_core.testing.factories import START, at

UNKNOWN = ChangeId(4711)
_STAMP = FileStamp(3_000_000_000, 1_767_225_600_123_456_789)


def make_change(title: str = "Größer", **fields: object) -> LibraryChange:
    """Return a change that has every kind of step and every field."""
    steps = [
        Step(kind=StepKind.MAKE_FOLDER, target="Größer/Season 01"),
        Step(
            kind=StepKind.MOVE,
            source="Größer/01.mkv",
            target="Größer/Season 01/Größer - S01E01.mkv",
            stamp=_STAMP,
            temporary="Größer/Season 01/.aniworld-1-0.tmp",
            undo_bin=".recycle",
        ),
        Step(kind=StepKind.WRITE, target="Größer/tvshow.nfo", content=b"<tvshow/>\x00\xff"),
        Step(kind=StepKind.COPY, source="/mnt/a\nb.mkv", target="Größer/b.mkv", stamp=_STAMP),
        Step(kind=StepKind.LINK, source="/mnt/c.mkv", target="Größer/c.mkv", stamp=_STAMP),
        Step(kind=StepKind.REMOVE_FOLDER, target="Größer/old"),
    ]
    change = LibraryChange(
        id=ChangeId(0),
        origin=ChangeOrigin.RENAME,
        title=title,
        at=START + timedelta(microseconds=1),
        steps=tuple(JournalStep(step=step) for step in steps),
        episodes=(
            EpisodeFileChange(
                episode=EpisodeRef(SeriesKey("groesser"), 1, 1),
                before=HeldFile("Größer/01.mkv", GER_SUB),
                after=HeldFile("Größer/Season 01/Größer - S01E01.mkv"),
            ),
            EpisodeFileChange(
                episode=EpisodeRef(SeriesKey("groesser"), 0, 12),
                before=None,
                after=HeldFile("Größer/b.mkv", GER_SUB),
            ),
        ),
        folders=(
            SeriesFolderChange(
                key=SeriesKey("groesser"),
                before=SeriesFolders(FolderName("Größer")),
                after=SeriesFolders(FolderName("G/Größer"), ("/mnt/b/Größer",)),
            ),
            SeriesFolderChange(
                key=SeriesKey("neu"), before=None, after=SeriesFolders(FolderName("Neu"))
            ),
        ),
        removed_series=SeriesKey("groesser"),
        restored_series=SeriesKey("kleiner"),
    )
    return attrs.evolve(change, **fields)  # type: ignore[arg-type]


@pytest.mark.anyio
class ChangeJournalContract:
    """Subclass it and provide an async fixture `journal` with an empty journal."""

    async def test_begin_stores_every_field(self, journal: ChangeJournal) -> None:
        """A change is returned unchanged, with a number."""
        change = make_change()

        begun = await journal.begin(change)

        assert begun == attrs.evolve(change, id=begun.id)
        assert begun == await journal.get(begun.id)

    async def test_numbers_grow(self, journal: ChangeJournal) -> None:
        """Each change gets a higher number than those before, also of other origins."""
        ids = [(await journal.begin(make_change(origin=origin))).id for origin in ChangeOrigin]

        assert ids == sorted(set(ids))
        assert [(await journal.get(i)).origin for i in ids] == list(ChangeOrigin)

    async def test_unknown_numbers_are_refused(self, journal: ChangeJournal) -> None:
        """Every method raises `ChangeNotFoundError` for an unknown number."""
        await journal.begin(make_change())

        with pytest.raises(ChangeNotFoundError, match="4711"):
            await journal.get(UNKNOWN)
        with pytest.raises(ChangeNotFoundError, match="4711"):
            await journal.entry(UNKNOWN)
        with pytest.raises(ChangeNotFoundError, match="4711"):
            await journal.note_steps(UNKNOWN, {0: (StepState.DONE, None)})
        with pytest.raises(ChangeNotFoundError, match="4711"):
            await journal.settle(UNKNOWN, ChangeStatus.DONE, at=at(1))

    async def test_steps_are_noted(self, journal: ChangeJournal) -> None:
        """State and stamp of the given steps are stored; other steps and changes stay."""
        other = await journal.begin(make_change("other"))
        change = await journal.begin(make_change())

        await journal.note_steps(
            change.id, {1: (StepState.DONE, _STAMP), 4: (StepState.DONE, FileStamp(0, 1))}
        )
        await journal.note_steps(change.id, {4: (StepState.REVERTED, None)})

        noted = (await journal.get(change.id)).steps
        states = [step.state for step in noted]
        assert states == ["planned", "done", "planned", "planned", "reverted", "planned"]
        assert [step.result for step in noted] == [None, _STAMP, None, None, None, None]
        assert other == await journal.get(other.id)

    async def test_running_and_stuck_are_unfinished(self, journal: ChangeJournal) -> None:
        """`unfinished` returns the running and the stuck changes with steps, oldest first."""
        changes = [await journal.begin(make_change(status)) for status in ChangeStatus]
        for change, status in zip(changes, ChangeStatus, strict=True):
            if status is not ChangeStatus.RUNNING:
                await journal.settle(change.id, status, at=at(9), reason=Message("file_vanished"))

        found = await journal.unfinished()

        assert [change.title for change in found] == ["running", "stuck"]
        assert found[0] == changes[0]
        assert found[1].steps == changes[1].steps
        assert found[1].finished_at is None
        assert kind_of(found[1].reason) == "file_vanished"

    @pytest.mark.parametrize("status", [ChangeStatus.DONE, ChangeStatus.REVERTED])
    async def test_a_settled_change_keeps_no_content(
        self, journal: ChangeJournal, status: ChangeStatus
    ) -> None:
        """Time and reason are stored, and the content of written files is deleted."""
        change = await journal.begin(make_change())
        await journal.settle(change.id, ChangeStatus.STUCK, at=at(1), reason="for now")

        await journal.settle(change.id, status, at=at(2.000001))

        settled = await journal.get(change.id)
        assert (settled.status, settled.finished_at, settled.reason) == (status, at(2.000001), "")
        assert {step.step.content for step in settled.steps} == {None}
        assert [s.step.target for s in settled.steps] == [s.step.target for s in change.steps]

    async def test_find_returns_the_newest_first(self, journal: ChangeJournal) -> None:
        """A page holds entries without steps, and counts all changes."""
        begun = [await journal.begin(make_change(str(n))) for n in range(4)]

        page = await journal.find(limit=2, offset=1)

        assert page.total == 4
        assert page.items == (begun[2].entry, begun[1].entry)
        assert [entry.title for entry in (await journal.find()).items] == ["3", "2", "1", "0"]
        assert (await journal.find(offset=9)).items == ()

    async def test_a_finished_undo_marks_its_change(self, journal: ChangeJournal) -> None:
        """A change is undone by a finished undo, until that is undone as well."""
        change = await journal.begin(make_change())
        await journal.settle(change.id, ChangeStatus.DONE, at=at(1))
        undo = await journal.begin(make_change(origin=ChangeOrigin.UNDO, undoes=change.id))

        assert not (await journal.entry(change.id)).is_undone
        await journal.settle(undo.id, ChangeStatus.DONE, at=at(2))
        assert (await journal.entry(change.id)).is_undone

        redo = await journal.begin(make_change(origin=ChangeOrigin.UNDO, undoes=undo.id))
        await journal.settle(redo.id, ChangeStatus.REVERTED, at=at(3))
        assert (await journal.entry(change.id)).is_undone
        again = await journal.begin(make_change(origin=ChangeOrigin.UNDO, undoes=undo.id))
        await journal.settle(again.id, ChangeStatus.DONE, at=at(4))

        assert [entry.is_undone for entry in (await journal.find()).items] == [
            False,
            False,
            True,
            False,
        ]

    async def test_old_changes_are_pruned(self, journal: ChangeJournal) -> None:
        """Finished changes go by age and number; unfinished ones stay, and numbers go on."""
        changes = [await journal.begin(make_change(str(n))) for n in range(5)]
        for second, change in enumerate(changes[:4]):
            status = ChangeStatus.STUCK if second == 1 else ChangeStatus.DONE
            await journal.settle(change.id, status, at=at(second))

        assert await journal.prune(before=at(2), most=9) == 1
        assert [entry.title for entry in (await journal.find()).items] == ["4", "3", "2", "1"]
        assert await journal.prune(before=None, most=2) == 1
        assert [entry.title for entry in (await journal.find()).items] == ["4", "3", "1"]
        with pytest.raises(ChangeNotFoundError):
            await journal.get(changes[0].id)
        assert await journal.prune(before=None, most=0) == 1
        assert (await journal.begin(make_change())).id > changes[4].id
