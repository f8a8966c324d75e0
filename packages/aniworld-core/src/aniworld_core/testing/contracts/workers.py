"""Contract suite of `WorkerRoster`."""

from typing import ClassVar

import anyio
import anyio.lowlevel
import pytest

from aniworld_core.domain.identity import WorkerId
from aniworld_core.errors import StorageUnavailableError
from aniworld_core.ports.workers import WorkerRoster

MINE = WorkerId("host-1-abc")
OTHER = WorkerId("host-2-def")


class WorkerRosterContract:
    """Subclass it and provide the fixtures `roster` and `observer`: two handles on one roster."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    async def test_a_living_worker_has_not_departed(
        self, roster: WorkerRoster, observer: WorkerRoster
    ) -> None:
        """A worker is alive inside its context, for its own process and for others."""
        async with roster.enlist(MINE):
            for each in (roster, observer):
                assert list(await each.departed()) == []
                assert set(await each.living()) <= {MINE}

    async def test_a_worker_that_ends_in_order_is_gone(
        self, roster: WorkerRoster, observer: WorkerRoster
    ) -> None:
        """A worker that ends normally is neither alive nor dead."""
        async with roster.enlist(MINE):
            pass

        for each in (roster, observer):
            assert list(await each.departed()) == []
            assert list(await each.living()) == []

    @pytest.mark.parametrize("error", [StorageUnavailableError("it is locked"), KeyError("x")])
    async def test_a_worker_that_ends_with_an_error_has_departed(
        self, roster: WorkerRoster, observer: WorkerRoster, error: Exception
    ) -> None:
        """A worker whose context ends with an error is dead until it is forgotten."""
        with pytest.raises(type(error)):
            async with roster.enlist(MINE):
                raise error

        for each in (roster, observer):
            assert list(await each.departed()) == [MINE]
            assert list(await each.living()) == []
        await observer.forget(MINE)
        assert list(await roster.departed()) == list(await observer.departed()) == []

    async def test_a_cancelled_worker_has_departed(
        self, roster: WorkerRoster, observer: WorkerRoster
    ) -> None:
        """Cancellation is an error too: the items of the worker were not released."""
        with anyio.CancelScope() as scope:
            async with roster.enlist(MINE):
                scope.cancel()
                await anyio.lowlevel.checkpoint()

        assert list(await observer.departed()) == [MINE]

    async def test_a_living_worker_is_not_forgotten(
        self, roster: WorkerRoster, observer: WorkerRoster
    ) -> None:
        """`forget` removes dead workers only; of an unknown worker it does nothing."""
        async with roster.enlist(MINE):
            alive = list(await observer.living())
            for each in (roster, observer):
                await each.forget(MINE)
                await each.forget(OTHER)
            assert list(await observer.living()) == alive
            assert list(await observer.departed()) == []

    async def test_workers_are_told_apart(
        self, roster: WorkerRoster, observer: WorkerRoster
    ) -> None:
        """The end of one worker does not end another."""
        with pytest.raises(KeyError):
            async with roster.enlist(MINE), observer.enlist(OTHER):
                raise KeyError(MINE)
        await observer.forget(OTHER)
        assert list(await observer.departed()) == [MINE]

        async with roster.enlist(MINE):
            assert list(await observer.departed()) == []
