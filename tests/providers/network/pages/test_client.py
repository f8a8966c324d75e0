"""Page client against a real server on loopback."""

from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import anyio
import pytest
from aiohttp import web

from aniworld_core.domain.configuration import NetworkConfig, ProviderConfig
from aniworld_core.errors import InvalidConfigError, RequestBudgetError
from aniworld_core.ports.budget import RequestBudget, within_budget
from aniworld_core.testing.waiting import PATIENCE
from aniworld_providers.network.pages import PageClient, open_page_client
from aniworld_providers.network.pages.rate_limit import HostRateLimit
from support.adapter_context import JumpingClock, make_context
from support.sites.page_site import Site, html

pytestmark = pytest.mark.anyio


async def test_a_page_is_returned_as_text(client: PageClient, site: Site) -> None:
    """The body is decoded as UTF-8 whatever the header says; a byte order mark is dropped."""
    site.answers = [html("\ufeffGrüße", Content_Type="text/html; charset=iso-8859-1")]

    page = await client.get(f"{site.url}/a b/ü", params={"q": "ä & ö"})

    assert page.text == "Grüße"
    assert page.status == 200
    assert site.requests[0].query == {"q": "ä & ö"}
    assert site.requests[0].path == "/a b/ü"


async def test_it_sends_its_own_name(client: PageClient, site: Site) -> None:
    """The User-Agent is the product's own, and German is preferred."""
    site.answers = [html(Set_Cookie="track=1; Path=/")]

    await client.get(site.url)
    await client.get(f"{site.url}/again")

    for request in site.requests:
        assert request.headers["User-Agent"] == "Aniworld/0 (tests)"
        assert request.headers["Accept-Language"].startswith("de-DE")
        assert "Cookie" not in request.headers


async def test_the_name_can_be_configured(site: Site, tmp_path: Path) -> None:
    """The owner may configure another User-Agent."""
    context = make_context(
        tmp_path,
        network=NetworkConfig(user_agent="Mine/1"),
        fake=ProviderConfig(base_url=site.url),
    )
    site.answers = [html()]
    async with open_page_client(context, "fake") as client:
        await client.get(site.url)

    assert site.requests[0].headers["User-Agent"] == "Mine/1"


async def test_cached_answers_are_not_requested_again(
    client: PageClient, site: Site, clock: JumpingClock
) -> None:
    """While an answer is fresh no request is sent; then it is revalidated."""
    site.answers = [html("kept", Cache_Control="max-age=60", ETag='"1"')]
    for _ in range(3):
        assert (await client.get(site.url)).text == "kept"

    assert len(site.requests) == 1
    assert clock.slept == []


async def test_a_fresh_answer_can_be_forced(client: PageClient, site: Site) -> None:
    """With `fresh`, a cached answer is revalidated."""
    site.answers = [
        html("old", Cache_Control="max-age=60", ETag='"1"'),
        html("new", Cache_Control="max-age=60", ETag='"2"'),
    ]
    await client.get(site.url)

    assert (await client.get(site.url, fresh=True)).text == "new"
    assert site.requests[1].headers["If-None-Match"] == '"1"'


async def test_what_is_unchanged_is_not_sent_again(
    client: PageClient, site: Site, tmp_path: Path
) -> None:
    """A stale answer is revalidated by its validator, also by the next process."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.headers.get("If-None-Match") == '"v1"':
            return web.Response(status=304, headers={"ETag": '"v1"'})
        return web.Response(text="kept", headers={"ETag": '"v1"', "Cache-Control": "no-cache"})

    site.answers = [answer]
    first = await client.get(site.url)
    await client.aclose()
    context = make_context(tmp_path, fake=ProviderConfig(base_url=site.url))
    async with open_page_client(context, "fake") as another:
        second = await another.get(site.url)

    assert first.text == second.text == "kept"
    assert second.status == 200
    assert len(site.requests) == 2


async def test_a_damaged_cache_does_not_stop_anything(site: Site, tmp_path: Path) -> None:
    """With a damaged cache, pages are requested as without one."""
    place = tmp_path / "cache" / "fake"
    place.mkdir(parents=True)
    (place / "pages-2.db").write_bytes(b"no database at all" * 100)
    site.answers = [html("fine")]
    context = make_context(tmp_path, fake=ProviderConfig(base_url=site.url))
    async with open_page_client(context, "fake") as client:
        assert (await client.get(site.url)).text == "fine"


async def test_at_most_two_requests_at_a_time(client: PageClient, site: Site) -> None:
    """The third request waits until one of the first two is answered."""
    arrived, release = anyio.Semaphore(0), anyio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        arrived.release()
        await release.wait()
        return web.Response(text="fine")

    site.answers = [answer]
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            for number in range(4):
                tasks.start_soon(client.get, f"{site.url}/{number}")
            await arrived.acquire()
            await arrived.acquire()
            await anyio.wait_all_tasks_blocked()
            assert len(site.requests) == 2
            release.set()

    assert len(site.requests) == 4


async def test_requests_to_a_host_are_spaced() -> None:
    """Every gap is at least as long as the rate demands, and hosts do not delay each other."""
    clock = JumpingClock()
    rate_limit = HostRateLimit(clock, per_minute=30)
    for _ in range(5):
        await rate_limit.acquire("one")
    await rate_limit.acquire("two")

    assert len(clock.slept) == 4
    assert all(2.0 <= gap <= 2.5 for gap in clock.slept)


async def test_a_clock_set_back_does_not_stop_the_requests() -> None:
    """No wait is longer than one gap."""
    clock = JumpingClock()
    rate_limit = HostRateLimit(clock, per_minute=60)
    await rate_limit.acquire("one")
    clock.time -= timedelta(days=1)
    await rate_limit.acquire("one")

    assert all(gap <= 1.25 for gap in clock.slept)


@pytest.mark.parametrize(
    ("section", "pointer"),
    [
        (ProviderConfig(base_url="archive.org"), "/providers/fake/base_url"),
        (ProviderConfig(base_url="http://"), "/providers/fake/base_url"),
        (ProviderConfig(base_url="http://x:99999"), "/providers/fake/base_url"),
        (ProviderConfig(proxy="socks5://localhost:1080"), "/providers/fake/proxy"),
    ],
)
async def test_unusable_settings_are_named(
    tmp_path: Path, section: ProviderConfig, pointer: str
) -> None:
    """The error names the wrong setting before a request is sent."""
    with pytest.raises(InvalidConfigError, match=pointer):
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(
                open_page_client(make_context(tmp_path, fake=section), "fake")
            )


async def test_requests_count_against_the_budget(client: PageClient, site: Site) -> None:
    """Cached answers are free; without budget no request is sent."""
    site.answers = [html("kept", Cache_Control="max-age=60", ETag='"1"')]
    with within_budget(RequestBudget({"fake": 1})) as budget:
        for _ in range(3):
            await client.get(site.url)
        assert budget.left("fake") == 0

        with pytest.raises(RequestBudgetError):
            await client.get(f"{site.url}/other")

    assert len(site.requests) == 1
