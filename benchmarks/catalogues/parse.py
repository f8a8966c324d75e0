"""How long our readers of pages take, beside the usual way to read pages in Python.

Both find the same things: in the list of 2,000 series key and name, in a season page of 300 kB
number, titles and place of every episode. The comparison runs where Beautiful Soup is installed,
which nothing else here needs:

    uv run --with beautifulsoup4 python benchmarks/catalogues/parse.py
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from aniworld_providers.catalogues.aniworld.layouts.v1.series import LayoutV1
from aniworld_providers.catalogues.aniworld.site import ANIWORLD
from support.sites.aniworld_pages import MadeEpisode, MadeSeries, index_page, season_page

ROUNDS = 9
LAYOUT = LayoutV1()


def index_of(count: int) -> str:
    return index_page(
        MadeSeries(f"series-{n}", f"Eine Serie {n}", {}, alternatives=f"Series {n}, シリーズ {n}")
        for n in range(count)
    )


def season_of(size: int) -> str:
    hosters = (("1", "VOE"), ("2", "Filemoon"), ("3", "Vidmoly"))
    episodes: list[MadeEpisode] = []
    series = MadeSeries("long-series", "Long", {1: episodes})
    while len(season_page(series, 1)) < size:
        first = len(episodes) + 1
        episodes += [
            MadeEpisode(n, f"Folge {n} &amp; mehr", f"Part {n}", hosters)
            for n in range(first, first + 10)
        ]
    return season_page(series, 1)


def soup_index(text: str) -> int:
    from bs4 import BeautifulSoup

    tree = BeautifulSoup(text, "html.parser")
    return len({a["href"]: a.get_text() for a in tree.select("div.genre ul li a[href]")})


def soup_season(text: str) -> int:
    from bs4 import BeautifulSoup

    tree = BeautifulSoup(text, "html.parser")
    found = []
    for row in tree.select("table.seasonEpisodesList tr[data-episode-id]"):
        number, link = row.select_one("meta"), row.select_one("a[href]")
        titles = row.select_one("strong"), row.select_one(".seasonEpisodeTitle span")
        marks = len(row.select("i.icon")), len(row.select("img.flag"))
        found.append((number["content"], link["href"], *(t.get_text() for t in titles), *marks))
    return len(found)


def ours_index(text: str) -> int:
    return len(LAYOUT.read_index(text))


def ours_season(text: str) -> int:
    return len(LAYOUT.read_season(text, ANIWORLD.speech).rows or ())


def milliseconds(read: Callable[[str], int], text: str, expected: int) -> float:
    start = time.perf_counter()
    found = read(text)
    spent = time.perf_counter() - start
    if found != expected:
        raise SystemExit(f"{read.__name__} found {found} of {expected}")
    return spent * 1000


def main() -> None:
    try:
        import bs4  # noqa: F401

        has_soup = True
    except ImportError:
        has_soup = False
    season = season_of(300_000)
    episodes = season.count("<tr ")
    for title, text, expected, ours, theirs in (
        ("index of 2,000 series", index_of(2000), 2000, ours_index, soup_index),
        (f"season page, {episodes} episodes", season, episodes, ours_season, soup_season),
    ):
        milliseconds(ours, text, expected)
        mine, other = [], []
        for _ in range(ROUNDS):
            mine.append(milliseconds(ours, text, expected))
            if has_soup:
                other.append(milliseconds(theirs, text, expected))
        line = f"{title} ({len(text) // 1000} kB): {statistics.median(mine):.1f} ms"
        if has_soup:
            ratio = statistics.median(mine) / statistics.median(other)
            line += f", Beautiful Soup {statistics.median(other):.1f} ms, ratio {ratio:.3f}"
        print(line)


if __name__ == "__main__":
    main()
