"""Cover source: fetching, caching, backoff."""

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import attrs
import pytest

from aniworld_core.domain.catalogue import Cover, CoverAddress
from aniworld_core.domain.configuration import NetworkConfig, ProviderConfig, ServerConfig
from aniworld_core.errors import CoverNotFoundError, ProviderUnavailableError
from aniworld_core.ports.covers import CoverSource
from aniworld_core.testing.fakes import make_cover
from aniworld_core.testing.waiting import PATIENCE
from aniworld_providers.covers import open_covers
from aniworld_providers.covers.cache import CoverCache
from aniworld_providers.covers.sites import MAX_COVER
from support.adapter_context import JumpingClock, make_context
from support.sites.page_server import Answer, PageServer, open_page_server

pytestmark = pytest.mark.anyio
COVER = make_cover()
IMAGE = Answer.media("text/html", COVER.data)


@pytest.fixture
def site() -> Iterator[PageServer]:
    """Serve a site with an image that it declares as a page."""
    with open_page_server() as pages:
        pages.answers["/a"] = IMAGE
        yield pages


@pytest.fixture
def clock() -> JumpingClock:
    """Return a clock that jumps instead of sleeping."""
    return JumpingClock()


@attrs.define
class Desk:
    """Covers of one site."""

    site: PageServer
    covers: CoverSource
    own: bool = True

    async def get(self, path: str = "/a") -> Cover:
        """Request one cover."""
        reach = frozenset({self.site.address}) if self.own else frozenset()
        url = self.site.url(path) if path.startswith("/") else path
        return await self.covers.get(CoverAddress(provider="p", url=url, reach=reach))


@asynccontextmanager
async def open_desk(
    folder: Path, site: PageServer, clock: JumpingClock, *, own: bool = True, **options: Any
) -> AsyncIterator[Desk]:
    """Open a cover source in a folder; *own* sites are servers that their catalogue runs."""
    async with open_covers(make_context(folder, clock=clock, **options)) as covers:
        yield Desk(site, covers, own)


@pytest.fixture
async def desk(tmp_path: Path, site: PageServer, clock: JumpingClock) -> AsyncIterator[Desk]:
    """Open covers of a server that the catalogue runs."""
    async with open_desk(tmp_path, site, clock) as opened:
        yield opened


async def test_a_cached_cover_is_not_requested_again(
    tmp_path: Path, site: PageServer, clock: JumpingClock
) -> None:
    """A cached cover is used for a month, also by the next process."""
    for _ in range(2):
        async with open_desk(tmp_path, site, clock) as desk:
            assert await desk.get() == await desk.get()
        clock.time += timedelta(days=14)

    assert site.paths == ["/a"]


async def test_concurrent_callers_cause_one_request(desk: Desk) -> None:
    """The site gets one request for all concurrent callers."""
    found: list[Cover] = []

    async def ask() -> None:
        found.append(await desk.get())

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(ask)

    assert len(found) == 20
    assert desk.site.paths == ["/a"]


async def test_a_cancelled_caller_does_not_affect_the_others(desk: Desk) -> None:
    """The remaining callers get the cover when the first caller is cancelled."""
    desk.site.hanging.add("/a")
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            leaving = anyio.CancelScope()

            async def leave() -> None:
                with leaving:
                    await desk.get()

            tasks.start_soon(leave)
            await anyio.to_thread.run_sync(desk.site.hung.wait)
            tasks.start_soon(desk.get)
            await anyio.wait_all_tasks_blocked()
            desk.site.hanging.clear()
            leaving.cancel()
    desk.site.released.set()

    assert desk.site.paths == ["/a", "/a"]


async def test_an_old_cover_is_replaced(desk: Desk, clock: JumpingClock) -> None:
    """After a month the new image of the site replaces the cached one."""
    await desk.get()
    newer = make_cover(shade=7)
    desk.site.answers["/a"] = Answer.media("image/png", newer.data)
    clock.time += timedelta(days=31)

    assert (await desk.get()).data == newer.data


@pytest.mark.parametrize("answer", [Answer.page("gone", 404), Answer.page("ill", 500)])
async def test_an_old_cover_is_better_than_none(
    desk: Desk, clock: JumpingClock, answer: Answer
) -> None:
    """A cached cover is used if its site has none any more; the site is not asked again soon."""
    await desk.get()
    desk.site.answers["/a"] = answer
    clock.time += timedelta(days=31)

    assert (await desk.get()).data == (await desk.get()).data == COVER.data
    assert desk.site.paths == ["/a", "/a"]


@pytest.mark.parametrize(
    "answer",
    [
        Answer.page("nothing here", 404),
        Answer.page("members only", 403),
        Answer.page("<title>Just a moment</title>"),
        Answer.media("image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        Answer.media("image/png", b""),
        Answer.media("image/png", COVER.data + bytes(MAX_COVER)),
        Answer(COVER.data, 200, (("Content-Encoding", "gzip"),)),
        Answer.redirect("/b"),
        Answer.redirect("http://169.254.169.254/latest/meta-data"),
        Answer.redirect("file:///etc/passwd"),
        Answer.redirect("https://name:secret@pictures.example/"),
    ],
)
async def test_a_missing_cover_is_not_requested_again_soon(
    desk: Desk, clock: JumpingClock, answer: Answer
) -> None:
    """The same error is raised at once until the wait is over; each failure doubles the wait."""
    desk.site.answers["/b"] = answer
    for hours in (1, 2):
        before = len(desk.site.paths)
        for _ in range(3):
            with pytest.raises(CoverNotFoundError):
                await desk.get("/b")
        asked = len(desk.site.paths) - before
        assert asked == (6 if answer.headers[0] == ("Location", "/b") else 1)
        clock.time += timedelta(hours=hours, minutes=-1)
        with pytest.raises(CoverNotFoundError):
            await desk.get("/b")
        assert len(desk.site.paths) - before == asked
        clock.time += timedelta(minutes=2)
    desk.site.answers["/b"] = IMAGE
    assert (await desk.get("/b")).data == COVER.data


async def test_a_requested_wait_applies_to_the_host(desk: Desk, clock: JumpingClock) -> None:
    """No cover of the host is requested before, and the error names the remaining wait."""
    desk.site.answers["/b"] = Answer.page("slowly", 429, Retry_After="600")
    with pytest.raises(ProviderUnavailableError) as first:
        await desk.get("/b")
    clock.time += timedelta(minutes=4)
    with pytest.raises(ProviderUnavailableError) as second:
        await desk.get("/a")

    assert first.value.retry_after == timedelta(minutes=10)
    assert second.value.retry_after == timedelta(minutes=6)
    clock.time += timedelta(minutes=6)
    assert (await desk.get("/a")).data == COVER.data


async def test_one_broken_cover_does_not_block_the_others(desk: Desk) -> None:
    """A failure counts for its address; only several in a row count for the host."""
    for name in ("/x", "/y", "/z"):
        desk.site.answers[name] = Answer.page("ill", 500)
    for name in ("/x", "/y"):
        with pytest.raises(ProviderUnavailableError):
            await desk.get(name)
    assert (await desk.get("/a")).data == COVER.data
    asked = len(desk.site.paths)
    with pytest.raises(ProviderUnavailableError):
        await desk.get("/x")
    assert len(desk.site.paths) == asked

    for name in ("/z", "/z2", "/z3"):
        desk.site.answers[name] = Answer.page("ill", 500)
        with pytest.raises(ProviderUnavailableError):
            await desk.get(name)
    asked = len(desk.site.paths)
    with pytest.raises(ProviderUnavailableError):
        await desk.get("/never-asked")
    assert len(desk.site.paths) == asked


async def test_an_answer_clears_the_failures_of_a_host(desk: Desk, clock: JumpingClock) -> None:
    """After a success, failures count from zero and the next wait is the shortest."""
    for _ in range(2):
        for name in ("/x", "/y", "/z"):
            desk.site.answers[f"{name}{len(desk.site.paths)}"] = Answer.page("ill", 500)
            with pytest.raises(ProviderUnavailableError):
                await desk.get(f"{name}{len(desk.site.paths)}")
        with pytest.raises(ProviderUnavailableError) as resting:
            await desk.get(f"/a?{len(desk.site.paths)}")
        assert resting.value.retry_after == timedelta(minutes=1)
        clock.time += timedelta(minutes=1)
        good = f"/good{len(desk.site.paths)}"
        desk.site.answers[good] = IMAGE
        assert (await desk.get(good)).data == COVER.data


async def test_private_addresses_are_refused(
    tmp_path: Path, site: PageServer, clock: JumpingClock
) -> None:
    """A catalogue cannot make the server request addresses in the own network."""
    async with open_desk(tmp_path, site, clock, own=False) as desk:
        for host in ("127.0.0.1", "localhost", "[::1]", "2130706433"):
            with pytest.raises(CoverNotFoundError):
                await desk.get(f"http://{host}:{site.address.rpartition(':')[2]}/a")

    assert site.paths == []


async def test_redirects_are_followed(desk: Desk) -> None:
    """Redirects are followed, and the file is cached under the first link."""
    desk.site.answers |= {"/r": Answer.redirect("r2"), "/r2": Answer.redirect(desk.site.url("/a"))}

    assert (await desk.get("/r")).data == (await desk.get("/r")).data == COVER.data
    assert desk.site.paths == ["/r", "/r2", "/a"]


async def test_an_own_server_grants_no_other_address(
    desk: Desk, site: PageServer, clock: JumpingClock
) -> None:
    """A redirect from an own server to another private address is refused."""
    with open_page_server() as other:
        other.answers["/a"] = IMAGE
        site.answers["/b"] = Answer.redirect(other.url("/a"))
        with pytest.raises(CoverNotFoundError):
            await desk.get("/b")
        assert other.paths == []


async def test_configured_servers_are_reached_at_their_rate(
    tmp_path: Path, site: PageServer, clock: JumpingClock
) -> None:
    """A configured server may have a private address; its request rate applies."""
    server = ServerConfig(name="s", base_url=f"http://{site.address}/jellyfin")
    section = ProviderConfig(servers=(server,), requests_per_minute=30)
    site.answers["/b"] = site.answers["/c"] = IMAGE
    async with open_desk(tmp_path, site, clock, own=False, p=section) as desk:
        for path in ("/a", "/b", "/c"):
            await desk.get(path)

    assert [1.9 < slept < 2.6 for slept in clock.slept] == [True, True]


async def test_the_proxy_of_the_catalogue_is_used(
    tmp_path: Path, site: PageServer, clock: JumpingClock
) -> None:
    """The catalogue's proxy is used, with the product's User-Agent and without credentials."""
    site.answers["http://pictures.example/a"] = IMAGE
    network = NetworkConfig(proxy=f"http://{site.address}")
    async with open_desk(tmp_path, site, clock, own=False, network=network) as desk:
        assert (await desk.get("http://pictures.example/a")).data == COVER.data

    ((_, headers),) = site.hits
    assert headers["user-agent"] == "Aniworld/0 (tests)"
    assert headers["accept-encoding"] == "identity"
    assert not {"cookie", "authorization", "referer"} & set(headers)


async def test_an_unreachable_site_is_not_a_missing_cover(
    tmp_path: Path, clock: JumpingClock
) -> None:
    """An unreachable site raises another error than a missing cover."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        site = PageServer(address=f"127.0.0.1:{taken.getsockname()[1]}")
        async with open_desk(tmp_path, site, clock) as desk:
            with pytest.raises(ProviderUnavailableError) as caught:
                await desk.get()

    assert caught.value.retry_after == timedelta(minutes=1)


async def test_a_damaged_file_is_fetched_again(tmp_path: Path, desk: Desk) -> None:
    """A damaged file in the cache is deleted and fetched again."""
    await desk.get()
    (kept,) = (tmp_path / "cache" / "covers").iterdir()
    kept.write_bytes(b"\0" * 100)

    assert (await desk.get()).data == COVER.data
    assert kept.read_bytes() == COVER.data


async def test_disk_errors_only_disable_the_cache(tmp_path: Path, desk: Desk) -> None:
    """Covers are still returned, and fetched each time."""
    (tmp_path / "cache").write_text("in the way")

    assert (await desk.get()).data == (await desk.get()).data == COVER.data
    assert desk.site.paths == ["/a", "/a"]


def test_the_cache_keeps_recently_used_covers(tmp_path: Path, clock: JumpingClock) -> None:
    """Above the limit, files of crashes and the least recently used covers are deleted first."""
    size = len(COVER.data)
    tmp_path.joinpath("left.part").write_bytes(bytes(10 * size))
    cache = CoverCache(tmp_path, 10 * size)
    for number in range(10):
        cache.write(f"c{number}", COVER.data, clock.now())
        clock.time += timedelta(minutes=1)
    assert cache.read("c0", clock.now()) is not None
    clock.time += timedelta(minutes=1)
    cache.write("last", COVER.data, clock.now())

    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *(f"c{n}.cover" for n in (0, *range(3, 10))),
        "last.cover",
    ]


def test_the_cache_counts_files_of_other_processes(tmp_path: Path, clock: JumpingClock) -> None:
    """Files that exist at the start count against the limit."""
    before = CoverCache(tmp_path, 2**20)
    for number in range(20):
        before.write(f"c{number}", COVER.data, clock.now())
        clock.time += timedelta(minutes=1)
    cache = CoverCache(tmp_path, 10 * len(COVER.data))
    cache.write("new", COVER.data, clock.now())

    assert len(list(tmp_path.iterdir())) == 9
    assert cache.read("new", clock.now()) is not None


async def test_the_cache_is_readable_by_its_owner_only(tmp_path: Path, desk: Desk) -> None:
    """Other users cannot read the cached covers."""
    await desk.get()
    (kept,) = (tmp_path / "cache" / "covers").iterdir()

    assert kept.stat().st_mode & 0o077 == 0
