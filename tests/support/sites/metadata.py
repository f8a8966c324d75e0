"""Fakes of AniList and TVmaze on loopback, after their documented schemas."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import attrs
from aiohttp import web

from support.sites.page_site import serving


def make_media(number: int, title: str, /, **changes: Any) -> dict[str, Any]:
    """Return a `Media` object of AniList."""
    return {
        "id": number,
        "idMal": number + 1000,
        "siteUrl": f"https://anilist.co/anime/{number}",
        "title": {"romaji": title, "english": f"{title} EN", "native": "アルファ"},
        "synonyms": [f"{title} Other"],
        "format": "TV",
        "status": "RELEASING",
        "season": "SPRING",
        "seasonYear": 2013,
        "startDate": {"year": 2013},
        "episodes": 3,
        "genres": ["Drama"],
        "studios": {"nodes": [{"name": "Studio"}]},
        "description": "One<br>two &amp; <i>three</i>",
        "coverImage": {"extraLarge": "https://img.example/p.jpg", "large": None},
        "bannerImage": "javascript:alert(1)",
        "aired": {"nodes": [{"episode": 1, "airingAt": 1_700_000_000}]},
        "coming": {"nodes": [{"episode": 3, "airingAt": 4_000_000_000}]},
        "nextAiringEpisode": {"episode": 3, "airingAt": 4_000_000_000},
        "streamingEpisodes": [
            {"title": "Episode 2 - Zwei", "thumbnail": "https://img.example/e2.jpg"},
            {"title": "Episode 1", "thumbnail": "https://img.example/e1.jpg"},
            {"title": "Episode 2 - Other site", "thumbnail": "https://img.example/no.jpg"},
            {"title": "Trailer", "thumbnail": "https://img.example/t.jpg"},
        ],
        "relations": {
            "edges": [
                {
                    "relationType": "SEQUEL",
                    "node": {"id": 77, "type": "ANIME", "title": {"romaji": "Next"}},
                },
                {
                    "relationType": "ADAPTATION",
                    "node": {"id": 78, "type": "MANGA", "title": {"romaji": "Book"}},
                },
            ]
        },
        **changes,
    }


def make_show(number: int, name: str, /, **changes: Any) -> dict[str, Any]:
    """Return a show of TVmaze with its episodes."""
    return {
        "id": number,
        "url": f"https://www.tvmaze.com/shows/{number}",
        "name": name,
        "type": "Animation",
        "genres": ["Anime"],
        "status": "Running",
        "premiered": "2013-04-07",
        "network": {"name": "MBS"},
        "webChannel": None,
        "externals": {"tvrage": 1, "thetvdb": 267440, "imdb": "tt2560140"},
        "image": {"medium": None, "original": "https://img.example/show.jpg"},
        "summary": "<p>One</p><p>two</p>",
        "_embedded": {
            "akas": [{"name": f"{name} Other", "country": None}],
            "episodes": [
                {
                    "id": 4952,
                    "season": 1,
                    "number": 1,
                    "name": "One",
                    "runtime": 25,
                    "airstamp": "2013-04-07T02:00:00+00:00",
                    "image": {"medium": "https://img.example/1m.jpg", "original": None},
                    "summary": "<p>It <b>begins</b>.</p>",
                },
                {"season": 2, "number": 1, "airdate": "2096-10-03", "airstamp": None},
                {"season": 1, "number": None, "airdate": "2014-01-01"},
            ],
            "seasons": [
                {
                    "number": 1,
                    "name": "",
                    "summary": None,
                    "image": {"medium": None, "original": "https://img.example/s1.jpg"},
                },
                {"number": 2, "name": "Two", "summary": "<p>More</p>", "image": None},
            ],
        },
        **changes,
    }


@attrs.define
class MetadataSite:
    """Both sites at one address; AniList answers POST.

    Attributes:
        following: Answers to send before any other, in order.
        asked: Paths or variables of all requests.
    """

    url: str = ""
    media: list[dict[str, Any]] = attrs.field(factory=list)
    shows: list[dict[str, Any]] = attrs.field(factory=list)
    following: list[web.Response] = attrs.field(factory=list)
    asked: list[Any] = attrs.field(factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one request."""
        if request.method == "POST":
            body = json.loads(await request.read())
            self.asked.append(body["variables"])
            answer = self._graphql(body["query"], body["variables"])
        else:
            self.asked.append(request.path_qs)
            answer = self._rest(request)
        return self.following.pop(0) if self.following else answer

    def _graphql(self, query: str, variables: dict[str, Any]) -> web.Response:
        if "search" in variables:
            found = [m for m in self.media if variables["search"] in m["title"]["romaji"]]
            return web.json_response({"data": {"Page": {"media": found}}})
        field = "idMal" if "idMal: $id" in query else "id"
        for media in self.media:
            if media[field] == variables["id"]:
                return web.json_response({"data": {"Media": media}})
        errors = [{"message": "Not Found.", "status": 404}]
        return web.json_response({"errors": errors, "data": {"Media": None}}, status=404)

    def _rest(self, request: web.Request) -> web.Response:
        if request.path == "/search/shows":
            found = [s for s in self.shows if request.query["q"] in s["name"]]
            return web.json_response([{"score": 1, "show": show} for show in found])
        if request.path == "/lookup/shows":
            for name, value in request.query.items():
                for show in self.shows:
                    if str(show["externals"].get(name)) == value:
                        return web.Response(
                            status=301, headers={"Location": f"/shows/{show['id']}"}
                        )
            return web.Response(status=404)
        match = re.fullmatch(r"/shows/(\d+)", request.path)
        for show in self.shows:
            if match and show["id"] == int(match[1]):
                return web.json_response(show)
        return web.json_response({"name": "Not Found", "status": 404}, status=404)


@asynccontextmanager
async def open_metadata_site() -> AsyncIterator[MetadataSite]:
    """Serve both sites."""
    site = MetadataSite()
    async with serving(site.answer) as site.url:
        yield site
