"""Probes of the catalogues: their sections, their own settings, and requests to them."""

import random
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from aniworld_core.domain.identity import EpisodeRef
from aniworld_core.domain.media import ENG_DUB, Extra, MediaSource
from aniworld_core.errors import AniworldError, UnknownProviderError
from aniworld_providers.ytdlp import Job, ListedEntry, Listing, ListingJob, Outcome
from aniworld_providers.ytdlp.process import ProcessPool
from support.live_settings.probe import Probe, World, adapters
from support.sites.feeds import item, open_feed_site, rss
from support.sites.page_site import Site, html, serve_pages

Look = Callable[[World], Awaitable[object]]
_LIST: Final = '<html><body><a href="Alpha/">Alpha/</a></body></html>'
_CHALLENGE: Final = html("who?", 401, WWW_Authenticate='Basic realm="attic"')
#: Host of the videos, which is never asked.
_HOST: Final = "video.net"


@asynccontextmanager
async def _sites(world: World) -> AsyncIterator[None]:
    """Serve two sites that can be catalogues or proxies."""
    async with serve_pages() as one, serve_pages() as two:
        for site in (one, two):
            site.answers = [html(_LIST, Content_Type="text/html")]
        world.made |= {"one": one, "two": two}
        yield


def _site(world: World, name: object) -> Site:
    site: Site = world.made[str(name)]
    return site


def _url(world: World, name: object) -> str:
    return _site(world, name).url


async def _search(world: World, name: str) -> AniworldError | None:
    """Search a catalogue; return how it fails, if it does."""
    try:
        await world.app.catalogue.loaders.named(name).search("alpha")
    except AniworldError as error:
        return error
    return None


def _asked(name: str) -> Look:
    """Return a look at which site a search of a catalogue asks."""

    async def look(world: World) -> object:
        before = {site: len(_site(world, site).requests) for site in ("one", "two")}
        await _search(world, name)
        return [site for site in before if len(_site(world, site).requests) > before[site]]

    return look


async def _user_agent(world: World) -> object:
    await _search(world, "index")
    return _site(world, "one").requests[-1].headers["User-Agent"]


async def _is_open(world: World) -> object:
    """Return whether the catalogue of the demo answers."""
    try:
        return bool(await world.app.catalogue.loaders.named("demo").search("a"))
    except UnknownProviderError:
        return False


async def _login(world: World) -> object:
    """Return user and password that are sent to a server that wants them."""
    site = _site(world, "one")
    site.answers = [_CHALLENGE]
    await _search(world, "index")
    sent = site.requests[-1].headers["Authorization"]
    return b64decode(sent.removeprefix("Basic ")).decode()


async def _named(world: World) -> object:
    """Return the name of the server that an error asks to correct."""
    _site(world, "one").answers = [_CHALLENGE]
    error = await _search(world, "index")
    return [name for name in ("attic", "cellar") if error and name in str(error.hint)]


async def _token(world: World) -> object:
    """Return which token a server gets."""
    await _search(world, "jellyfin")
    sent = str(_site(world, "one").requests[-1].headers)
    return [token for token in ("first-token", "second-token") if token in sent]


async def _is_paced(world: World) -> object:
    """Return whether two requests are half a minute apart."""
    before, site = len(world.clock.slept), _site(world, "one")
    asked = len(site.requests)
    for _ in range(2):
        await _search(world, "index")
    assert len(site.requests) - asked > 1
    return any(slept.total_seconds() > 30 for slept in world.clock.slept[before:])


def _server(setting: str, **more: object) -> Callable[[World, object], object]:
    """Return what builds a list of servers from the value of one setting of its only server."""

    def build(world: World, value: object) -> object:
        return [{"name": "attic", "base_url": _url(world, "one"), **more, setting: value}]

    return build


def _layout(name: str) -> Look:
    """Return a look at which paths a search requests."""

    async def look(world: World) -> object:
        site = _site(world, "one")
        before = len(site.requests)
        await _search(world, name)
        asked = {request.path for request in site.requests[before:]}
        return sorted(asked & {"/ajax/search", "/api/search/suggest"})

    return look


@asynccontextmanager
async def _feed(folder: Path) -> AsyncIterator[World]:
    """Open the catalogue of feeds, and a feed with chapters."""
    async with open_feed_site() as site:
        chapters = '<psc:chapters version="1.2"><psc:chapter start="0" title="A"/></psc:chapters>'
        link = site.put(rss(item(1, chapters)))
        address = site.url.removeprefix("http://")
        async with adapters("feed")(folder, allowed=(address,)) as world:
            world.made["link"] = link
            yield world


async def _feed_chapters(world: World) -> object:
    """Return whether the source of an episode brings chapters."""
    loader, link = world.app.catalogue.loaders.named("feed"), str(world.made["link"])
    series = await loader.get_series(loader.key_from_link(link), link)
    (source,) = await loader.get_sources(EpisodeRef(series.key, 1, 1), ENG_DUB)
    return Extra.CHAPTERS in source.extras


@asynccontextmanager
async def _jobs(world: World) -> AsyncIterator[None]:
    """Keep the jobs for yt-dlp instead of running them; random pauses are the longest."""
    jobs: list[Job | ListingJob] = []
    world.made["jobs"] = jobs

    async def keep(_pool: object, job: Job | ListingJob) -> Outcome:
        jobs.append(job)
        if isinstance(job, Job):
            return ()
        entries = tuple(
            ListedEntry(id=f"x:{year}", url=f"https://{_HOST}/{year}", published=f"{year}-05-01")
            for year in (2024, 2025)
        )
        link = job.source.url
        return Listing(extractor="X", id=link, link=link, title="T", entries=entries)

    longest = patch.object(random, "uniform", lambda _least, most: most)
    with patch.object(ProcessPool, "run", keep), longest:
        yield


async def _job(world: World) -> Job | ListingJob:
    """Resolve a page; return the job for yt-dlp."""
    (resolver,) = (each for each in world.app.resolvers if each.name == "ytdlp")
    await resolver.resolve(
        MediaSource(provider="ytdlp", hoster=_HOST, url=f"https://{_HOST}/1", language=ENG_DUB)
    )
    last: Job | ListingJob = world.made["jobs"][-1]
    return last


def _extra(extra: Extra) -> Look:
    async def look(world: World) -> object:
        return extra in (await _job(world)).source.extras

    return look


async def _cookies(world: World) -> object:
    return "canary" in (await _job(world)).cookies


def _cookie_file(world: World, name: object) -> str:
    if not name:
        return ""
    file = world.folder / str(name)
    file.write_text(f"# Netscape HTTP Cookie File\n.{_HOST}\tTRUE\t/\tTRUE\t0\ta\tcanary\n")
    file.chmod(0o600)
    return str(file)


async def _pause(world: World) -> object:
    return (await _job(world)).pause


async def _downloads_pause(world: World) -> object:
    """Return the longest pause before the second of two downloads, in whole seconds."""
    await _job(world)
    before = len(world.clock.slept)
    await _job(world)
    return max((round(s.total_seconds()) for s in world.clock.slept[before:]), default=0)


async def _seasons(world: World) -> object:
    """Return the seasons of a new channel with videos of two years."""
    world.made[f"channel {len(world.made)}"] = True
    link = f"https://{_HOST}/c{len(world.made)}"
    loader = world.app.catalogue.loaders.named("ytdlp")
    series = await loader.get_series(loader.key_from_link(link), link)
    return sorted({episode.season for episode in series.episodes})


def _index(**section: object) -> Callable[[World], Mapping[str, object]]:
    """Return what configures one site as a catalogue."""

    def given(world: World) -> Mapping[str, object]:
        return {"providers": {"index": {"base_url": _url(world, "one"), **section}}}

    return given


def _at_index(path: str, observe: Look, **fields: Any) -> Probe:
    open_ = adapters("index")
    return Probe(
        **{"beside": _sites, **fields}, path=f"providers.index.{path}", observe=observe, open=open_
    )


def _at_site(name: str) -> Probe:
    return Probe(
        values=("v1", "v2"),
        seen=(["/ajax/search"], ["/api/search/suggest"]),
        observe=_layout(name),
        given=lambda world: {"providers": {name: {"base_url": _url(world, "one")}}},
        beside=_sites,
        open=adapters(name),
    )


def _at_ytdlp(observe: Look, **fields: Any) -> Probe:
    given = {"providers": {"ytdlp": {"requests_per_minute": 6000}}}
    return Probe(
        **{"values": (False, True), "seen": (False, True), "given": given, **fields},
        observe=observe,
        open=adapters("ytdlp"),
        beside=_jobs,
    )


#: A catalogue that only a proxy reaches.
_FAR: Final = {"providers": {"index": {"base_url": "http://index.example"}}}

CATALOGUES: Final[Mapping[str, Probe]] = {
    "network.user_agent": Probe(
        values=("First/1", "Second/2"),
        seen=("First/1", "Second/2"),
        observe=_user_agent,
        given=_index(),
        beside=_sites,
        open=adapters("index"),
    ),
    "network.proxy": Probe(
        values=("one", "two"),
        wrap=_url,
        seen=(["one"], ["two"]),
        observe=_asked("index"),
        given=_FAR,
        beside=_sites,
        open=adapters("index"),
    ),
    "providers.*.enabled": Probe(
        path="providers.demo.enabled",
        values=(False, True),
        seen=(False, True),
        observe=_is_open,
        open=adapters(),
    ),
    "providers.*.base_url": _at_index(
        "base_url",
        _asked("index"),
        values=("one", "two"),
        wrap=_url,
        seen=(["one"], ["two"]),
    ),
    "providers.*.servers": _at_index(
        "servers",
        _asked("index"),
        values=(["one"], ["one", "two"]),
        wrap=lambda world, names: [
            {"name": name, "base_url": _url(world, name)} for name in list(names)
        ],
        seen=(["one"], ["one", "two"]),
    ),
    "providers.*.servers.*.name": _at_index(
        "servers",
        _named,
        values=("attic", "cellar"),
        wrap=_server("name", username="mia", password="wrong"),
        seen=(["attic"], ["cellar"]),
    ),
    "providers.*.servers.*.base_url": _at_index(
        "servers",
        _asked("index"),
        values=("one", "two"),
        wrap=lambda world, name: _server("base_url")(world, _url(world, name)),
        seen=(["one"], ["two"]),
    ),
    "providers.*.servers.*.username": _at_index(
        "servers",
        _login,
        values=("mia", "tom"),
        wrap=_server("username", password="pw"),
        seen=("mia:pw", "tom:pw"),
    ),
    "providers.*.servers.*.password": _at_index(
        "servers",
        _login,
        values=("first", "second"),
        wrap=_server("password", username="mia"),
        seen=("mia:first", "mia:second"),
    ),
    "providers.*.servers.*.token": Probe(
        path="providers.jellyfin.servers",
        values=("first-token", "second-token"),
        wrap=_server("token"),
        seen=(["first-token"], ["second-token"]),
        observe=_token,
        beside=_sites,
        open=adapters("jellyfin"),
    ),
    "providers.*.proxy": _at_index(
        "proxy",
        _asked("index"),
        values=("one", "two"),
        wrap=_url,
        seen=(["one"], ["two"]),
        given=_FAR,
    ),
    "providers.*.requests_per_minute": _at_index(
        "requests_per_minute", _is_paced, values=(6000, 1), seen=(False, True), given=_index()
    ),
    "providers.aniworld.layout": _at_site("aniworld"),
    "providers.serienstream.layout": _at_site("serienstream"),
    "providers.feed.chapters": Probe(
        values=(False, True), seen=(False, True), observe=_feed_chapters, open=_feed
    ),
    "providers.ytdlp.seasons": _at_ytdlp(
        _seasons, values=("one", "year"), seen=([1], [2024, 2025])
    ),
    "providers.ytdlp.cookies": _at_ytdlp(_cookies, values=("", "cookies.txt"), wrap=_cookie_file),
    "providers.ytdlp.chapters": _at_ytdlp(_extra(Extra.CHAPTERS)),
    "providers.ytdlp.thumbnail": _at_ytdlp(_extra(Extra.THUMBNAIL)),
    "providers.ytdlp.automatic_subtitles": _at_ytdlp(_extra(Extra.AUTOMATIC_SUBTITLES)),
    "providers.ytdlp.sponsorblock": _at_ytdlp(_extra(Extra.SPONSORBLOCK)),
    "providers.ytdlp.sleep_interval_requests": _at_ytdlp(
        _pause, values=(2.0, 4.0), seen=(2.0, 4.0)
    ),
    "providers.ytdlp.sleep_interval": _at_ytdlp(
        _downloads_pause, values=(20.0, 40.0), seen=(20, 40)
    ),
    "providers.ytdlp.max_sleep_interval": _at_ytdlp(
        _downloads_pause,
        values=(20.0, 40.0),
        seen=(20, 40),
        given={"providers": {"ytdlp": {"requests_per_minute": 6000, "sleep_interval": 10}}},
    ),
    "providers.ytdlp.site_sleeps": _at_ytdlp(
        _pause,
        values=([f"{_HOST} requests=3"], [f"{_HOST} requests=6"]),
        seen=(3.0, 6.0),
    ),
}
