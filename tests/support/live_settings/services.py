"""Probes of the sections `notifications` and `media_servers`."""

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Final

import anyio
from aiohttp import web

from aniworld_core.domain.downloads import DownloadStatus
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.media import GER_DUB
from aniworld_core.events import DownloadCompleted, EpisodesFound, QueueDrained
from aniworld_core.testing.factories import make_item
from aniworld_core.testing.waiting import eventually
from aniworld_providers.notify.webhook import SIGNATURE, TIMESTAMP, signature
from support.live_settings.probe import Probe, World
from support.sites.media_servers import LIBRARY as PLACE
from support.sites.media_servers import TOKEN, MediaServerSite, serve_media_server
from support.sites.page_site import Site, html, serve_pages

_SECRETS: Final = ("the first of two secrets", "the second of two secrets")
Beside = Callable[[World], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def _recipients(world: World) -> AsyncIterator[None]:
    """Serve two recipients of notifications."""
    async with serve_pages() as one, serve_pages() as two:
        for site in (one, two):
            site.answers = [html(status=204)]
        world.made |= {"one": one, "two": two}
        yield


def _site(world: World, name: str) -> Site:
    site: Site = world.made[name]
    return site


async def _addressed(world: World) -> object:
    """Return the names of all recipients of a test message."""
    return list(await world.app.notifications.test_all())


async def _received(world: World) -> object:
    """Return which recipient gets a test message."""
    before = {name: len(_site(world, name).requests) for name in ("one", "two")}
    await world.app.notifications.test_all()
    return [name for name in before if len(_site(world, name).requests) > before[name]]


async def _signed_with(world: World) -> object:
    """Return the secrets that a message is signed with."""
    signed: list[tuple[str, bytes, str]] = []
    site = _site(world, "one")

    async def keep(request: web.Request) -> web.Response:
        headers = request.headers
        signed.append((headers[TIMESTAMP], await request.read(), headers[SIGNATURE]))
        return web.Response(status=204)

    site.answers = [keep]
    await world.app.notifications.test_all()
    ((at, body, sent),) = signed
    return [secret for secret in _SECRETS if signature(secret, at, body) == sent]


async def _first_kind(world: World) -> object:
    """Return the kind of the first message about two events."""
    kinds: list[str] = []

    async def keep(request: web.Request) -> web.Response:
        kinds.append((await request.json())["event"])
        return web.Response(status=204)

    _site(world, "one").answers = [keep]
    bus, now = world.app.bus, world.clock.now()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(world.app.notifications.run)
        await anyio.wait_all_tasks_blocked()
        folder = FolderName("Tide")
        await bus.publish(
            EpisodesFound(key=SeriesKey("tide"), folder=folder, codes=("S01E03",), at=now)
        )
        await bus.publish(QueueDrained(at=now))
        await eventually(lambda: bool(kinds))
        tasks.cancel_scope.cancel()
    return kinds[0]


def _webhook(world: World, **more: object) -> Mapping[str, object]:
    url = _site(world, "one").url
    return {"notifications": {"webhooks": [url], "webhook_secret": _SECRETS[0], **more}}


def _serving(*kinds: str) -> Beside:
    """Return what serves media servers of these kinds beside a program."""

    @asynccontextmanager
    async def serving(world: World) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for number, kind in enumerate(kinds):
                site = await stack.enter_async_context(serve_media_server(kind))
                world.made[f"server {number}"] = site
            yield

    return serving


def _server(world: World, number: int = 0) -> MediaServerSite:
    site: MediaServerSite = world.made[f"server {number}"]
    return site


def _entry(name: str, **more: object) -> Callable[[World, object], object]:
    """Return what builds the list of servers from the value of one setting of its only server."""

    def build(world: World, value: object) -> object:
        site = _server(world)
        ours = world.app.library.root
        base = {
            "kind": site.kind,
            "base_url": site.url,
            "token": TOKEN,
            "name": "tv",
            "paths": [f"{ours} => {PLACE}"],
        }
        return [{**base, **more, name: value}]

    return build


def _completed(world: World) -> DownloadCompleted:
    item = make_item(
        status=DownloadStatus.COMPLETED,
        file="Tide/S01E01.mp4",
        language=GER_DUB,
        completed_at=world.clock.now(),
    )
    return DownloadCompleted(item=item, folder=FolderName("Tide"), at=world.clock.now())


async def _refresh(world: World) -> None:
    """Complete a download and refresh the servers once."""
    async with world.app.media_servers.after():
        await world.app.bus.publish(_completed(world))


async def _refreshed(world: World) -> object:
    """Return the numbers of the servers that are refreshed."""
    sites = [site for site in world.made.values() if isinstance(site, MediaServerSite)]
    before = [len(site.scanned) for site in sites]
    await _refresh(world)
    return [n for n, site in enumerate(sites) if len(site.scanned) > before[n]]


async def _path(world: World) -> object:
    """Return the path that the server is told."""
    await _refresh(world)
    return _server(world).scanned[-1]


async def _logged_name(world: World) -> object:
    """Return the name of the server in the log."""
    records: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record.getMessage())

    handler, logger = Keep(), logging.getLogger("aniworld_core")
    logger.addHandler(handler)
    try:
        await _refresh(world)
    finally:
        logger.removeHandler(handler)
    (message,) = (text for text in records if "cannot refresh the media server" in text)
    return message.partition("media server ")[2].partition(":")[0]


async def _delay(world: World) -> object:
    """Return the seconds between a download and the refresh."""
    before, slept = len(_server(world).scanned), len(world.clock.slept)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(world.app.media_servers.run)
        await anyio.wait_all_tasks_blocked()
        await world.app.bus.publish(_completed(world))
        await eventually(lambda: len(_server(world).scanned) > before)
        tasks.cancel_scope.cancel()
    return world.clock.slept[slept] // timedelta(seconds=1)


_SERVERS: Final = "media_servers.servers"
_JELLYFIN: Final = _serving("jellyfin")
_KODI: Final = _serving("kodi")

SERVICES: Final[Mapping[str, Probe]] = {
    "notifications.urls": Probe(
        values=(["ntfy://first"], ["ntfys://second"]),
        seen=(["1: ntfy"], ["1: ntfys"]),
        observe=_addressed,
    ),
    "notifications.webhooks": Probe(
        path="notifications",
        values=("one", "two"),
        # The key is entered again with every new address.
        wrap=lambda world, name: {
            "webhooks": [_site(world, str(name)).url],
            "webhook_secret": _SECRETS[0],
        },
        seen=(["one"], ["two"]),
        observe=_received,
        beside=_recipients,
    ),
    "notifications.webhook_secret": Probe(
        values=_SECRETS,
        seen=([_SECRETS[0]], [_SECRETS[1]]),
        observe=_signed_with,
        given=_webhook,
        beside=_recipients,
    ),
    "notifications.events": Probe(
        values=(["new_episode"], ["queue_drained"]),
        seen=("new_episode", "queue_drained"),
        observe=_first_kind,
        given=_webhook,
        beside=_recipients,
    ),
    "media_servers.servers.*.name": Probe(
        path=_SERVERS,
        values=("attic", "cellar"),
        wrap=_entry("name", token="wrong"),
        seen=("attic", "cellar"),
        observe=_logged_name,
        beside=_JELLYFIN,
    ),
    "media_servers.servers.*.kind": Probe(
        path=_SERVERS,
        values=("plex", "jellyfin"),
        wrap=_entry("kind"),
        seen=([], [0]),
        observe=_refreshed,
        beside=_JELLYFIN,
    ),
    "media_servers.servers.*.base_url": Probe(
        path=_SERVERS,
        values=(0, 1),
        wrap=lambda world, n: _entry("base_url")(world, _server(world, int(str(n))).url),
        seen=([0], [1]),
        observe=_refreshed,
        beside=_serving("jellyfin", "jellyfin"),
    ),
    "media_servers.servers.*.token": Probe(
        path=_SERVERS,
        values=("wrong", TOKEN),
        wrap=_entry("token"),
        seen=([], [0]),
        observe=_refreshed,
        beside=_JELLYFIN,
    ),
    "media_servers.servers.*.username": Probe(
        path=_SERVERS,
        values=("wrong", "kodi"),
        wrap=_entry("username", token="", password=TOKEN),
        seen=([], [0]),
        observe=_refreshed,
        beside=_KODI,
    ),
    "media_servers.servers.*.password": Probe(
        path=_SERVERS,
        values=("wrong", TOKEN),
        wrap=_entry("password", token="", username="kodi"),
        seen=([], [0]),
        observe=_refreshed,
        beside=_KODI,
    ),
    "media_servers.servers.*.paths": Probe(
        path=_SERVERS,
        values=("/a", "/b"),
        wrap=lambda world, theirs: _entry("paths")(
            world, [f"{world.app.library.root} => {theirs}"]
        ),
        seen=("/a/Tide", "/b/Tide"),
        observe=_path,
        beside=_JELLYFIN,
    ),
    "media_servers.servers.*.enabled": Probe(
        path=_SERVERS,
        values=(False, True),
        wrap=_entry("enabled"),
        seen=([], [0]),
        observe=_refreshed,
        beside=_JELLYFIN,
    ),
    "media_servers.servers": Probe(
        values=(False, True),
        wrap=lambda world, is_there: _entry("name")(world, "tv") if is_there else [],
        seen=([], [0]),
        observe=_refreshed,
        beside=_JELLYFIN,
    ),
    "media_servers.delay_seconds": Probe(
        values=(60, 300),
        seen=(60, 300),
        observe=_delay,
        given=lambda world: {"media_servers": {"servers": _entry("name")(world, "tv")}},
        beside=_JELLYFIN,
    ),
}
