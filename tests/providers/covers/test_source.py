"""Covers are fetched politely, once, and kept."""

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
from aniworld_core.testing.fake_covers import make_cover
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
    """A site with a picture that it calls a page."""
    with open_page_server() as pages:
        pages.answers["/a"] = IMAGE
        yield pages


@pytest.fixture
def clock() -> JumpingClock:
    """A clock that only jumps."""
    return JumpingClock()


@attrs.define
class Desk:
    """Covers of one site."""

    site: PageServer
    covers: CoverSource
    own: bool = True

    async def get(self, path: str = "/a") -> Cover:
        """Ask for one."""
        reach = frozenset({self.site.address}) if self.own else frozenset()
        url = self.site.url(path) if path.startswith("/") else path
        return await self.covers.get(CoverAddress(provider="p", url=url, reach=reach))


@asynccontextmanager
async def open_desk(
    folder: Path, site: PageServer, clock: JumpingClock, *, own: bool = True, **options: Any
) -> AsyncIterator[Desk]:
    """Open covers kept in a folder; *own* sites belong to their catalogue's program."""
    async with open_covers(make_context(folder, clock=clock, **options)) as covers:
        yield Desk(site, covers, own)


@pytest.fixture
async def desk(tmp_path: Path, site: PageServer, clock: JumpingClock) -> AsyncIterator[Desk]:
    """Covers of a server of the catalogue's own."""
    async with open_desk(tmp_path, site, clock) as opened:
        yield opened


async def test_a_kept_cover_is_not_asked_for_again(
    tmp_path: Path, site: PageServer, clock: JumpingClock
) -> None:
    """Neither in this run nor in the next, for a month."""
    for _ in range(2):
        async with open_desk(tmp_path, site, clock) as desk:
            assert await desk.get() == await desk.get()
        clock.time += timedelta(days=14)

    assert site.paths == ["/a"]


async def test_many_who_wait_ask_once(desk: Desk) -> None:
    """The site sees one request for however many ask meanwhile."""
    found: list[Cover] = []

    async def ask() -> None:
        found.append(await desk.get())

    with anyio.fail_after(30):
        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(ask)

    assert len(found) == 20
    assert desk.site.paths == ["/a"]


async def test_whoever_waits_is_served_when_the_first_gives_up(desk: Desk) -> None:
    """Someone who leaves takes nothing from those who stay."""
    desk.site.hanging.add("/a")
    with anyio.fail_after(30):
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


async def test_an_old_cover_is_looked_at_again(desk: Desk, clock: JumpingClock) -> None:
    """After a month the site's new picture takes its place."""
    await desk.get()
    newer = make_cover(shade=7)
    desk.site.answers["/a"] = Answer.media("image/png", newer.data)
    clock.time += timedelta(days=31)

    assert (await desk.get()).data == newer.data


@pytest.mark.parametrize("answer", [Answer.page("gone", 404), Answer.page("ill", 500)])
async def test_an_old_cover_is_better_than_none(
    desk: Desk, clock: JumpingClock, answer: Answer
) -> None:
    """It is still shown when its site has nothing any more, and the site is left alone."""
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
async def test_what_is_no_cover_is_not_asked_for_again_soon(
    desk: Desk, clock: JumpingClock, answer: Answer
) -> None:
    """The same error comes at once, until some time has passed; each failure doubles it."""
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


async def test_a_site_that_asks_to_wait_is_left_alone_for_that_long(
    desk: Desk, clock: JumpingClock
) -> None:
    """No cover of that host is asked for before, and everybody is told how long."""
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


async def test_one_broken_cover_does_not_hide_the_others(desk: Desk) -> None:
    """A failure counts against its own address; only several in a row against the host."""
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


async def test_an_answer_ends_what_was_held_against_a_host(desk: Desk, clock: JumpingClock) -> None:
    """Failures before a success count no more, and the next rest is as short as the first."""
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


async def test_nobody_is_reached_that_was_not_named(
    tmp_path: Path, site: PageServer, clock: JumpingClock
) -> None:
    """A catalogue's word alone opens no way into the own network."""
    async with open_desk(tmp_path, site, clock, own=False) as desk:
        for host in ("127.0.0.1", "localhost", "[::1]", "2130706433"):
            with pytest.raises(CoverNotFoundError):
                await desk.get(f"http://{host}:{site.address.rpartition(':')[2]}/a")

    assert site.paths == []


async def test_redirects_are_followed(desk: Desk) -> None:
    """Archives lead to the server that has the file; what is there is kept under the first link."""
    desk.site.answers |= {"/r": Answer.redirect("r2"), "/r2": Answer.redirect(desk.site.url("/a"))}

    assert (await desk.get("/r")).data == (await desk.get("/r")).data == COVER.data
    assert desk.site.paths == ["/r", "/r2", "/a"]


async def test_an_own_server_opens_no_way_to_others(
    desk: Desk, site: PageServer, clock: JumpingClock
) -> None:
    """A redirect from there leads nowhere else in the own network."""
    with open_page_server() as other:
        other.answers["/a"] = IMAGE
        site.answers["/b"] = Answer.redirect(other.url("/a"))
        with pytest.raises(CoverNotFoundError):
            await desk.get("/b")
        assert other.paths == []


async def test_configured_servers_are_reached_at_their_pace(
    tmp_path: Path, site: PageServer, clock: JumpingClock
) -> None:
    """The owner's own server may be anywhere, and is asked as often as he allows."""
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
    """Sites are asked through it, under our own name, without anything that says who asks."""
    site.answers["http://pictures.example/a"] = IMAGE
    network = NetworkConfig(proxy=f"http://{site.address}")
    async with open_desk(tmp_path, site, clock, own=False, network=network) as desk:
        assert (await desk.get("http://pictures.example/a")).data == COVER.data

    ((_, headers),) = site.hits
    assert headers["user-agent"] == "Aniworld/0 (tests)"
    assert headers["accept-encoding"] == "identity"
    assert not {"cookie", "authorization", "referer"} & set(headers)


async def test_a_site_that_is_away_is_no_missing_cover(tmp_path: Path, clock: JumpingClock) -> None:
    """Nobody there is something else than nothing there."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        site = PageServer(address=f"127.0.0.1:{taken.getsockname()[1]}")
        async with open_desk(tmp_path, site, clock) as desk:
            with pytest.raises(ProviderUnavailableError) as caught:
                await desk.get()

    assert caught.value.retry_after == timedelta(minutes=1)


async def test_a_damaged_file_is_fetched_anew(tmp_path: Path, desk: Desk) -> None:
    """What the disk spoilt is thrown away."""
    await desk.get()
    (kept,) = (tmp_path / "cache" / "covers").iterdir()
    kept.write_bytes(b"\0" * 100)

    assert (await desk.get()).data == COVER.data
    assert kept.read_bytes() == COVER.data


async def test_a_disk_that_fails_only_costs_the_keeping(tmp_path: Path, desk: Desk) -> None:
    """Covers are shown, and fetched again each time."""
    (tmp_path / "cache").write_text("in the way")

    assert (await desk.get()).data == (await desk.get()).data == COVER.data
    assert desk.site.paths == ["/a", "/a"]


def test_the_shelf_keeps_what_was_looked_at_last(tmp_path: Path, clock: JumpingClock) -> None:
    """Above its bound the least wanted go first, with what a crash left behind."""
    size = len(COVER.data)
    tmp_path.joinpath("left.part").write_bytes(bytes(10 * size))
    shelf = CoverCache(tmp_path, 10 * size)
    for number in range(10):
        shelf.write(f"c{number}", COVER.data, clock.now())
        clock.time += timedelta(minutes=1)
    assert shelf.read("c0", clock.now()) is not None
    clock.time += timedelta(minutes=1)
    shelf.write("last", COVER.data, clock.now())

    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *(f"c{n}.cover" for n in (0, *range(3, 10))),
        "last.cover",
    ]


def test_the_shelf_tidies_after_another_process(tmp_path: Path, clock: JumpingClock) -> None:
    """What is there at the start counts."""
    before = CoverCache(tmp_path, 2**20)
    for number in range(20):
        before.write(f"c{number}", COVER.data, clock.now())
        clock.time += timedelta(minutes=1)
    shelf = CoverCache(tmp_path, 10 * len(COVER.data))
    shelf.write("new", COVER.data, clock.now())

    assert len(list(tmp_path.iterdir())) == 9
    assert shelf.read("new", clock.now()) is not None


async def test_only_the_owner_reads_the_shelf(tmp_path: Path, desk: Desk) -> None:
    """What somebody looked at is nobody else's business."""
    await desk.get()
    (kept,) = (tmp_path / "cache" / "covers").iterdir()

    assert kept.stat().st_mode & 0o077 == 0
