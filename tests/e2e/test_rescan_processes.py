"""Scans by separate processes: what one process learned saves requests of the next."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import anyio
import attrs
import pytest

from aniworld_core import Settings, open_application
from support.installed import find_command
from support.sites.aniworld import AniworldSite, open_aniworld_site
from support.sites.aniworld_pages import MadeEpisode, MadeSeries
from support.thorough import only_thorough

pytestmark = pytest.mark.anyio

COMMAND = find_command()
SERIES = 8
NEWS = "/neue-episoden"


@attrs.define
class Home:
    """A library with series of two sites."""

    folder: Path
    sites: dict[str, AniworldSite]

    async def scan(self) -> tuple[Any, dict[str, Counter[str]]]:
        """Run the scan; return its report, and the number of requests per page of each site."""
        for site in self.sites.values():
            site.asked.clear()
            site.statuses.clear()
        options = ["--data-dir", str(self.folder), "--library", str(self.folder / "library")]
        done = await anyio.run_process([COMMAND, *options, "scan", "--json"], check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout), {n: Counter(s.asked) for n, s in self.sites.items()}


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    """Serve two sites, each with series of three seasons and a film, all in the library."""
    (tmp_path / "library").mkdir()
    made = [
        MadeSeries(
            f"series-{n}",
            f"Series {n}",
            {season: [MadeEpisode(1), MadeEpisode(2)] for season in range(4)},
        )
        for n in range(SERIES)
    ]
    async with AsyncExitStack() as stack:
        layouts = {"aniworld": "v1", "serienstream": "v2"}
        sites = {
            name: await stack.enter_async_context(open_aniworld_site(layout, *made))
            for name, layout in layouts.items()
        }
        providers: dict[str, Any] = {
            name: {"base_url": site.url, "requests_per_minute": 6000}
            for name, site in sites.items()
        }
        providers |= {
            name: {"enabled": False} for name in ("archive", "jellyfin", "index", "ytdlp", "feed")
        }
        (tmp_path / "config.json").write_text(json.dumps({"providers": providers}))
        settings = Settings(data_dir=tmp_path, anime_directory=tmp_path / "library")
        async with open_application(settings) as app:
            for name, site in sites.items():
                links = app.catalogue.loaders.named(name)
                for key in site.series:
                    await app.catalogue.add(key, provider=links.name)
        yield Home(tmp_path, sites)


@only_thorough
async def test_commands_ask_once_for_each_series(home: Home) -> None:
    """Each scan requests a series once, whichever process added it."""
    for site in home.sites.values():
        site.pages[NEWS] = "<html>anders</html>"
    for _ in range(2):
        report, asked = await home.scan()

        assert (report["series"], report["missing"]) == (2 * SERIES, 2 * SERIES * 8)
        roots = {"aniworld": "/anime/stream", "serienstream": "/serie"}
        for name, site in home.sites.items():
            expected = {f"{roots[name]}/series-{n}/staffel-3": 1 for n in range(SERIES)}
            news = asked[name].pop(NEWS, 0)
            assert asked[name] == expected
            assert site.statuses.count(304) == SERIES
            assert news <= (1 if name == "aniworld" else 0)


async def test_commands_miss_nothing(home: Home) -> None:
    """A new episode, season and film are found by the next command."""
    site = home.sites["aniworld"]
    site.series["series-1"].seasons[3].append(MadeEpisode(3))
    site.series["series-2"].seasons[4] = [MadeEpisode(1)]
    site.series["series-3"].seasons[0].append(MadeEpisode(3))
    site.pages[NEWS] = (
        '<html><div class="newEpisodeList">'
        '<a href="/anime/stream/series-3/filme/film-3"><strong>Series 3</strong></a></div></html>'
    )

    report, _ = await home.scan()

    # Both sites share the generated series, and the other site does not list new films.
    assert report["missing"] == 2 * SERIES * 8 + 3 + 2
