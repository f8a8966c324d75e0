"""State machines that compare an adapter with a model, step by step."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack
from datetime import datetime, timedelta
from typing import Any

import anyio.from_thread
import attrs
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
)

from aniworld_core.domain.downloads import (
    DownloadItem,
    DownloadStatus,
    Priority,
    Progress,
    claim_order,
    next_claimable,
)
from aniworld_core.domain.identity import EpisodeRef, ItemId, WorkerId
from aniworld_core.errors import (
    AlreadyQueuedError,
    ClaimLostError,
    IllegalTransitionError,
    ItemActiveError,
    ItemNotFoundError,
    StaleItemError,
)
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.testing.factories import KEY, START, make_claim, make_failure, make_item

_Step = Callable[[DownloadItem], DownloadItem]

_WORKERS = st.sampled_from(["worker-1", "worker-2"]).map(WorkerId)
_EPISODES = st.integers(1, 3).map(lambda number: EpisodeRef(KEY, 1, number))
_DELAYS = st.none() | st.integers(0, 90).map(lambda seconds: timedelta(seconds=seconds))


class QueueRepositoryMachine(RuleBasedStateMachine):
    """Applies the same steps to a repository and to a dict of items, and compares them.

    Subclass it with `open_repository`, and give the subclass's `TestCase` to pytest under a name of
    its own. Outdated items stay in use, so that every step is also tried with a stale revision.
    """

    known: Bundle[Any] = Bundle("known")

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self.reopen()
        self._model: dict[ItemId, DownloadItem] = {}
        self._now: datetime = START
        self._added = 0

    @abstractmethod
    def open_repository(self) -> AbstractAsyncContextManager[QueueRepository]:
        """Open an empty repository."""

    def reopen(self) -> None:
        """Close the repository, if it is open, and open it again, as a restart would."""
        self._stack.close()
        self._portal = self._stack.enter_context(anyio.from_thread.start_blocking_portal())
        self._repository = self._stack.enter_context(
            self._portal.wrap_async_context_manager(self.open_repository())
        )

    def teardown(self) -> None:
        """Close the repository."""
        self._stack.close()

    @rule(seconds=st.integers(1, 45))
    def let_time_pass(self, seconds: int) -> None:
        """Advance the time, so that claims expire and delays end."""
        self._now += timedelta(seconds=seconds)

    @rule(
        target=known,
        episodes=st.lists(_EPISODES, min_size=1, max_size=2),
        priority=st.sampled_from(Priority),
        place=st.integers(-1, 1),
        delay=_DELAYS,
    )
    def add(
        self,
        episodes: Sequence[EpisodeRef],
        priority: Priority,
        place: int,
        delay: timedelta | None,
    ) -> object:
        """Queue episodes, all or none."""
        items = [
            make_item(
                self._added + offset,
                episode=episode,
                added_at=self._now,
                priority=priority,
                place=place,
                not_before=self._later(delay),
            )
            for offset, episode in enumerate(episodes)
        ]
        wanted = [item.episode for item in self._model.values() if item.is_open] + list(episodes)
        if len(set(wanted)) < len(wanted):
            with pytest.raises(AlreadyQueuedError):
                self._portal.call(self._repository.add, items)
            return multiple()
        self._portal.call(self._repository.add, items)
        self._added += len(items)
        self._model |= {item.id: item for item in items}
        return multiple(*items)

    @rule(target=known, worker=_WORKERS)
    def claim(self, worker: WorkerId) -> object:
        """Claim the next item, if there is one."""
        claim = make_claim(worker, since=self._now)
        expected = next_claimable(self._model.values(), self._now)

        item = self._portal.call(self._repository.claim_next, claim)

        if expected is None:
            assert item is None
            return multiple()
        assert item == self._noted(expected.start(claim))
        return item

    @rule(target=known, item=known)
    def complete(self, item: DownloadItem) -> object:
        """Complete an item, known in any earlier revision."""
        return self._decide(item, lambda i: i.complete(self._now, "file.mp4", None))

    @rule(target=known, item=known)
    def fail(self, item: DownloadItem) -> object:
        """Fail an item."""
        return self._decide(item, lambda i: i.fail(make_failure(), self._now))

    @rule(target=known, item=known, delay=_DELAYS, reset=st.booleans())
    def retry(self, item: DownloadItem, delay: timedelta | None, *, reset: bool) -> object:
        """Retry a failed item."""
        not_before = self._later(delay)
        return self._decide(item, lambda i: i.retry(not_before=not_before, reset=reset))

    @rule(target=known, item=known, delay=_DELAYS)
    def requeue(self, item: DownloadItem, delay: timedelta | None) -> object:
        """Requeue an item."""
        return self._decide(item, lambda i: i.requeue(not_before=self._later(delay)))

    @rule(
        target=known,
        item=known,
        priority=st.sampled_from(Priority),
        place=st.integers(-1, 1),
    )
    def reorder(self, item: DownloadItem, priority: Priority, place: int) -> object:
        """Move an item to another position."""
        return self._decide(item, lambda i: attrs.evolve(i, priority=priority, place=place))

    @rule(item=known, worker=_WORKERS)
    def renew(self, item: DownloadItem, worker: WorkerId) -> None:
        """Renew a claim, with its own worker or another."""
        claim = make_claim(worker, since=self._now)
        stored = self._model.get(item.id)
        if stored is None or stored.claim is None or stored.claim.worker != worker:
            with pytest.raises(ClaimLostError):
                self._portal.call(self._repository.renew, item.id, claim)
            return
        self._portal.call(self._repository.renew, item.id, claim)
        self._model[item.id] = attrs.evolve(stored, claim=claim)

    @rule(item=known, downloaded=st.integers(0, 2**40))
    def record_progress(self, item: DownloadItem, downloaded: int) -> None:
        """Record progress of an item."""
        progress = Progress(downloaded_bytes=downloaded, total_bytes=2**40)
        stored = self._model.get(item.id)
        if stored is None or stored.status is not DownloadStatus.DOWNLOADING:
            with pytest.raises(ClaimLostError):
                self._portal.call(self._repository.record_progress, item.id, progress)
            return
        self._portal.call(self._repository.record_progress, item.id, progress)
        self._model[item.id] = attrs.evolve(stored, progress=progress)

    @rule(target=known)
    def release_expired(self) -> object:
        """Requeue items whose claims have expired."""
        late = [
            i
            for i in self._model.values()
            if i.claim is not None and i.claim.expires_at <= self._now
        ]
        return self._released(late, self._portal.call(self._repository.release_expired, self._now))

    @rule(target=known, worker=_WORKERS)
    def release_held_by(self, worker: WorkerId) -> object:
        """Requeue the items of a worker."""
        held = [i for i in self._model.values() if i.claim is not None and i.claim.worker == worker]
        return self._released(held, self._portal.call(self._repository.release_held_by, worker))

    @rule(items=st.lists(known, max_size=3))
    def remove(self, items: Sequence[DownloadItem]) -> None:
        """Delete items, all or none."""
        ids = {item.id for item in items}
        stored = [self._model[i] for i in ids if i in self._model]
        if any(item.status is DownloadStatus.DOWNLOADING for item in stored):
            with pytest.raises(ItemActiveError):
                self._portal.call(self._repository.remove, ids)
            return
        assert self._portal.call(self._repository.remove, ids) == len(stored)
        for item in stored:
            del self._model[item.id]

    @invariant()
    def stored_items_equal_the_model_in_claim_order(self) -> None:
        """The stored items equal the model, in claim order."""
        stored = self._portal.call(self._repository.find)
        assert list(stored) == sorted(self._model.values(), key=claim_order)

    @invariant()
    def an_episode_has_one_open_item_at_most(self) -> None:
        """No episode has two open items."""
        stored = self._portal.call(self._repository.find)
        wanted = [item.episode for item in stored if item.is_open]
        assert len(set(wanted)) == len(wanted)

    def _later(self, delay: timedelta | None) -> datetime | None:
        return None if delay is None else self._now + delay

    def _noted(self, item: DownloadItem) -> DownloadItem:
        stored = attrs.evolve(item, revision=item.revision + 1)
        self._model[item.id] = stored
        return stored

    def _released(self, held: Sequence[DownloadItem], answer: Sequence[DownloadItem]) -> object:
        released = sorted((self._noted(item.requeue()) for item in held), key=claim_order)
        assert list(answer) == released
        return multiple(*released)

    def _decide(self, known: DownloadItem, step: _Step) -> object:
        try:
            decided = step(known)
        except IllegalTransitionError:
            return multiple()
        stored = self._model.get(known.id)
        refusal = self._refusal(stored, decided)
        if refusal is not None:
            with pytest.raises(refusal):
                self._portal.call(self._repository.save, decided)
            return multiple()
        saved = self._portal.call(self._repository.save, decided)
        assert saved == self._noted(decided)
        return saved

    def _refusal(
        self, stored: DownloadItem | None, decided: DownloadItem
    ) -> type[Exception] | None:
        if stored is None:
            return ItemNotFoundError
        if stored.revision != decided.revision:
            return StaleItemError
        rivals = [i for i in self._model.values() if i.is_open and i.id != decided.id]
        if decided.is_open and any(rival.episode == decided.episode for rival in rivals):
            return AlreadyQueuedError
        return None
