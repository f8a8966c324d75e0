"""NFO files of other programs in the library folders."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import pytest

from aniworld_core.domain.catalogue import Episode, EpisodeDetails, SeasonDetails, Series
from aniworld_core.domain.library import render_series_nfo
from aniworld_core.errors import MetadataNotFoundError
from aniworld_core.ports.metadata import MetadataSource
from aniworld_core.testing.contracts.metadata import MetadataSourceContract
from aniworld_core.testing.factories import make_series
from aniworld_providers.metadata import open_nfo
from support.adapter_context import make_context

pytestmark = pytest.mark.anyio

_SHOW = """<?xml version="1.0" encoding="UTF-8"?>
<tvshow>
  <title>Harbour Böats</title><originaltitle>港の船</originaltitle><year>2013</year>
  <plot>Boats &amp; &lt;i&gt;gulls&lt;/i&gt;</plot><status>Ended</status><genre>Sea</genre>
  <uniqueid type="tvdb" default="true">81189</uniqueid><imdbid>tt2560140</imdbid>
  <uniqueid type="../x">1</uniqueid><uniqueid type="tmdb">1 OR 1</uniqueid>
  <thumb aspect="poster" type="season" season="1">https://img.example/s1.jpg</thumb>
  <thumb aspect="poster" type="season" season="-1">https://img.example/all.jpg</thumb>
  <namedseason number="2">Storm</namedseason>
  <thumb aspect="banner">https://img.example/b.jpg</thumb>
  <thumb aspect="poster">https://img.example/p.jpg</thumb>
</tvshow>
https://thetvdb.com/?tab=series&id=81189
"""
_EPISODE = "<episodedetails><season>{}</season><episode>{}</episode>{}</episodedetails>"
_DETAILS = (
    "<title>Aboard</title><plot>They leave.</plot><runtime>24</runtime>"
    "<thumb/><thumb>https://img.example/1.jpg</thumb>"
)


def write(path: Path, content: str | bytes) -> Path:
    """Write a file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    write(folder / "Boats" / "tvshow.nfo", _SHOW)
    write(
        folder / "Boats" / "Season 01" / "boats s01e01.nfo",
        _EPISODE.format(1, 1, "<aired>2013-04-07</aired>" + _DETAILS) + _EPISODE.format(1, 2, ""),
    )
    write(folder / "Boats" / "Season 00" / "x.nfo", _EPISODE.format(0, 1, "<aired>never</aired>"))
    write(folder / "Group" / "Gulls" / "tvshow.nfo", "<tvshow><title>Gulls</title></tvshow>")
    return folder


@pytest.fixture
async def nfo(library: Path, tmp_path: Path) -> AsyncIterator[MetadataSource]:
    context = attrs.evolve(make_context(tmp_path), library_folders=lambda: [library])
    async with open_nfo(context) as source:
        yield source


class TestNfo(MetadataSourceContract):
    @pytest.fixture
    async def source(self, nfo: MetadataSource) -> MetadataSource:
        """Return the source."""
        return nfo

    @pytest.fixture
    async def present(self, nfo: MetadataSource) -> str:
        """Return the id of the entry."""
        return (await nfo.search("Harbour"))[0].id

    @pytest.fixture
    def title(self) -> str:
        """Return its title."""
        return "Harbour Böats"


async def test_facts(nfo: MetadataSource) -> None:
    """Titles, ids, year and pictures of the series; count and air dates of its episodes."""
    entry = await nfo.find({"imdb": "tt2560140"})

    assert entry is not None
    assert entry.all_titles == ("Harbour Böats", "港の船")
    assert (entry.year, entry.status, entry.genres) == (2013, "finished", ("Sea",))
    assert entry.external_ids[1:] == ("imdb-tt2560140", "tvdb-81189")
    assert entry.link == "https://thetvdb.com/?tab=series&id=81189"
    assert (entry.poster_url, entry.banner_url) == (
        "https://img.example/p.jpg",
        "https://img.example/b.jpg",
    )
    assert entry.description == "Boats & gulls"
    assert entry.episode_count == 2
    assert [(d.season, d.number, d.at.isoformat()) for d in entry.air_dates] == [
        (1, 1, "2013-04-07T12:00:00+00:00")
    ]
    assert entry.details.seasons == (
        SeasonDetails(number=1, poster_url="https://img.example/s1.jpg"),
        SeasonDetails(number=2, title="Storm"),
    )
    assert entry.details.episodes == (
        EpisodeDetails(season=0, number=1),
        EpisodeDetails(
            season=1,
            number=1,
            title="Aboard",
            description="They leave.",
            minutes=24,
            picture_url="https://img.example/1.jpg",
        ),
        EpisodeDetails(season=1, number=2),
    )
    assert [e.title for e in await nfo.search("gulls")] == ["Gulls"]


async def test_own_files_tell_nothing(nfo: MetadataSource, library: Path) -> None:
    """A file that this program wrote is no source, until somebody changes it."""
    series: Series = make_series("own", episodes=[Episode(season=1, number=1)])
    content = render_series_nfo(attrs.evolve(series, name="Own"))
    write(library / "Own" / "tvshow.nfo", content)
    write(library / "Changed" / "tvshow.nfo", content.replace(b"Own", b"Changed"))

    assert await nfo.search("Own") == []
    assert [e.title for e in await nfo.search("Changed")] == ["Changed"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "https://thetvdb.com/?id=1",
        "<tvshow><title></title></tvshow>",
        "<tvshow><title>Bad",
        "<tvshow><title>Bad & worse</title></tvshow>",
        "<movie><title>Bad</title></movie>",
        '<!DOCTYPE x [<!ENTITY a "Bad">]><tvshow><title>&a;</title></tvshow>',
        "<tvshow><title>Bad</title>" + "<a>" * 50 + "</a>" * 50 + "</tvshow>",
        "<tvshow><title>Bad</title></tvshow>" + " " * (1 << 20),
        b"\xff\xfe\x00",
    ],
    ids=range(10),
)
async def test_bad_files_are_left_out(
    nfo: MetadataSource, library: Path, content: str | bytes
) -> None:
    """An unreadable file hides no other one."""
    write(library / "Bad" / "tvshow.nfo", content)

    assert await nfo.search("Bad") == []
    assert [e.title for e in await nfo.search("Gulls")] == ["Gulls"]


async def test_links_and_pipes_are_not_opened(
    nfo: MetadataSource, library: Path, tmp_path: Path
) -> None:
    """A link could lead out of the library, and a pipe never answers."""
    outside = write(tmp_path / "outside.nfo", "<tvshow><title>Bad</title></tvshow>")
    for name in ("Link", "Pipe"):
        (library / name).mkdir()
    (library / "Link" / "tvshow.nfo").symlink_to(outside)
    os.mkfifo(library / "Pipe" / "tvshow.nfo")
    (library / "Folder").symlink_to(tmp_path)

    assert await nfo.search("Bad") == []
    with pytest.raises(MetadataNotFoundError):
        await nfo.get("outside")
