"""Contract suite of `MediaFetcher`."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

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
from aniworld_core.testing.waiting import PATIENCE


def _nothing() -> None:
    """Do nothing."""


@attrs.frozen(kw_only=True)
class Offer:
    """Test media for a fetcher, with controls for their server.

    Attributes:
        stream: Complete media of at least a few hundred kilobytes.
        suffix: Expected file suffix.
        interrupt: Makes the server break off in the middle.
        mend: Makes the server work again.
        served: Returns the number of media bytes sent so far.
        hold: Makes the server pause in the middle; returns an event that is set then.
        others: Streams whose links have another kind, with that kind.
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
    """Fetch and return the file; fail if the link has another kind."""
    result = await fetcher.fetch(request, on_progress=on_progress)
    assert isinstance(result, FetchedFile), result
    return result


async def made_plan(fetcher: MediaFetcher, request: FetchRequest) -> FetchPlan:
    """Return the plan; fail if the link has another kind."""
    result = await fetcher.plan(request)
    assert isinstance(result, FetchPlan), result
    return result


class MediaFetcherContract:
    """Subclass it, name the class `Test…`, give a `fetcher` and an `offer` it accepts."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    @pytest.fixture
    async def fetcher(self) -> MediaFetcher:
        """Return the fetcher under test; subclasses override it."""
        raise TypeError("override the `fetcher` fixture")

    @pytest.fixture
    async def offer(self) -> Offer:
        """Return test media; subclasses override it."""
        raise TypeError("override the `offer` fixture")

    @pytest.fixture
    def request_(self, offer: Offer, tmp_path: Path) -> FetchRequest:
        """Return a request with a destination in an empty folder."""
        (tmp_path / "Show").mkdir()
        return FetchRequest(stream=offer.stream, destination=tmp_path / "Show" / "S01E01.mp4")

    async def test_it_has_a_name(self, fetcher: MediaFetcher) -> None:
        """A fetcher has a name."""
        assert fetcher.name.strip() == fetcher.name != ""

    async def test_it_accepts_what_it_fetches(self, fetcher: MediaFetcher, offer: Offer) -> None:
        """`accepts` needs no network and raises nothing for a broken link."""
        assert fetcher.accepts(offer.stream)
        assert fetcher.accepts(attrs.evolve(offer.stream, url="no link at all"))

    async def test_plan_writes_nothing(self, fetcher: MediaFetcher, request_: FetchRequest) -> None:
        """A plan writes no file."""
        plan = await made_plan(fetcher, request_)

        assert plan.kind is request_.stream.kind
        assert not plan.is_live
        assert not plan.is_protected
        assert list(request_.destination.parent.iterdir()) == []

    async def test_fetch_leaves_the_file_and_nothing_else(
        self, fetcher: MediaFetcher, request_: FetchRequest
    ) -> None:
        """After success only the file exists, and its description is correct."""
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
        """The suffix is that of the container, unless `exact_name` is set."""
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
        """A second fetch returns the existing file and requests no media."""
        first = await fetched_file(fetcher, request_)
        served = offer.served()

        second = await fetched_file(fetcher, request_)

        assert second.path == first.path
        assert second.sha256 == first.sha256
        assert offer.served() == served

    async def test_another_file_is_never_overwritten(
        self, fetcher: MediaFetcher, request_: FetchRequest, offer: Offer
    ) -> None:
        """Another file with the final name stays, and the fetch raises an error."""
        taken = request_.destination.with_suffix(offer.suffix)
        taken.write_bytes(b"somebody's only copy")

        with pytest.raises(FileExistsConflictError):
            await fetched_file(fetcher, request_)

        assert taken.read_bytes() == b"somebody's only copy"

    async def test_an_interrupted_fetch_goes_on(
        self, fetcher: MediaFetcher, request_: FetchRequest, offer: Offer
    ) -> None:
        """An interrupted fetch leaves no final name; the next fetch resumes it."""
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
        """A cancelled fetch leaves no final name; the next fetch resumes it."""
        waiting = offer.hold()
        async with anyio.create_task_group() as group:
            group.start_soon(fetched_file, fetcher, request_)
            with anyio.fail_after(PATIENCE):
                await waiting.wait()
            group.cancel_scope.cancel()
        left = [path.name for path in request_.destination.parent.iterdir()]
        offer.mend()

        fetched = await fetched_file(fetcher, request_)

        assert all(name.startswith(f"{request_.destination.name}.part") for name in left)
        assert list(request_.destination.parent.iterdir()) == [fetched.path]
        assert fetched.sha256 == hashlib.sha256(fetched.path.read_bytes()).hexdigest()

    async def test_progress_is_honest(self, fetcher: MediaFetcher, request_: FetchRequest) -> None:
        """Progress only grows and never exceeds the total; phases are in order."""
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
        """Plan and fetch return the other kind of a link and leave no file."""
        for stream, kind in offer.others:
            request = attrs.evolve(request_, stream=stream)
            for result in (await fetcher.plan(request), await fetcher.fetch(request)):
                assert isinstance(result, OtherKind)
                assert result.kind is kind
            assert list(request.destination.parent.iterdir()) == []
