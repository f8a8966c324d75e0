"""The polite page client, against a real server on loopback."""

import gzip
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest
from aiohttp import web

from aniworld_core.domain.config import NetworkConfig, ProviderConfig
from aniworld_core.errors import (
    AddressRefusedError,
    AniworldError,
    InvalidConfigError,
    NeedsPersonError,
    ProviderChangedError,
    ProviderDeniedError,
    ProviderUnavailableError,
)
from aniworld_providers.network.pages import (
    NotJsonError,
    PageClient,
    PageMissingError,
    open_page_client,
    origin_of,
)
from aniworld_providers.network.pages_answer import retry_after
from aniworld_providers.network.pages_pace import HostPace
from providers.surroundings import JumpingClock, make_context

pytestmark = pytest.mark.anyio

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


_BOMB = gzip.compress(bytes(100 * 1024**2), 9)


class Site:
    """A site whose next answers are said beforehand; remembers what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: list[web.Response | Answer] = []
        self.requests: list[web.Request] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Give the next answer; the last one for ever."""
        self.requests.append(request)
        following = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(following, web.Response):
            return web.Response(
                status=following.status, headers=following.headers, body=following.body
            )
        return await following(request)


@asynccontextmanager
async def _served() -> AsyncIterator[Site]:
    site = Site()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", site.answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield site
    finally:
        await runner.cleanup()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with _served() as site:
        yield site


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
async def client(site: Site, clock: JumpingClock, tmp_path: Path) -> AsyncIterator[PageClient]:
    config = ProviderConfig(base_url=site.url, requests_per_minute=6000)
    context = make_context(tmp_path, clock=clock, fake=config)
    async with open_page_client(context, "fake", site="fake.example") as client:
        yield client


def _html(text: str = "<html>fine</html>", status: int = 200, **headers: str) -> web.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.Response(status=status, headers=named, body=text.encode())


async def test_a_page_is_returned_as_text(client: PageClient, site: Site) -> None:
    """UTF-8 is read whatever the header says; a mark of byte order is dropped."""
    site.answers = [_html("\ufeffGrüße", Content_Type="text/html; charset=iso-8859-1")]

    page = await client.get(f"{site.url}/a b/ü", params={"q": "ä & ö"})

    assert page.text == "Grüße"
    assert page.status == 200
    assert site.requests[0].query == {"q": "ä & ö"}
    assert site.requests[0].path == "/a b/ü"


async def test_it_says_who_it_is(client: PageClient, site: Site) -> None:
    """The name is the product's own, and German answers are preferred."""
    site.answers = [_html(Set_Cookie="track=1; Path=/")]

    await client.get(site.url)
    await client.get(f"{site.url}/again")

    for request in site.requests:
        assert request.headers["User-Agent"] == "Aniworld/0 (tests)"
        assert request.headers["Accept-Language"].startswith("de-DE")
        assert "Cookie" not in request.headers


async def test_the_name_can_be_configured(site: Site, tmp_path: Path) -> None:
    """The owner may choose another User-Agent."""
    context = make_context(
        tmp_path,
        network=NetworkConfig(user_agent="Mine/1"),
        fake=ProviderConfig(base_url=site.url),
    )
    site.answers = [_html()]
    async with open_page_client(context, "fake") as client:
        await client.get(site.url)

    assert site.requests[0].headers["User-Agent"] == "Mine/1"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 521])
async def test_passing_faults_are_asked_again(
    client: PageClient, site: Site, clock: JumpingClock, status: int
) -> None:
    """After a fault that may pass, the page is asked for again a little later."""
    site.answers = [_html("busy", status=status), _html("fine")]

    assert (await client.get(site.url)).text == "fine"
    assert any(wait > 0.3 for wait in clock.slept)


async def test_it_gives_up_after_three_attempts(
    client: PageClient, site: Site, clock: JumpingClock
) -> None:
    """The delays grow, then the site counts as not available."""
    site.answers = [_html("busy", status=500)]

    with pytest.raises(ProviderUnavailableError, match="HTTP 500") as caught:
        await client.get(site.url)

    assert len(site.requests) == 3
    assert caught.value.retry_after is None
    backoff = [wait for wait in clock.slept if wait > 0.3]
    assert len(backoff) == 2
    assert backoff[0] < backoff[1]


async def test_a_short_wait_is_sat_out(client: PageClient, site: Site, clock: JumpingClock) -> None:
    """Up to ten seconds, the site's own word on when to ask again is followed exactly."""
    site.answers = [_html("busy", status=429, Retry_After="7"), _html("fine")]

    assert (await client.get(site.url)).text == "fine"
    assert 7.0 in clock.slept


async def test_waits_do_not_add_up(client: PageClient, site: Site, clock: JumpingClock) -> None:
    """Ten seconds are the limit for one question, however often the site asks to wait."""
    site.answers = [_html("busy", status=503, Retry_After="6")]

    with pytest.raises(ProviderUnavailableError) as caught:
        await client.get(site.url)

    assert len(site.requests) == 2
    assert caught.value.retry_after == timedelta(seconds=6)


async def test_a_long_wait_is_passed_on_and_kept(
    client: PageClient, site: Site, clock: JumpingClock
) -> None:
    """A longer wait ends the question at once, and the site is left alone until it is over."""
    site.answers = [_html("busy", status=503, Retry_After="120"), _html("fine")]

    with pytest.raises(ProviderUnavailableError) as first:
        await client.get(site.url)
    with pytest.raises(ProviderUnavailableError) as second:
        await client.get(f"{site.url}/other")
    asked_meanwhile = len(site.requests)
    clock.time += timedelta(seconds=121)
    page = await client.get(f"{site.url}/other")

    assert first.value.retry_after == timedelta(seconds=120)
    assert second.value.retry_after is not None
    assert asked_meanwhile == 1
    assert page.text == "fine"


@pytest.mark.parametrize(
    "mark",
    [
        "DDoS-Guard",
        "Checking your browser",
        "cf-turnstile",
        "challenge-platform",
        "hCaptcha",
        "<title>Just a moment...</title>",
    ],
)
@pytest.mark.parametrize("status", [200, 403, 404, 429, 503])
async def test_a_bot_check_needs_a_person(
    client: PageClient, site: Site, mark: str, status: int
) -> None:
    """Whatever the status, it is asked once, named, and never insisted on."""
    site.answers = [_html(f"<html>{mark}</html>", status=status)]

    with pytest.raises(NeedsPersonError) as caught:
        await client.get(f"{site.url}/page")

    assert caught.value.site == "fake.example"
    assert caught.value.link == f"{site.url}/page"
    assert len(site.requests) == 1


async def test_a_true_page_may_speak_of_captchas(client: PageClient, site: Site) -> None:
    """A page that has what was expected is no bot check, and neither is a JSON value."""
    site.answers = [_html("<h1>How a captcha works</h1>")]
    page = await client.get(site.url, expects=lambda text: "<h1>" in text)
    assert "captcha" in page.text

    site.answers = [_html('{"title": "captcha"}')]
    assert await client.get_json(f"{site.url}/json") == {"title": "captcha"}


@pytest.mark.parametrize(("status", "reason"), [(401, "login"), (403, "refuses"), (451, "region")])
async def test_refusals_need_a_person(
    client: PageClient, site: Site, status: int, reason: str
) -> None:
    """A refusal without credentials is for a person to look into, and is not repeated."""
    site.answers = [_html("no", status=status)]

    with pytest.raises(NeedsPersonError, match=reason):
        await client.get(site.url)
    assert len(site.requests) == 1


@pytest.mark.parametrize("status", [401, 403])
async def test_refused_credentials_are_said_so(client: PageClient, site: Site, status: int) -> None:
    """Credentials are tried once."""
    site.answers = [_html("no", status=status)]

    with pytest.raises(ProviderDeniedError):
        await client.get(site.url, headers={"Authorization": "Token secret"})
    assert len(site.requests) == 1


@pytest.mark.parametrize("status", [404, 410])
async def test_a_missing_page_is_told_apart(client: PageClient, site: Site, status: int) -> None:
    """What is not there is not asked for again."""
    site.answers = [_html("gone", status=status)]

    with pytest.raises(PageMissingError) as caught:
        await client.get(site.url)
    assert caught.value.status == status
    assert len(site.requests) == 1


@pytest.mark.parametrize("status", [400, 405, 418])
async def test_other_refusals_mean_the_site_changed(
    client: PageClient, site: Site, status: int
) -> None:
    """A question the site does not understand will not be understood later either."""
    site.answers = [_html("what?", status=status)]

    with pytest.raises(ProviderChangedError, match=str(status)):
        await client.get(site.url)


@pytest.mark.parametrize(
    "text",
    [
        "<html>oops</html>",
        "",
        "{",
        "[" * 100_000,
        "9" * 10_000,
        '"\ud800'.encode("utf-8", "replace").decode(),
    ],
)
async def test_json_that_is_none(client: PageClient, site: Site, text: str) -> None:
    """Anything but JSON where JSON was asked for is a type of its own."""
    site.answers = [_html(text)]

    with pytest.raises(NotJsonError):
        await client.get_json(site.url)


async def test_a_bot_check_in_place_of_json(client: PageClient, site: Site) -> None:
    """It is told apart from a page that is merely wrong."""
    site.answers = [_html("<html>Checking your browser</html>")]

    with pytest.raises(NeedsPersonError):
        await client.get_json(site.url)


async def test_redirects_are_followed(client: PageClient, site: Site) -> None:
    """The page knows where it came from in the end."""
    site.answers = [_html("", status=302, Location="../there?x=1#part"), _html("fine")]

    page = await client.get(f"{site.url}/a/b/c")

    assert page.text == "fine"
    assert page.url == f"{site.url}/a/there?x=1"


async def test_redirects_in_circles_end(client: PageClient, site: Site) -> None:
    """Five redirects are followed, not more."""
    site.answers = [_html("", status=301, Location="/again")]

    with pytest.raises(ProviderUnavailableError, match="circles"):
        await client.get(site.url)
    assert len(site.requests) <= 6


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://[", "ftp://x/y"])
async def test_redirects_to_nowhere(client: PageClient, site: Site, target: str) -> None:
    """A target that is no page is the site's fault."""
    site.answers = [_html("", status=302, Location=target)]

    with pytest.raises(ProviderChangedError, match="redirect"):
        await client.get(site.url)


async def test_only_the_configured_address_is_reached(client: PageClient, site: Site) -> None:
    """The grant is for one port: another one on the same host stays out of reach."""
    async with _served() as other:
        other.answers = [_html()]
        site.answers = [_html("", status=302, Location=other.url)]
        with pytest.raises(AddressRefusedError):
            await client.get(site.url)
        with pytest.raises(AddressRefusedError):
            await client.get(other.url)

    assert other.requests == []


async def test_what_a_caller_sends_stays_with_the_origin(site: Site, tmp_path: Path) -> None:
    """After a redirect to another origin neither credentials nor other headers go along."""
    async with _served() as other:
        other.answers = [_html("fine")]
        site.answers = [_html("", status=302, Location=other.url)]
        context = make_context(
            tmp_path,
            allowed=frozenset({origin_of(other.url)}),
            fake=ProviderConfig(base_url=site.url),
        )
        async with open_page_client(context, "fake") as client:
            await client.get(site.url, headers={"Authorization": "secret", "X-Own": "1"})

    assert site.requests[0].headers["Authorization"] == "secret"
    assert "Authorization" not in other.requests[0].headers
    assert "X-Own" not in other.requests[0].headers


@pytest.mark.parametrize("packed", [gzip.compress(b"Hallo"), zlib.compress(b"Hallo")])
async def test_compressed_answers_are_read(client: PageClient, site: Site, packed: bytes) -> None:
    """Both forms a server may use are understood."""
    coding = "gzip" if packed[:2] == b"\x1f\x8b" else "deflate"
    site.answers = [web.Response(body=packed, headers={"Content-Encoding": coding})]

    assert (await client.get(site.url)).text == "Hallo"


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(
            body=gzip.compress(bytes(200 * 1024**2), 9), headers={"Content-Encoding": "gzip"}
        ),
        web.Response(body=bytes(5 * 1024**2 + 1)),
    ],
    ids=["bomb", "long"],
)
async def test_answers_are_bounded(client: PageClient, site: Site, answer: web.Response) -> None:
    """What counts is the decoded size."""
    site.answers = [answer]

    with pytest.raises(ProviderChangedError, match="below"):
        await client.get(site.url)


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(body=b"not gzip at all", headers={"Content-Encoding": "gzip"}),
        web.Response(body=b"x", headers={"Content-Encoding": "br"}),
    ],
)
async def test_unreadable_answers(client: PageClient, site: Site, answer: web.Response) -> None:
    """A coding that does not hold what it says is the site's fault."""
    site.answers = [answer]

    with pytest.raises(ProviderChangedError):
        await client.get(site.url)


async def _cut(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b"half")
    assert request.transport is not None
    request.transport.close()
    return response


async def test_a_cut_answer_is_asked_for_again(client: PageClient, site: Site) -> None:
    """Half a page is never taken for a whole one."""
    site.answers = [_cut, _html("whole")]

    assert (await client.get(site.url)).text == "whole"


async def test_half_a_compressed_answer_is_asked_for_again(client: PageClient, site: Site) -> None:
    """Also when the server says that was all."""
    half = gzip.compress(json.dumps(list(range(5000))).encode())[:-20]
    site.answers = [web.Response(body=half, headers={"Content-Encoding": "gzip"}), _html("whole")]

    assert (await client.get(site.url)).text == "whole"


async def test_nobody_listens(client: PageClient, site: Site, tmp_path: Path) -> None:
    """A refused connection is a site that is not available."""
    async with _served() as other:
        url = other.url
    context = make_context(tmp_path, fake=ProviderConfig(base_url=url))
    async with open_page_client(context, "fake") as lonely:
        with pytest.raises(ProviderUnavailableError, match="connection failed"):
            await lonely.get(url)


async def test_a_name_nobody_knows(client: PageClient, clock: JumpingClock) -> None:
    """A name that cannot be looked up is said so; many providers block names."""
    with pytest.raises(ProviderUnavailableError, match=r"name aniworld\.invalid is not reachable"):
        await client.get("http://aniworld.invalid/")
    assert clock.slept == []


async def test_kept_answers_are_not_asked_for_again(
    client: PageClient, site: Site, clock: JumpingClock
) -> None:
    """While an answer is fresh nothing is sent; then it is asked whether it still holds."""
    site.answers = [_html("kept", Cache_Control="max-age=60", ETag='"1"')]
    for _ in range(3):
        assert (await client.get(site.url)).text == "kept"

    assert len(site.requests) == 1
    assert clock.slept == []


async def test_a_fresh_answer_can_be_insisted_on(client: PageClient, site: Site) -> None:
    """A kept answer is then revalidated."""
    site.answers = [
        _html("old", Cache_Control="max-age=60", ETag='"1"'),
        _html("new", Cache_Control="max-age=60", ETag='"2"'),
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
    """Pages are asked for as if nothing was kept."""
    place = tmp_path / "cache" / "fake"
    place.mkdir(parents=True)
    (place / "pages-2.db").write_bytes(b"no database at all" * 100)
    site.answers = [_html("fine")]
    context = make_context(tmp_path, fake=ProviderConfig(base_url=site.url))
    async with open_page_client(context, "fake") as client:
        assert (await client.get(site.url)).text == "fine"


async def test_at_most_two_requests_at_a_time(client: PageClient, site: Site) -> None:
    """The third question waits until one of the first two is answered."""
    arrived, release = anyio.Semaphore(0), anyio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        arrived.release()
        await release.wait()
        return web.Response(text="fine")

    site.answers = [answer]
    with anyio.fail_after(10):
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
    """Every gap is at least what the limit demands, and no two hosts wait for each other."""
    clock = JumpingClock()
    pace = HostPace(clock, per_minute=30)
    for _ in range(5):
        await pace.turn("one")
    await pace.turn("two")

    assert len(clock.slept) == 4
    assert all(2.0 <= gap <= 2.5 for gap in clock.slept)


async def test_a_clock_set_back_does_not_stop_the_pace() -> None:
    """No wait is longer than one gap."""
    clock = JumpingClock()
    pace = HostPace(clock, per_minute=60)
    await pace.turn("one")
    clock.time -= timedelta(days=1)
    await pace.turn("one")

    assert all(gap <= 1.25 for gap in clock.slept)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("5", 5),
        (" 0 ", 0),
        ("Sat, 21 Nov 2026 12:00:30 GMT", 30),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0),
        ("99999999999999999999", 7 * 24 * 3600),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("²", None),
        ("Sat, 99 Nov 2026 12:00:30 GMT", None),
    ],
)
def test_retry_after_is_read_as_the_standard_says(value: str, seconds: int | None) -> None:
    """RFC 9110, section 10.2.3: seconds or a date; nonsense counts as nothing."""
    now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    expected = None if seconds is None else timedelta(seconds=seconds)
    assert retry_after(value, now) == expected


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
    """The error says which setting is wrong, before anything is asked."""
    with pytest.raises(InvalidConfigError, match=pointer):
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(
                open_page_client(make_context(tmp_path, fake=section), "fake")
            )


async def test_a_proxy_is_used_for_everything(site: Site, tmp_path: Path) -> None:
    """With a proxy, the names are its business and it alone is connected to."""
    site.answers = [_html("by proxy")]
    context = make_context(tmp_path, fake=ProviderConfig(proxy=site.url))
    async with open_page_client(context, "fake") as client:
        page = await client.get("http://catalogue.example/series")
        with pytest.raises(AddressRefusedError):
            await client.get("http://127.0.0.1:1/")

    assert page.text == "by proxy"
    assert site.requests[0].headers["Host"] == "catalogue.example"


async def test_every_error_is_one_of_ours(client: PageClient) -> None:
    """Nonsense for a link is no exception."""
    for link in ("", "x", "http://", "http://[::1", "http://a b/", "mailto:x@y"):
        with pytest.raises(AniworldError):
            await client.get(link)
