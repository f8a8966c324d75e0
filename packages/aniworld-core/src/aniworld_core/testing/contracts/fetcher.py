"""What every fetcher must keep to."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import anyio
import attrs
import pytest

from aniworld_core.domain.downloads import Phase, Progress
from aniworld_core.domain.media import Stream, StreamKind
from aniworld_core.errors import FetchInterruptedError, FileExistsConflictError
from aniworld_core.ports.fetcher import (
    FetchedFile,
    FetchPlan,
    FetchRequest,
    MediaFetcher,
    OtherKind,
    ProgressCallback,
)


def _nothing() -> None:
    """Do nothing."""


@attrs.frozen(kw_only=True)
class Offer:
    """Media that a fetcher is tried with, and what can happen to them.

    Attributes:
        stream: Whole media of a few hundred kilobytes at least.
        suffix: What a file of them ends in.
        interrupt: Makes the source break off in the middle from now on.
        mend: Makes it whole again.
        served: Counts the media bytes it gave so far.
        hold: Makes it fall silent in the middle; returns an event set when it does.
        others: Streams whose links lead to another kind, each with that kind.
    """

    stream: Stream
    suffix: str = ".mp4"
    interrupt: Callable[[], None]
    mend: Callable[[], None] = _nothing
    served: Callable[[], int]
    hold: Callable[[], anyio.Event]
    others: tuple[tuple[Stream, StreamKind | None], ...] = ()


async def fetched_file(
    fetcher: MediaFetcher, request: FetchRequest, *, on_progress: ProgressCallback | None = None
) -> FetchedFile:
    """Fetch and return the file; fail if the link leads to another kind."""
    result = await fetcher.fetch(request, on_progress=on_progress)
    assert isinstance(result, FetchedFile), result
    return result


async def made_plan(fetcher: MediaFetcher, request: FetchRequest) -> FetchPlan:
    """Return the plan; fail if the link leads to another kind."""
    result = await fetcher.plan(request)
    assert isinstance(result, FetchPlan), result
    return result


class MediaFetcherContract:
    """Subclass it, name the class `Test…`, give a `fetcher` and an `offer` it accepts."""

    pytestmark = pytest.mark.anyio

    @pytest.fixture
    async def fetcher(self) -> MediaFetcher:
        """Give the fetcher under test; subclasses override this."""
        raise TypeError("override the `fetcher` fixture")

    @pytest.fixture
    async def offer(self) -> Offer:
        """Give media; subclasses override this."""
        raise TypeError("override the `offer` fixture")

    @pytest.fixture
    def request_(self, offer: Offer, tmp_path: Path) -> FetchRequest:
        """Ask for the media in an empty folder."""
        (tmp_path / "Show").mkdir()
        return FetchRequest(stream=offer.stream, destination=tmp_path / "Show" / "S01E01.mp4")

    async def test_it_has_a_name(self, fetcher: MediaFetcher) -> None:
        """The name says which it is."""
        assert fetcher.name.strip() == fetcher.name != ""

    async def test_it_accepts_what_it_fetches(self, fetcher: MediaFetcher, offer: Offer) -> None:
        """Accepting needs no network and does not mind a broken link."""
        assert fetcher.accepts(offer.stream)
        assert fetcher.accepts(attrs.evolve(offer.stream, url="no link at all"))

    async def test_plan_writes_nothing(self, fetcher: MediaFetcher, request_: FetchRequest) -> None:
        """A plan names the kind and leaves the folder as it was."""
        plan = await made_plan(fetcher, request_)

        assert plan.kind is request_.stream.kind
        assert not plan.is_live
        assert not plan.is_protected
        assert list(request_.destination.parent.iterdir()) == []

    async def test_fetch_leaves_the_file_and_nothing_else(
        self, fetcher: MediaFetcher, request_: FetchRequest
    ) -> None:
        """The file is described as it is, and no part or ledger stays."""
        fetched = await fetched_file(fetcher, request_)

        content = fetched.path.read_bytes()
        assert list(request_.destination.parent.iterdir()) == [fetched.path]
        assert fetched.bytes == len(content) > 0
        assert fetched.sha256 == hashlib.sha256(content).hexdigest()
        assert fetched.resumed_bytes == 0
        assert fetched.attempts >= 1

    async def test_suffix_is_that_of_the_container(
        self, fetcher: MediaFetcher, request_: FetchRequest, offer: Offer
    ) -> None:
        """A wrong suffix is replaced, unless a person chose the name."""
        wrong = attrs.evolve(request_, destination=request_.destination.with_suffix(".avi"))

        fetched = await fetched_file(fetcher, wrong)
        chosen = attrs.evolve(
            request_, destination=request_.destination.with_name("mine.bin"), exact_name=True
        )
        exact = await fetched_file(fetcher, chosen)

        assert fetched.path == request_.destination.with_suffix(offer.suffix)
        assert exact.path.name == "mine.bin"

    async def test_a_finished_file_is_not_fetched_again(
        self, fetcher: MediaFetcher, request_: FetchRequest, offer: Offer
    ) -> None:
        """The second fetch returns the first one's file and asks for no media."""
        first = await fetched_file(fetcher, request_)
        served = offer.served()

        second = await fetched_file(fetcher, request_)

        assert second.path == first.path
        assert second.sha256 == first.sha256
        assert offer.served() == served

    async def test_another_file_is_never_overwritten(
        self, fetcher: MediaFetcher, request_: FetchRequest, offer: Offer
    ) -> None:
        """Something else under the final name stays, and the fetch says so."""
        taken = request_.destination.with_suffix(offer.suffix)
        taken.write_bytes(b"somebody's only copy")

        with pytest.raises(FileExistsConflictError):
            await fetched_file(fetcher, request_)

        assert taken.read_bytes() == b"somebody's only copy"

    async def test_an_interrupted_fetch_goes_on(
        self, fetcher: MediaFetcher, request_: FetchRequest, offer: Offer
    ) -> None:
        """What is left has no final name, and is not fetched a second time."""
        offer.interrupt()
        with pytest.raises(FetchInterruptedError):
            await fetched_file(fetcher, request_)
        left = [path.name for path in request_.destination.parent.iterdir()]
        offer.mend()

        fetched = await fetched_file(fetcher, request_)

        assert left
        assert all(name.startswith(f"{request_.destination.name}.part") for name in left)
        assert fetched.resumed_bytes > 0
        assert list(request_.destination.parent.iterdir()) == [fetched.path]
        assert fetched.sha256 == hashlib.sha256(fetched.path.read_bytes()).hexdigest()

    async def test_a_cancelled_fetch_goes_on(
        self, fetcher: MediaFetcher, request_: FetchRequest, offer: Offer
    ) -> None:
        """Cancelling keeps what was fetched and gives nothing its final name."""
        waiting = offer.hold()
        async with anyio.create_task_group() as group:
            group.start_soon(fetched_file, fetcher, request_)
            with anyio.fail_after(5):
                await waiting.wait()
            group.cancel_scope.cancel()
        left = [path.name for path in request_.destination.parent.iterdir()]
        offer.mend()

        fetched = await fetched_file(fetcher, request_)

        assert all(name.startswith(f"{request_.destination.name}.part") for name in left)
        assert list(request_.destination.parent.iterdir()) == [fetched.path]
        assert fetched.sha256 == hashlib.sha256(fetched.path.read_bytes()).hexdigest()

    async def test_progress_is_honest(self, fetcher: MediaFetcher, request_: FetchRequest) -> None:
        """Progress only grows, never passes the whole, and phases come in their order."""
        seen: list[Progress] = []

        async def note(progress: Progress) -> None:
            seen.append(progress)

        await fetched_file(fetcher, request_, on_progress=note)

        phases = list(Phase)
        assert seen
        assert [p.done for p in seen] == sorted(p.done for p in seen)
        assert all(0.0 <= p.done <= 1.0 and p.rate >= 0.0 for p in seen)
        order = [phases.index(p.phase) for p in seen]
        assert order == sorted(order)

    async def test_another_kind_is_returned(
        self, fetcher: MediaFetcher, request_: FetchRequest, offer: Offer
    ) -> None:
        """Plan and fetch return what the link leads to, and leave nothing on disk."""
        for stream, kind in offer.others:
            request = attrs.evolve(request_, stream=stream)
            for result in (await fetcher.plan(request), await fetcher.fetch(request)):
                assert isinstance(result, OtherKind)
                assert result.kind is kind
            assert list(request.destination.parent.iterdir()) == []
