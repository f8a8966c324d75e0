"""A small Jellyfin server on loopback with the documented answers."""

import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote

import attrs
from aiohttp import web

from support.sites.page_site import served

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SERIES_ID = "5f2b1a2c" + "0" * 24
USER_ID = "ab" * 16
API_KEY = "canary-key-0123456789abcdef"
USER, PASSWORD = "mia", 'canary "pass" wörd'


@attrs.define(eq=False)
class JellyfinSite:
    """Series and episodes, with a log of requests and users.

    Attributes:
        tokens: Valid tokens besides the API key.
        issued: Every token that a login has returned.
        film: Bytes of every download.
        texts: Subtitles beside the films, by number and suffix, such as `2.srt`.
        override: Answers everything but logins if set.
    """

    url: str = ""
    series: dict[str, Json] = attrs.field(factory=dict)
    seasons: dict[str, list[Json]] = attrs.field(factory=dict)
    episodes: dict[str, list[Json]] = attrs.field(factory=dict)
    tokens: set[str] = attrs.field(factory=set)
    issued: list[str] = attrs.field(factory=list)
    may_download: bool = True
    tells_policy: bool = True
    film: bytes = b"film"
    texts: dict[str, str] = attrs.field(factory=dict)
    page_limit: int = 1000
    override: web.Response | None = None
    asked: list[str] = attrs.field(factory=list)
    queries: list[dict[str, str]] = attrs.field(factory=list)
    logins: list[Json] = attrs.field(factory=list)
    ranges: list[str] = attrs.field(factory=list)

    @property
    def address(self) -> str:
        """Its `host:port`."""
        return self.url.removeprefix("http://")

    async def login(self, request: web.Request) -> web.StreamResponse:
        """Answer `AuthenticateByName`."""
        header = request.headers["Authorization"]
        assert 'Client="' in header
        assert 'DeviceId="' in header
        assert "Token=" not in header
        sent = await request.json()
        self.logins.append(sent)
        if sent != {"Username": USER, "Pw": PASSWORD}:
            return web.Response(status=401, text="Error processing request.")
        token = secrets.token_hex(16)
        self.tokens.add(token)
        self.issued.append(token)
        policy = {"EnableContentDownloading": self.may_download} if self.tells_policy else {}
        user = {"Id": USER_ID, "Name": USER, "Policy": policy}
        return web.json_response({"User": user, "AccessToken": token, "ServerId": "s"})

    async def logout(self, request: web.Request) -> web.StreamResponse:
        """Revoke a token."""
        self.tokens.discard(_token(request))
        return web.Response(status=204)

    async def users(self, request: web.Request) -> web.StreamResponse:
        """List the users."""
        return web.json_response([{"Id": "cd" * 16, "Name": "root"}, {"Id": USER_ID, "Name": USER}])

    async def items(self, request: web.Request) -> web.StreamResponse:
        """Answer a search, a list of all series, or a request for certain ids."""
        asked = request.query
        found = list(self.series.values())
        if "ids" in asked:
            every = [*found, *(e for listed in self.episodes.values() for e in listed)]
            found = [item for item in every if item["Id"] in asked["ids"].split(",")]
        elif "searchTerm" in asked:
            found = [s for s in found if asked["searchTerm"].lower() in s["Name"].lower()]
        if asked.get("SortBy") == "DateCreated" and asked.get("SortOrder") == "Descending":
            found.sort(key=lambda item: str(item.get("DateCreated", "")), reverse=True)
        return self._window(request, found)

    async def season_list(self, request: web.Request) -> web.StreamResponse:
        """List the seasons of a series."""
        return self._window(request, self.seasons[request.match_info["id"]])

    async def episode_list(self, request: web.Request) -> web.StreamResponse:
        """List the episodes of a series."""
        listed = self.episodes.get(request.match_info["id"])
        if listed is None:
            return web.json_response({"title": "Not Found", "status": 404}, status=404)
        return self._window(request, listed)

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Send a file, or a range of it."""
        if not self.may_download:
            return web.Response(status=403)
        self.ranges.append(request.headers.get("Range", ""))
        return ranged(request, self.film)

    async def subtitle(self, request: web.Request) -> web.StreamResponse:
        """Send a subtitle file beside a film."""
        place = request.match_info
        assert place["id"] == place["source"]
        text = self.texts.get(f"{place['index']}.{place['suffix']}")
        return web.Response(status=404) if text is None else web.Response(text=text)

    def _window(self, request: web.Request, items: list[Json]) -> web.Response:
        asked = {name.lower(): value for name, value in request.query.items()}
        start, limit = int(asked.get("startindex", 0)), int(asked.get("limit", 10**6))
        window = items[start : start + min(limit, self.page_limit)]
        return web.json_response(
            {"Items": window, "TotalRecordCount": len(items), "StartIndex": start}
        )

    @web.middleware
    async def guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse requests without a valid token in the `Authorization` header."""
        self.asked.append(request.path)
        self.queries.append(dict(request.query))
        assert "api_key" not in request.query_string.lower()
        assert "X-Emby-Token" not in request.headers
        if request.path == "/Users/AuthenticateByName":
            return await handler(request)
        if self.override is not None:
            return web.Response(
                status=self.override.status, body=self.override.body, headers=self.override.headers
            )
        if _token(request) not in self.tokens | {API_KEY}:
            return web.Response(status=401)
        return await handler(request)


def ranged(request: web.Request, film: bytes) -> web.Response:
    """Answer with the whole file or one range."""
    match = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
    common = {"Accept-Ranges": "bytes", "ETag": '"1"', "Content-Type": "video/mp4"}
    if match is None:
        return web.Response(body=film, headers=common)
    first, last = int(match[1]), min(int(match[2] or len(film)), len(film) - 1)
    if first >= len(film):
        return web.Response(status=416, headers={"Content-Range": f"bytes */{len(film)}"})
    span = {"Content-Range": f"bytes {first}-{last}/{len(film)}"}
    return web.Response(status=206, body=film[first : last + 1], headers=common | span)


def _token(request: web.Request) -> str:
    match = re.search(r'Token="([^"]*)"', request.headers.get("Authorization", ""))
    return unquote(match[1]) if match else ""


@asynccontextmanager
async def open_jellyfin_site(site: JellyfinSite | None = None) -> AsyncIterator[JellyfinSite]:
    """Serve on loopback; by default a site with one invented series."""
    site = site or lantern_keepers()
    application = web.Application(middlewares=[site.guarded])
    application.router.add_post("/Users/AuthenticateByName", site.login)
    application.router.add_post("/Sessions/Logout", site.logout)
    application.router.add_get("/Users", site.users)
    application.router.add_get("/Items", site.items)
    application.router.add_get("/Shows/{id}/Seasons", site.season_list)
    application.router.add_get("/Shows/{id}/Episodes", site.episode_list)
    application.router.add_get("/Items/{id}/Download", site.download)
    path = "/Videos/{id}/{source}/Subtitles/{index}/Stream.{suffix}"
    application.router.add_get(path, site.subtitle)
    async with served(application) as site.url:
        yield site


def make_series(item_id: str, name: str, **fields: object) -> Json:
    """Return an item that is a series."""
    return {"Id": item_id, "Name": name, "Type": "Series", "ServerId": "s", **fields}


def make_track(kind: str, language: str | None, **fields: object) -> Json:
    """Return one entry of `MediaStreams`."""
    return {"Type": kind, "Codec": "x", "Language": language, "Index": 0, **fields}


def make_source(item_id: str, *tracks: Json, **fields: object) -> Json:
    """Return one entry of `MediaSources`."""
    picture = make_track("Video", None, Width=1920, Height=1080)
    source = {"Id": item_id, "Container": "mkv", "Protocol": "File", "Name": "x"}
    return {**source, "MediaStreams": [picture, *tracks], **fields}


def make_episode(
    item_id: str, season: int | None, number: int | None, *sources: Json, **fields: object
) -> Json:
    """Return an item that is an episode."""
    return {
        "Id": item_id,
        "Name": f"Part {number}",
        "Type": "Episode",
        "SeriesId": SERIES_ID,
        "ParentIndexNumber": season,
        "IndexNumber": number,
        "LocationType": "FileSystem",
        "RunTimeTicks": 13_800_000_000,
        "CanDownload": True,
        "MediaSources": list(sources),
        **fields,
    }


def episode_id(number: int) -> str:
    """Return an id."""
    return f"{number:032x}"


def lantern_keepers() -> JellyfinSite:
    """Return an invented series with two seasons, a special, a double and a missing episode."""
    ger = make_track("Audio", "ger")
    both = [ger, make_track("Audio", "jpn"), make_track("Subtitle", "deu")]
    one, two, three = (episode_id(n) for n in (1, 2, 3))
    episodes = [
        make_episode(episode_id(9), 0, 1, make_source(episode_id(9), ger), Name="Making Of"),
        make_episode(one, 1, 1, make_source(one, *both, Size=1000), Name="Die Laterne"),
        make_episode(two, 1, 2, make_source(two, make_track("Audio", None)), IndexNumberEnd=3),
        make_episode(three, 2, 1, make_source(three, ger)),
        make_episode(episode_id(4), 2, 2, LocationType="Virtual"),
    ]
    series = make_series(
        SERIES_ID,
        "Lantern Keepers",
        OriginalTitle="灯台守",
        ProductionYear=2011,
        Status="Ended",
        EndDate="2013-01-01T00:00:00.0000000Z",
        Overview="Light<br>and <b>dark</b>.",
        Genres=["Adventure", "Sea"],
        ImageTags={"Primary": "t/1"},
    )
    return JellyfinSite(series={SERIES_ID: series}, episodes={SERIES_ID: episodes})
