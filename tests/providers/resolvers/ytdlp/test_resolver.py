"""yt-dlp resolver: results, address guard, deadline."""

import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from aniworld_core.domain.media import GER_DUB, MediaSource, StreamKind
from aniworld_core.errors import (
    AdapterBrokenError,
    AddressRefusedError,
    NeedsPersonError,
    ProviderUnavailableError,
    SourceGoneError,
    UnsupportedSourceError,
)
from aniworld_core.ports.resolver import StreamResolver
from aniworld_core.testing.waiting import PATIENCE
from aniworld_providers.resolvers.ytdlp import open_resolver
from support.adapter_context import make_context
from support.sites.page_server import Answer, PageServer, open_page_server
from support.ytdlp_here import make_resolver

pytestmark = pytest.mark.anyio

MASTER = b"""#EXTM3U
#EXT-X-STREAM-INF:BANDWIDTH=800000,RESOLUTION=640x360,CODECS="avc1.4d401e,mp4a.40.2"
low.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=2800000,RESOLUTION=1280x720,CODECS="avc1.4d401f,mp4a.40.2"
high.m3u8
"""
MEDIA = b"""#EXTM3U
#EXT-X-TARGETDURATION:6
#EXT-X-PLAYLIST-TYPE:VOD
#EXTINF:6,
a.ts
#EXT-X-ENDLIST
"""
HLS_TYPE = "application/vnd.apple.mpegurl"


@pytest.fixture
def pages() -> Iterator[PageServer]:
    with open_page_server() as server:
        yield server


@pytest.fixture
def other() -> Iterator[PageServer]:
    with open_page_server() as server:
        yield server


@pytest.fixture
def resolver() -> StreamResolver:
    """Return a resolver that runs extractions in this process."""
    return make_resolver()


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[StreamResolver]:
    """Return a resolver as the application opens it."""
    async with open_resolver(make_context(tmp_path)) as resolver:
        yield resolver


def processes_below() -> set[str]:
    """Return the running child processes."""
    children = Path(f"/proc/self/task/{threading.main_thread().native_id}/children")
    return set(children.read_text().split())


def source_at(pages: PageServer, path: str, **fields: object) -> MediaSource:
    """Return a source whose server the owner listed."""
    source = MediaSource(
        provider="demo",
        hoster="Hoster",
        url=pages.url(path),
        language=GER_DUB,
        reach=frozenset({pages.address}),
    )
    return MediaSource(**{**_fields(source), **fields})  # type: ignore[arg-type]


def _fields(source: MediaSource) -> dict[str, object]:
    return {
        name: getattr(source, name) for name in ("provider", "hoster", "url", "language", "reach")
    }


class TestWhatItFinds:
    async def test_html5_video(self, resolver: StreamResolver, pages: PageServer) -> None:
        """A video element gives a direct stream with the data of the source."""
        pages.answers["/page"] = Answer.page(
            '<body><video><source src="/media/film.mp4" type="video/mp4"></video></body>'
        )
        source = source_at(pages, "/page", headers=(("Referer", "https://example.org/"),))

        (stream,) = await resolver.resolve(source)

        assert (stream.url, stream.kind) == (pages.url("/media/film.mp4"), StreamKind.DIRECT)
        assert (stream.language, stream.reach) == (GER_DUB, source.reach)
        assert (stream.provider, stream.hoster) == ("demo", "Hoster")
        assert "Referer" in dict(stream.headers)
        assert "/media/film.mp4" not in pages.paths

    async def test_jw_player(self, resolver: StreamResolver, pages: PageServer) -> None:
        """The files in a player's configuration are found, the tallest first."""
        pages.answers["/page"] = Answer.page(
            '<body><div id="player"></div><script>jwplayer("player").setup({sources: ['
            f'{{file: "{pages.url("/360.mp4")}", label: "360p", height: 360}},'
            f'{{file: "{pages.url("/720.mp4")}", label: "720p", height: 720}}]}});</script></body>'
        )

        streams = await resolver.resolve(source_at(pages, "/page"))

        assert [(s.url, s.height) for s in streams] == [
            (pages.url("/720.mp4"), 720),
            (pages.url("/360.mp4"), 360),
        ]

    async def test_open_graph(self, resolver: StreamResolver, pages: PageServer) -> None:
        """A page that names its video in its head only is enough."""
        pages.answers["/page"] = Answer.page(
            '<head><meta property="og:title" content="Film">'
            f'<meta property="og:video" content="{pages.url("/film.mp4")}">'
            '<meta property="og:video:type" content="video/mp4"></head>'
        )

        (stream,) = await resolver.resolve(source_at(pages, "/page"))

        assert stream.url == pages.url("/film.mp4")

    async def test_hls_gives_the_master_playlist_once(
        self, resolver: StreamResolver, pages: PageServer
    ) -> None:
        """All variants of a manifest are one stream: its master playlist."""
        pages.answers["/page"] = Answer.page('<video src="/hls/master.m3u8"></video>')
        pages.answers["/hls/master.m3u8"] = Answer.media(HLS_TYPE, MASTER)
        pages.answers["/hls/low.m3u8"] = pages.answers["/hls/high.m3u8"] = Answer.media(
            HLS_TYPE, MEDIA
        )

        (stream,) = await resolver.resolve(source_at(pages, "/page"))

        assert (stream.url, stream.kind) == (pages.url("/hls/master.m3u8"), StreamKind.HLS)
        assert stream.height == 720

    async def test_a_media_link(self, resolver: StreamResolver, pages: PageServer) -> None:
        """A link to media resolves to itself without being downloaded."""
        pages.answers["/dl?id=1"] = Answer.media("video/mp4", bytes(4096))

        (stream,) = await resolver.resolve(source_at(pages, "/dl?id=1"))

        assert (stream.url, stream.kind) == (pages.url("/dl?id=1"), StreamKind.DIRECT)

    async def test_a_cookie_stays_at_its_host(
        self, resolver: StreamResolver, pages: PageServer, other: PageServer
    ) -> None:
        """The page's cookie is sent with a file on its own host only."""
        both = frozenset({pages.address, other.address})
        for path, file in (("/own", pages.url("/f.mp4")), ("/far", "http://media.invalid/f.mp4")):
            pages.answers[path] = Answer.page(
                f'<video src="{file}"></video>', Set_Cookie="session=1; Path=/"
            )

        (own,) = await resolver.resolve(source_at(pages, "/own", reach=both))
        (far,) = await resolver.resolve(source_at(pages, "/far", reach=both))

        assert dict(own.headers)["Cookie"] == "session=1"
        assert "Cookie" not in dict(far.headers)

    async def test_several_videos_are_refused(
        self, resolver: StreamResolver, pages: PageServer
    ) -> None:
        """It is unknown which of two videos is the episode, so neither is used."""
        pages.answers["/page"] = Answer.page(
            '<video src="/one.mp4"></video><video src="/two.mp4"></video>'
        )

        with pytest.raises(UnsupportedSourceError, match="several"):
            await resolver.resolve(source_at(pages, "/page"))


class TestWhyItFindsNothing:
    async def test_an_obfuscated_page(self, resolver: StreamResolver, pages: PageServer) -> None:
        """A page that hides its media is unsupported."""
        pages.answers["/page"] = Answer.page("<script>eval(function(p,a){}('x',9))</script>")

        with pytest.raises(UnsupportedSourceError, match="no media link"):
            await resolver.resolve(source_at(pages, "/page"))

    @pytest.mark.parametrize("status", [404, 410])
    async def test_a_missing_page(
        self, resolver: StreamResolver, pages: PageServer, status: int
    ) -> None:
        """A page that reports a removed video is gone."""
        pages.answers["/page"] = Answer.page("no such file", status)

        with pytest.raises(SourceGoneError):
            await resolver.resolve(source_at(pages, "/page"))

    @pytest.mark.parametrize("status", [200, 403, 503])
    async def test_a_bot_check(
        self, resolver: StreamResolver, pages: PageServer, status: int
    ) -> None:
        """The error names the page to open."""
        pages.answers["/page"] = Answer.page(
            "<title>Just a moment...</title><script>window._cf_chl_opt={}</script>", status
        )
        source = source_at(pages, "/page")

        with pytest.raises(NeedsPersonError) as caught:
            await resolver.resolve(source)

        assert (caught.value.site, caught.value.link) == ("Hoster", source.url)

    async def test_a_login_page(self, resolver: StreamResolver, pages: PageServer) -> None:
        """A redirect to a login needs a person."""
        pages.answers["/page"] = Answer.redirect("/login?next=/page")
        pages.answers["/login?next=/page"] = Answer.page("<form>Password</form>")

        with pytest.raises(NeedsPersonError, match="login"):
            await resolver.resolve(source_at(pages, "/page"))

    async def test_a_busy_site(self, resolver: StreamResolver, pages: PageServer) -> None:
        """A site that asks to wait is unavailable for that time."""
        pages.answers["/page"] = Answer.page("busy", 429, Retry_After="7")

        with pytest.raises(ProviderUnavailableError) as caught:
            await resolver.resolve(source_at(pages, "/page"))

        assert caught.value.retry_after == timedelta(seconds=7)

    async def test_no_answer(self, resolver: StreamResolver, pages: PageServer) -> None:
        """A refused connection can be retried."""
        with open_page_server() as gone:
            source = source_at(gone, "/page")

        with pytest.raises(ProviderUnavailableError):
            await resolver.resolve(source)

    async def test_a_hoster_refused_by_policy(self, resolver: StreamResolver) -> None:
        """A hoster that yt-dlp refuses is reported before a request is sent."""
        source = MediaSource(provider="x", hoster="Doodstream", url="https://dood.to/e/5s1wmbd")

        with pytest.raises(UnsupportedSourceError, match="unsupported by policy"):
            await resolver.resolve(source)

    async def test_an_endless_page(self, resolver: StreamResolver, pages: PageServer) -> None:
        """A page above the limit is given up, compressed or not."""
        import gzip

        bomb = gzip.compress(b"<!DOCTYPE html><html>" + bytes(20 * 1024**2))
        kind = ("Content-Type", "text/html")
        pages.answers["/page"] = Answer(bomb, 200, (kind, ("Content-Encoding", "gzip")))

        with pytest.raises(UnsupportedSourceError, match="longer than"):
            await resolver.resolve(source_at(pages, "/page"))

    async def test_an_invalid_link(self, resolver: StreamResolver) -> None:
        """A link with a user name is refused before a request is sent."""
        source = MediaSource(provider="x", hoster="h", url="http://user@example.invalid/")

        with pytest.raises(UnsupportedSourceError):
            await resolver.resolve(source)


class TestWhatItMayReach:
    async def test_loopback_is_refused_unless_granted(
        self, resolver: StreamResolver, pages: PageServer
    ) -> None:
        """A page on this machine is never requested because a catalogue links to it."""
        pages.answers["/page"] = Answer.page('<video src="/film.mp4"></video>')

        with pytest.raises(AddressRefusedError):
            await resolver.resolve(source_at(pages, "/page", reach=frozenset()))

        assert pages.hits == []

    async def test_a_name_that_leads_to_loopback_is_refused(
        self, resolver: StreamResolver, pages: PageServer
    ) -> None:
        """The resolved address counts, not the name."""
        port = pages.address.rpartition(":")[2]
        url = f"http://localhost:{port}/page"

        with pytest.raises(AddressRefusedError):
            await resolver.resolve(source_at(pages, "/page", url=url, reach=frozenset()))

        assert pages.hits == []

    async def test_the_owner_may_list_addresses(self, pages: PageServer) -> None:
        """An address listed for the whole program needs no grant of the source."""
        pages.answers["/page"] = Answer.page('<video src="/film.mp4"></video>')
        resolver = make_resolver(frozenset({pages.address}))

        streams = await resolver.resolve(source_at(pages, "/page", reach=frozenset()))

        assert len(streams) == 1

    @pytest.mark.parametrize("target", ["http://{}/x", "http://localhost:{port}/x"])
    async def test_a_redirect_to_loopback_is_not_followed(
        self, resolver: StreamResolver, pages: PageServer, other: PageServer, target: str
    ) -> None:
        """A permitted page cannot redirect to another server of this machine."""
        port = other.address.rpartition(":")[2]
        pages.answers["/page"] = Answer.redirect(target.format(other.address, port=port))

        with pytest.raises(AddressRefusedError):
            await resolver.resolve(source_at(pages, "/page"))

        assert other.hits == []

    async def test_a_manifest_on_loopback_is_not_requested(
        self, resolver: StreamResolver, pages: PageServer, other: PageServer
    ) -> None:
        """A permitted page cannot make yt-dlp read a manifest on this machine."""
        pages.answers["/page"] = Answer.page(f'<video src="{other.url("/a.m3u8")}"></video>')

        with pytest.raises(AddressRefusedError):
            await resolver.resolve(source_at(pages, "/page"))

        assert other.hits == []

    async def test_media_on_loopback_are_not_returned(
        self, resolver: StreamResolver, pages: PageServer, other: PageServer
    ) -> None:
        """A link to a file on this machine is never a result."""
        pages.answers["/page"] = Answer.page(f'<video src="{other.url("/a.mp4")}"></video>')

        with pytest.raises(AddressRefusedError):
            await resolver.resolve(source_at(pages, "/page"))

        assert other.hits == []

    @pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x"])
    async def test_a_redirect_leads_to_web_links_only(
        self, resolver: StreamResolver, pages: PageServer, target: str
    ) -> None:
        """Files and other protocols are refused."""
        pages.answers["/page"] = Answer.redirect(target)

        with pytest.raises(UnsupportedSourceError):
            await resolver.resolve(source_at(pages, "/page"))

    async def test_proxy_variables_are_ignored(
        self,
        resolver: StreamResolver,
        pages: PageServer,
        other: PageServer,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A proxy would connect past the guard."""
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://{other.address}")
        pages.answers["/page"] = Answer.page('<video src="/film.mp4"></video>')

        await resolver.resolve(source_at(pages, "/page"))

        assert pages.paths == ["/page"]
        assert other.hits == []


class TestProcess:
    async def test_streams_and_errors_cross_the_process(
        self, opened: StreamResolver, pages: PageServer, other: PageServer
    ) -> None:
        """Results of the other process are the same, and the guard applies there."""
        port = other.address.rpartition(":")[2]
        pages.answers["/away"] = Answer.redirect(f"http://localhost:{port}/x")
        pages.answers["/page"] = Answer.page('<video src="/film.mp4"></video>')
        pages.answers["/busy"] = Answer.page("busy", 429, Retry_After="7")

        (stream,) = await opened.resolve(source_at(pages, "/page"))
        with pytest.raises(AddressRefusedError, match=port):
            await opened.resolve(source_at(pages, "/away"))
        with pytest.raises(ProviderUnavailableError, match="Hoster") as caught:
            await opened.resolve(source_at(pages, "/busy"))

        assert stream.url == pages.url("/film.mp4")
        assert (caught.value.provider, caught.value.retry_after) == ("Hoster", timedelta(seconds=7))
        assert other.hits == []

    async def test_the_deadline_ends_the_process(self, tmp_path: Path, pages: PageServer) -> None:
        """A site that never answers is given up, and its process ends."""
        pages.hanging.add("/page")
        before = processes_below()

        async with open_resolver(make_context(tmp_path), deadline=timedelta(seconds=1)) as own:
            with pytest.raises(ProviderUnavailableError, match="within 1 s"):
                await own.resolve(source_at(pages, "/page"))

        assert processes_below() <= before

    async def test_a_page_that_keeps_yt_dlp_busy_is_ended(
        self, tmp_path: Path, pages: PageServer
    ) -> None:
        """A page that keeps its regular expressions busy is ended by the deadline too."""
        pages.answers["/page"] = Answer.page("<video " * 40_000)
        before = processes_below()

        async with open_resolver(make_context(tmp_path), deadline=timedelta(seconds=1)) as own:
            with anyio.fail_after(PATIENCE), pytest.raises(ProviderUnavailableError):
                await own.resolve(source_at(pages, "/page"))

        assert processes_below() <= before

    async def test_cancelling_ends_the_process(
        self, opened: StreamResolver, pages: PageServer
    ) -> None:
        """A cancelled caller returns although the site still hangs."""
        pages.hanging.add("/page")
        before = processes_below()

        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as group:
                group.start_soon(opened.resolve, source_at(pages, "/page"))
                assert await anyio.to_thread.run_sync(pages.hung.wait, PATIENCE)
                group.cancel_scope.cancel()

        assert not pages.released.is_set()
        assert processes_below() <= before

    async def test_a_crashed_process_is_an_error(
        self, opened: StreamResolver, pages: PageServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The crash of the other process is an error of the source."""
        monkeypatch.setattr(sys, "executable", "/bin/false")

        with pytest.raises(UnsupportedSourceError, match="crashed"):
            await opened.resolve(source_at(pages, "/page"))

    async def test_a_yt_dlp_without_the_guard_is_not_used(
        self, resolver: StreamResolver, pages: PageServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """If a release bypasses the guard, no request is sent."""
        from aniworld_providers.ytdlp import extraction as ytdlp_extraction

        monkeypatch.delattr(ytdlp_extraction._GuardedYoutubeDL, "build_request_director")

        with pytest.raises(AdapterBrokenError, match="guard"):
            await resolver.resolve(source_at(pages, "/page"))

        assert pages.hits == []


class TestStartUp:
    def test_yt_dlp_is_not_imported_with_the_resolver(self) -> None:
        """Programs that resolve no link do not load yt-dlp."""
        code = (
            "import sys, aniworld_providers.resolvers.ytdlp; print('yt_dlp' in sys.modules, end='')"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

        assert done.stdout == b"False"


class TestWhatItAccepts:
    @pytest.mark.parametrize(
        ("url", "kind", "expected"),
        [
            ("https://example.invalid/e/1", None, True),
            ("http://example.invalid/e/1", None, True),
            ("https://example.invalid/e/1.mp4", StreamKind.DIRECT, False),
            ("ftp://example.invalid/e/1", None, False),
            ("file:///etc/passwd", None, False),
            ("http://[", None, False),
            ("", None, False),
        ],
    )
    async def test_web_pages_are_accepted(
        self, resolver: StreamResolver, url: str, kind: StreamKind | None, expected: bool
    ) -> None:
        """Any web page is accepted, and nothing else."""
        source = MediaSource(provider="x", hoster="h", url=url, kind=kind)

        assert resolver.accepts(source) is expected
        assert resolver.is_fallback
