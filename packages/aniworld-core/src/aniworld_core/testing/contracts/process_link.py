"""Contract suite of `ProcessLink`."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import ClassVar

import anyio
import pytest

from aniworld_core.domain.downloads import Progress
from aniworld_core.ports.process_link import Notice, ProcessLink, Topic
from aniworld_core.ports.storage import Storage, StorageFactory
from aniworld_core.testing.factories import (
    KEY,
    at,
    make_account,
    make_claim,
    make_item,
    make_item_id,
    make_series,
    make_session,
)
from aniworld_core.testing.waiting import PATIENCE

#: A storage opened twice, as by two processes.
Handles = tuple[Storage, Storage]


def link_of(storage: Storage) -> ProcessLink:
    """Return the link of a storage."""
    assert storage.link is not None
    return storage.link


async def wait_for(notices: AsyncIterator[Notice], wanted: Notice) -> list[Notice]:
    """Return the notices before the wanted one."""
    before: list[Notice] = []
    with anyio.fail_after(PATIENCE):
        while (notice := await anext(notices)) != wanted:
            before.append(notice)
    return before


class ProcessLinkContract:
    """Subclass it and provide the fixtures `open_storage` and `url` of `SharedStorageContract`."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    @pytest.fixture
    async def handles(self, open_storage: StorageFactory, url: str) -> AsyncIterator[Handles]:
        """Return the storage opened twice."""
        async with AsyncExitStack() as stack:
            first = await stack.enter_async_context(open_storage(url))
            yield first, await stack.enter_async_context(open_storage(url))

    async def test_the_first_notice_is_a_gap(self, handles: Handles) -> None:
        """A receiver reads the stored state when it begins."""
        async with link_of(handles[0]).receive() as notices:
            with anyio.fail_after(PATIENCE):
                assert await anext(notices) == Notice(topic=Topic.GAP)

    async def test_a_text_arrives_at_the_others(self, handles: Handles) -> None:
        """What one process posts is received by the other, whatever characters it has."""
        ours, theirs = map(link_of, handles)
        async with theirs.receive() as notices:
            await wait_for(notices, Notice(topic=Topic.GAP))
            for text in ("plain", "größer 進 '\"\\ %s $1", ""):
                ours.post("a", text)
                await wait_for(notices, Notice(topic=Topic.PROGRESS, text=text))

    async def test_nothing_is_sent_back(self, handles: Handles) -> None:
        """A process receives neither its own texts nor its own changes."""
        ours, theirs = map(link_of, handles)
        async with ours.receive() as notices:
            await wait_for(notices, Notice(topic=Topic.GAP))
            ours.post("a", "ours")
            await handles[0].queue.add([make_item(1)])
            # Sent after the own ones, so it would arrive after them.
            await anyio.sleep(0.2)
            theirs.post("a", "theirs")
            before = await wait_for(notices, Notice(topic=Topic.PROGRESS, text="theirs"))

        assert before == []

    async def test_newer_texts_replace_older_ones(self, handles: Handles) -> None:
        """Of many texts of one key few are sent, the newest one is, and none of another is lost."""
        ours, theirs = map(link_of, handles)
        async with theirs.receive() as notices:
            await wait_for(notices, Notice(topic=Topic.GAP))
            ours.post("other", "other")
            for number in range(2_000):
                ours.post("item", str(number))
            before = await wait_for(notices, Notice(topic=Topic.PROGRESS, text="1999"))

        assert Notice(topic=Topic.PROGRESS, text="other") in before
        assert len(before) < 200

    async def test_a_text_that_is_too_long_is_dropped(self, handles: Handles) -> None:
        """The texts after it are sent; one of 7,000 bytes is."""
        ours, theirs = map(link_of, handles)
        async with theirs.receive() as notices:
            await wait_for(notices, Notice(topic=Topic.GAP))
            ours.post("a", "ä" * 3_501)
            ours.post("b", "ä" * 3_500)
            before = await wait_for(notices, Notice(topic=Topic.PROGRESS, text="ä" * 3_500))

        assert before == []

    @pytest.mark.parametrize("topic", [Topic.QUEUE, Topic.SERIES, Topic.ACCESS])
    async def test_changes_are_announced_after_the_commit(
        self, handles: Handles, topic: Topic
    ) -> None:
        """A receiver of a notice reads the change that it is about."""
        ours, theirs = handles
        await ours.sessions.add(make_session())
        change, is_stored = _CHANGES[topic]
        async with link_of(theirs).receive() as notices:
            await wait_for(notices, Notice(topic=Topic.GAP))
            await change(ours)
            await wait_for(notices, Notice(topic=topic))
            assert await is_stored(theirs)

    async def test_stored_progress_is_not_announced(self, handles: Handles) -> None:
        """Renewed claims and progress are stored every second; nobody has to look then."""
        ours, theirs = handles
        await ours.queue.add([make_item(1)])
        await ours.queue.claim_next(make_claim(since=at(5)))
        async with link_of(theirs).receive() as notices:
            await wait_for(notices, Notice(topic=Topic.GAP))
            await ours.queue.record_progress(make_item_id(1), Progress(downloaded_bytes=1))
            await ours.queue.renew(make_item_id(1), make_claim(since=at(6)))
            await ours.accounts.add(make_account(1))
            link_of(ours).post("a", "end")
            before = await wait_for(notices, Notice(topic=Topic.PROGRESS, text="end"))

        assert before == []


async def _add_item(storage: Storage) -> None:
    await storage.queue.add([make_item(1)])


async def _has_item(storage: Storage) -> bool:
    return bool(await storage.queue.find())


async def _add_series(storage: Storage) -> None:
    await storage.series.add(make_series(episodes=1))


async def _has_series(storage: Storage) -> bool:
    return KEY in await storage.series.folders()


async def _sign_out(storage: Storage) -> None:
    await storage.sessions.revoke(make_session().id, at(1))


async def _is_signed_out(storage: Storage) -> bool:
    return (await storage.sessions.get(make_session().id)).revoked_at is not None


_CHANGES: dict[
    Topic, tuple[Callable[[Storage], Awaitable[None]], Callable[[Storage], Awaitable[bool]]]
] = {
    Topic.QUEUE: (_add_item, _has_item),
    Topic.SERIES: (_add_series, _has_series),
    Topic.ACCESS: (_sign_out, _is_signed_out),
}
