"""Forms in which a link of others can reach the network: each uses one, with the real adapter."""

import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final, TypeAlias
from xml.sax.saxutils import quoteattr

import attrs

from aniworld_core.domain.automation import Notification
from aniworld_core.domain.catalogue import CoverAddress
from aniworld_core.domain.configuration import (
    MediaServerConfig,
    NotificationKind,
    NotificationsConfig,
    OidcConfig,
    ProviderConfig,
)
from aniworld_core.domain.identity import EpisodeRef
from aniworld_core.domain.media import ENG_DUB, MediaSource, Stream, StreamKind
from aniworld_core.domain.subtitles import Subtitle
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.fetcher import FetchRequest
from aniworld_http.security.oidc import Provider
from aniworld_providers.catalogues.feed import open_loader
from aniworld_providers.catalogues.feed.feed import Feed
from aniworld_providers.catalogues.feed.reading import read_feed
from aniworld_providers.covers import open_covers
from aniworld_providers.media_servers.jellyfin import open_media_server
from aniworld_providers.metadata import open_tvmaze
from aniworld_providers.network.pages import open_page_client
from aniworld_providers.notify.webhook import open_notifier
from aniworld_providers.transfer.segments.on_demand import open_dash_fetcher, open_hls_fetcher
from providers.faults.direct_rows import FILM
from providers.faults.fetching import HASTY, Fetching
from providers.faults.server import FaultServer, FileFault, status
from providers.network.test_guard import _client
from support.adapter_context import JumpingClock, make_context
from support.sites.feeds import item, rss
from support.ytdlp_here import make_resolver

_FILM_LIST: Final = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\na.ts\n#EXT-X-ENDLIST\n"
_DISCOVERY: Final = "/.well-known/openid-configuration"


@attrs.frozen
class Stage:
    """What a form may use.

    Attributes:
        server: A server that may be reached.
        folder: An empty folder.
        also: A further pair that may be reached.
    """

    server: FaultServer
    folder: Path
    also: str = ""

    @property
    def allowed(self) -> frozenset[str]:
        """The pairs that may be reached."""
        return frozenset(pair for pair in (self.server.address, self.also) if pair)

    @property
    def context(self) -> AdapterContext:
        """A context in which only these may be reached; without a rate limit that matters."""
        quick = ProviderConfig(requests_per_minute=6000)
        return make_context(
            self.folder,
            allowed=self.allowed,
            clock=JumpingClock(),
            own={"/providers/feed/chapters": True},
            feed=quick,
            tvmaze=attrs.evolve(quick, base_url=self.server.url("")),
        )

    def redirects(self, link: str, path: str = "/redirect") -> str:
        """Redirect a path to a link, and return its own link."""
        location = link.encode("ascii", "xmlcharrefreplace").decode()
        self.server.routes[path] = status(302, ("Location", location))
        return self.server.url(path)

    def serves(self, path: str, body: str, kind: str) -> str:
        """Serve a text, and return its link."""
        self.server.routes[path] = FileFault(body=body.encode(), type=kind)
        return self.server.url(path)


Form: TypeAlias = Callable[[Stage, str], Awaitable[None]]


async def _link(stage: Stage, link: str) -> None:
    async with _client(*stage.allowed) as client:
        await client.read_all(link, max_bytes=100)


async def _redirect(stage: Stage, link: str) -> None:
    await _link(stage, stage.redirects(link))


async def _page(stage: Stage, link: str) -> None:
    async with open_page_client(stage.context, "feed") as pages:
        await pages.get(link)


async def _page_redirect(stage: Stage, link: str) -> None:
    await _page(stage, stage.redirects(link))


async def _subtitle(stage: Stage, link: str) -> None:
    stage.server.routes["/film"] = FileFault(body=FILM)
    fetching = Fetching(stage.server, stage.folder)
    stream = attrs.evolve(
        fetching.stream(subtitles=(Subtitle(url=link, language="deu"),)), reach=stage.allowed
    )
    await fetching.fetch(stream=stream, text_languages=None)


def _hls(lines: str) -> Form:
    async def use(stage: Stage, link: str) -> None:
        stage.server.routes["/a.ts"] = FileFault(body=b"G" * 188 * 10, type="video/mp2t")
        stage.serves("/b.m3u8", _FILM_LIST, "application/x-mpegurl")
        text = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n{lines.format(link=link)}#EXT-X-ENDLIST\n"
        url = stage.serves("/list.m3u8", text, "application/x-mpegurl")
        async with open_hls_fetcher(stage.context, timeouts=HASTY) as fetcher:
            stream = Stream(url=url, kind=StreamKind.HLS)
            await fetcher.fetch(FetchRequest(stream=stream, destination=stage.folder / "a.mp4"))

    return use


def _dash(inside: str, before: str = "") -> Form:
    async def use(stage: Stage, link: str) -> None:
        values = {"link": quoteattr(link), "text": quoteattr(link)[1:-1]}
        text = (
            f'<?xml version="1.0"?>{before.format(**values)}'
            '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" xmlns:xlink="http://www.w3.org/1999/xlink"'
            ' type="static" mediaPresentationDuration="PT2S">'
            f"{inside.format(**values)}</MPD>"
        )
        url = stage.serves("/m.mpd", text, "application/dash+xml")
        async with open_dash_fetcher(stage.context, timeouts=HASTY) as fetcher:
            stream = Stream(url=url, kind=StreamKind.DASH)
            await fetcher.fetch(FetchRequest(stream=stream, destination=stage.folder / "a.mp4"))

    return use


def _set(inside: str) -> str:
    return (
        '<Period><AdaptationSet mimeType="video/mp4"><Representation id="v" bandwidth="1"'
        f' codecs="avc1.64001f">{inside}</Representation></AdaptationSet></Period>'
    )


async def _cover(stage: Stage, link: str) -> None:
    async with open_covers(stage.context) as covers:
        await covers.get(CoverAddress(provider="feed", url=link))


async def _own_cover(stage: Stage, link: str) -> None:
    address = stage.server.address
    url = stage.redirects(link)
    async with open_covers(stage.context) as covers:
        await covers.get(CoverAddress(provider="p", url=url, reach=frozenset({address})))


async def _cover_redirect(stage: Stage, link: str) -> None:
    await _cover(stage, stage.redirects(link))


async def _feed_chapters(stage: Stage, link: str) -> None:
    more = f'<podcast:chapters url={quoteattr(link)} type="application/json+chapters"/>'
    url = stage.serves("/feed.xml", rss(item(1, more)), "application/rss+xml")
    async with open_loader(stage.context, read=_read_here) as loader:
        series = await loader.get_series(loader.key_from_link(url), url)
        await loader.get_sources(EpisodeRef(series.key, 1, 1), ENG_DUB)


async def _read_here(text: str, base: str) -> Feed:
    return read_feed(text, base)


async def _webhook(stage: Stage, link: str) -> None:
    config = attrs.evolve(
        stage.context.config, notifications=NotificationsConfig(webhook_secret="s" * 40)
    )
    clock = JumpingClock()
    news = Notification(kind=NotificationKind.FAILED, at=clock.now(), title="it failed")
    context = attrs.evolve(stage.context, config=config)
    async with open_notifier(stage.redirects(link), context) as notifier:
        await notifier.notify(news)


async def _media_server(stage: Stage, link: str) -> None:
    stage.redirects(link, "/System/Info")
    server = MediaServerConfig(kind="jellyfin", base_url=stage.server.url(""), token="t")
    async with open_media_server(server, stage.context) as opened:
        await opened.check()


async def _metadata(stage: Stage, link: str) -> None:
    stage.redirects(link, "/search/shows")
    async with open_tvmaze(stage.context) as source:
        await source.search("Alpha")


def _provider(stage: Stage) -> Provider:
    return Provider(OidcConfig(issuer=stage.server.url(""), client_id="c"), JumpingClock())


async def _discovery(stage: Stage, link: str) -> None:
    stage.redirects(link, _DISCOVERY)
    await _provider(stage).check()


def _endpoint(name: str) -> Form:
    async def use(stage: Stage, link: str) -> None:
        own = stage.server.url("/own")
        found = {
            "issuer": stage.server.url(""),
            **dict.fromkeys(("authorization_endpoint", "token_endpoint", "jwks_uri"), own),
            name: link,
        }
        stage.serves(_DISCOVERY, json.dumps(found), "application/json")
        provider = _provider(stage)
        await (provider.check() if name == "jwks_uri" else provider.identity("c", "v", "n", None))

    return use


async def _keys_redirect(stage: Stage, link: str) -> None:
    await _endpoint("jwks_uri")(stage, stage.redirects(link))


async def _extracted(stage: Stage, link: str) -> None:
    source = MediaSource(provider="p", hoster="127.0.0.1", url=link)
    await make_resolver(stage.allowed).resolve(source)


async def _extracted_redirect(stage: Stage, link: str) -> None:
    await _extracted(stage, stage.redirects(link))


async def _extracted_page(stage: Stage, link: str) -> None:
    page = f'<html><video><source src={quoteattr(link)} type="application/x-mpegURL"></video>'
    await _extracted(stage, stage.serves("/watch", page, "text/html"))


FORMS: Final[Mapping[str, Form]] = {
    "link": _link,
    "redirect": _redirect,
    "page": _page,
    "page redirect": _page_redirect,
    "subtitle": _subtitle,
    "HLS segment": _hls("#EXTINF:1,\n{link}\n"),
    "HLS key": _hls('#EXT-X-KEY:METHOD=AES-128,URI="{link}"\n#EXTINF:1,\na.ts\n'),
    "HLS map": _hls('#EXT-X-MAP:URI="{link}"\n#EXTINF:1,\na.ts\n'),
    "HLS variant": _hls("#EXT-X-STREAM-INF:BANDWIDTH=1\n{link}\n"),
    "HLS audio": _hls(
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="{link}"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\nb.m3u8\n'
    ),
    "DASH base": _dash("<BaseURL>{text}</BaseURL>" + _set("")),
    "DASH segment": _dash(
        _set('<SegmentList duration="1"><SegmentURL media={link}/></SegmentList>')
    ),
    "DASH section": _dash(
        _set(
            '<SegmentList duration="1"><Initialization sourceURL={link}/>'
            '<SegmentURL media="a.ts"/></SegmentList>'
        )
    ),
    "DASH template": _dash(
        _set('<SegmentTemplate duration="1" initialization={link} media={link}/>')
    ),
    "DASH period": _dash("<Period xlink:href={link}/>" + _set("<BaseURL>a.ts</BaseURL>")),
    "DASH entity": _dash(
        _set("<BaseURL>&x;</BaseURL>"), "<!DOCTYPE MPD [<!ENTITY x SYSTEM {link}>]>"
    ),
    "cover": _cover,
    "cover redirect": _cover_redirect,
    "cover of an own server": _own_cover,
    "feed chapters": _feed_chapters,
    "webhook redirect": _webhook,
    "media server redirect": _media_server,
    "metadata redirect": _metadata,
    "OIDC discovery redirect": _discovery,
    "OIDC keys": _endpoint("jwks_uri"),
    "OIDC keys redirect": _keys_redirect,
    "OIDC token": _endpoint("token_endpoint"),
    "yt-dlp": _extracted,
    "yt-dlp redirect": _extracted_redirect,
    "yt-dlp page": _extracted_page,
}
#: Forms that reach no other server than the configured one, also if that one could be reached.
STAYING: Final = frozenset(
    (
        *("DASH period", "DASH entity", "cover of an own server", "webhook redirect"),
        *("media server redirect", "metadata redirect", "OIDC discovery redirect", "OIDC keys"),
        *("OIDC keys redirect", "OIDC token"),
    )
)
