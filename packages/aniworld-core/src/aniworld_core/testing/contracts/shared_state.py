"""Contract suite of `SharedStateRepository`."""

from datetime import timedelta

import attrs
import pytest

from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.shared_state import QueueControl, ScanNote
from aniworld_core.ports.shared_state import SharedStateRepository
from aniworld_core.testing.factories import START, make_failure

_NOTE = ScanNote(
    process="p-1",
    scan_id="s-1",
    status="running",
    started_at=START,
    noted_at=START + timedelta(seconds=1.25),
    done=2,
    total=9,
    key=SeriesKey("attack-on-titan"),
    folder=FolderName("Attack on Titan (2013)"),
)


@pytest.mark.anyio
class SharedStateRepositoryContract:
    """Subclass it and provide an async fixture `repository` with an empty repository."""

    async def test_nothing_is_decided_at_first(self, repository: SharedStateRepository) -> None:
        """An empty repository returns the defaults and no scan note."""
        assert await repository.queue_control() == QueueControl()
        assert await repository.scan_note() is None

    async def test_control_is_kept(self, repository: SharedStateRepository) -> None:
        """Only the given values change, and the whole control is returned."""
        change = repository.change_queue_control
        assert await change() == QueueControl()
        assert await change(is_paused=True) == QueueControl(is_paused=True)
        both = QueueControl(is_stopped=True, is_paused=True)
        assert await change(is_stopped=True) == both
        assert await change() == both == await repository.queue_control()
        assert await change(is_paused=False) == QueueControl(is_stopped=True)
        assert await change(is_stopped=False, is_paused=True) == QueueControl(is_paused=True)
        assert await repository.queue_control() == QueueControl(is_paused=True)

    async def test_requests_of_catalogues_are_kept(self, repository: SharedStateRepository) -> None:
        """The last request of each catalogue is returned, and changes no other one."""
        assert await repository.tried_again() == {}
        for name, seconds in (("a", 1.5), ("jellyfin at attic:8096", 2.0), ("", 3.0), ("a", 4.0)):
            await repository.note_tried_again(name, START + timedelta(seconds=seconds))

        assert await repository.tried_again() == {
            "a": START + timedelta(seconds=4),
            "jellyfin at attic:8096": START + timedelta(seconds=2),
            "": START + timedelta(seconds=3),
        }
        assert await repository.queue_control() == QueueControl()

    async def test_note_is_kept_whole(self, repository: SharedStateRepository) -> None:
        """Every field of the last note is returned."""
        failed = attrs.evolve(
            _NOTE, status="failed", key=None, folder=None, files=3, failure=make_failure()
        )
        for note in (_NOTE, failed, _NOTE):
            await repository.note_scan(note)
            assert await repository.scan_note() == note

    async def test_control_and_note_do_not_meet(self, repository: SharedStateRepository) -> None:
        """Control and note are independent."""
        await repository.change_queue_control(is_paused=True)
        await repository.note_scan(_NOTE)

        assert await repository.queue_control() == QueueControl(is_paused=True)
        assert await repository.scan_note() == _NOTE
