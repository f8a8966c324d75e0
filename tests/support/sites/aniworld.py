"""A small aniworld.to and a small s.to on loopback, with invented series."""

import hashlib
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import attrs
from aiohttp import web

from support.sites import aniworld_pages as v1
from support.sites import serienstream_pages as v2
from support.sites.aniworld_pages import MadeEpisode, MadeSeries
from support.sites.page_site import serving

_PATH = re.compile(
    r"/(?:anime/stream|serie/stream|serie)/([a-z0-9-]+)"
    r"(?:/(staffel-(\d+)|filme)(?:/(?:episode|film)-(\d+))?)?"
)


@attrs.define(eq=False)
class AniworldSite:
    """Series by key, with a log of requests.

    Attributes:
        pages: Answers by path, instead of those of the series.
        json_search: Answer of the first search, instead of hits.
    """

    layout: str
    url: str = ""
    series: dict[str, MadeSeries] = attrs.field(factory=dict)
    pages: dict[str, str | web.Response | Callable[[], web.Response]] = attrs.field(factory=dict)
    asked: list[str] = attrs.field(factory=list)
    statuses: list[int] = attrs.field(factory=list)
    forms: list[dict[str, str]] = attrs.field(factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer any request."""
        self.asked.append(request.path_qs)
        if request.method == "POST":
            self.forms.append({k: str(v) for k, v in (await request.post()).items()})
        response = self._answer(request)
        tag = f'"{hashlib.sha256(response.body or b"").hexdigest()[:16]}"'  # type: ignore[arg-type]
        if response.status == 200 and request.headers.get("If-None-Match") == tag:
            response = web.Response(status=304)
        if response.status in {200, 304} and "Cache-Control" not in response.headers:
            response.headers["ETag"] = tag
            response.headers["Cache-Control"] = "no-cache"
        self.statuses.append(response.status)
        return response

    def _answer(self, request: web.Request) -> web.Response:
        told = self.pages.get(request.path)
        if told is None:
            told = self._page(request)
        if callable(told):
            return told()
        if isinstance(told, web.Response):
            return web.Response(status=told.status, headers=told.headers, body=told.body)
        return html(told) if told else web.Response(status=404, text="<html>weg</html>")

    def _page(self, request: web.Request) -> str | web.Response:
        if request.path in {"/animes", "/serien"}:
            index = v1.index_page if self.layout == "v1" else v2.index_page
            return index(self.series.values())
        browse_list = self._browse_list(request.path)
        if browse_list:
            return browse_list
        if request.path == "/ajax/seriesSearch":
            return _json([_hit(s) for s in self._found(request.query["keyword"])])
        if request.path == "/ajax/search":
            return _json([_mixed_hit(s) for s in self._found(self.forms[-1]["keyword"])])
        if request.path == "/api/search/suggest":
            found = [
                {"name": s.title, "url": f"/serie/{s.key}"}
                for s in self._found(request.query["term"])
            ]
            return _json({"shows": found, "people": [], "genres": []})
        if request.path == "/suche":
            return v2.results_page(self._found(request.query["term"]))
        return self._series_page(request.path)

    def _browse_list(self, path: str) -> str:
        pages: Any = v1 if self.layout == "v1" else v2
        root = "/anime/stream" if self.layout == "v1" else "/serie"
        if path in {"/beliebte-animes", "/beliebte-serien"}:
            return str(pages.popular_page(self.series.values()))
        if path == "/neue-episoden":
            made = pages.news_page(
                (f"{root}/{s.key}/staffel-{season}/episode-{e.number}", s.title, day, flag)
                for s in self.series.values()
                for season, day in ((3, "20.11.2026"), (1, "19.11.2026"))
                for e in s.seasons.get(season, ())
                for flag in ("german", "english")
                if e.hosters
            )
            return str(made)
        if path in {"/animekalender", "/serienkalender"}:
            entries = [
                (s.key, s.title, "S03E26", "~ 18:30 Uhr", "german") for s in self.series.values()
            ]
            days = [("Samstag, 21.11.2026", entries), ("Sonntag, 22.11.2026", ())]
            return str(pages.calendar_page(days))
        return ""

    def _found(self, words: str) -> list[MadeSeries]:
        return [s for s in self.series.values() if words.lower() in s.title.lower()]

    def _series_page(self, path: str) -> str:
        match = _PATH.fullmatch(path.rstrip("/"))
        series = self.series.get(match[1]) if match else None
        if match is None or series is None:
            return ""
        is_v1 = self.layout == "v1"
        if match[2] is None:
            return v1.series_page(series) if is_v1 else v2.series_page(series)
        season = int(match[3] or 0)
        episodes = series.seasons.get(season)
        if episodes is None:
            return ""
        if match[4] is None:
            make = v1.season_page if is_v1 else v2.season_page
            return make(series, season)
        for episode in episodes:
            if episode.number == int(match[4]):
                make_one = v1.episode_page if is_v1 else v2.episode_page
                return make_one(series, season, episode)
        return ""


def html(text: str, status: int = 200, **headers: str) -> web.Response:
    """Return a page, encoded in UTF-8 whatever its headers say."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named.setdefault("Content-Type", "text/html; charset=UTF-8")
    return web.Response(status=status, headers=named, body=text.encode())


def _json(value: object) -> web.Response:
    return web.Response(body=json.dumps(value).encode(), content_type="application/json")


def _hit(series: MadeSeries) -> dict[str, str]:
    return {
        "name": series.title,
        "link": series.key,
        "description": "Kurz &#8230;",
        "cover": series.cover,
        "productionYear": f"({series.start} - {series.end})",
    }


def _mixed_hit(series: MadeSeries) -> dict[str, str]:
    return {
        "title": f"<em>{series.title}</em>",
        "description": "x <em>y</em>",
        "link": f"/anime/stream/{series.key}",
    }


@asynccontextmanager
async def open_aniworld_site(layout: str, *series: MadeSeries) -> AsyncIterator[AniworldSite]:
    """Serve the series on loopback in layout `v1` or `v2`."""
    site = AniworldSite(layout=layout, series={s.key: s for s in series})
    async with serving(site.answer) as site.url:
        yield site


def foxes() -> MadeSeries:
    """Return an invented series with two seasons, a gap, films and an announcement."""
    return MadeSeries(
        "fox-fanfare",
        "Fox &amp; Fanf&auml;re",
        {
            0: [MadeEpisode(1, en="The Movie", has_meta=False)],
            1: [MadeEpisode(n, de=f"Folge {n} de", en=f"Part {n}") for n in (1, 2, 3)],
            3: [
                MadeEpisode(25, de="Drei", en="Three"),
                MadeEpisode(26, en="[Start: 07.10.2026]", hosters=()),
            ],
        },
        alternatives="Fox & Fanfäre, 狐のファンファーレ, , Fuchs",
    )
