"""Download of an episode from a web server into the library."""

from pathlib import Path

import pytest

from aniworld_core.application.downloads import DrainReport
from aniworld_core.domain.configuration import ProviderConfig, ServerConfig
from support.media.coded_films import DAMAGES, Film, encoded
from support.media.mp4_boxes import protection, with_entry
from support.sites.index import PASSWORD, USER, IndexSite, open_index_site
from support.whole_way import fetch_first, film, must_not_hold, open_with

pytestmark = pytest.mark.anyio

_NOISY = encoded(Film(name="noisy.mp4", mux={"movflags": "+faststart"}))


@pytest.mark.parametrize(("kind", "auth"), [("dav", "digest"), ("nginx", "basic"), ("caddy", "")])
async def test_an_episode_arrives(tmp_path: Path, kind: str, auth: str) -> None:
    """It is found, added and downloaded in ranges with the headers of its server."""
    tree = {"Tide & Time": {"Season 1": {"Tide - S01E01 - Ebb (German Dub).mp4": film()}}}
    async with open_index_site(IndexSite(kind=kind, auth=auth, tree=tree)) as site:
        server = ServerConfig(name="attic", base_url=site.url, username=USER, password=PASSWORD)
        section = ProviderConfig(servers=(server,), requests_per_minute=6000)
        async with open_with(tmp_path, "index", section) as app:
            report, films = await fetch_first(app, "tide")

    assert (len(report.completed), len(report.failed)) == (1, 0)
    assert films == [film()]
    assert any(span.startswith("bytes=0-") for span in site.ranges)
    must_not_hold(tmp_path, {PASSWORD})


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("second-half-zeros", "bad_media"),
        ("protected", "protected"),
    ],
)
async def test_a_damaged_or_protected_file_never_arrives(
    tmp_path: Path, name: str, kind: str
) -> None:
    """The queue refuses what `fetch` refuses, with the same error code, and leaves no file."""
    late = with_entry(encoded(Film(name="late.mp4")), protection(b"cenc"), kind=b"encv")
    data = late if name == "protected" else DAMAGES[name](_NOISY)
    report = await _queued(tmp_path, data)

    assert not report.completed
    (item,) = (*report.failed, *report.waiting)
    assert item.failure is not None
    assert item.failure.kind == kind
    assert [path for path in (tmp_path / "library").rglob("*") if path.is_file()] == []


async def test_a_trailing_tag_is_harmless(tmp_path: Path) -> None:
    """The queue accepts a whole film with its trailing tag, byte for byte."""
    data = _NOISY + b"TAG" + b"Folge 1".ljust(125, b"\0")
    report = await _queued(tmp_path, data)

    assert len(report.completed) == 1
    (path,) = (tmp_path / "library").rglob("*.mp4")
    assert path.read_bytes() == data


async def test_a_film_is_named_after_its_content(tmp_path: Path) -> None:
    """A Matroska file that the server declares as MP4 gets the suffix of Matroska."""
    report = await _queued(tmp_path, encoded(Film(name="film.mkv")))

    assert len(report.completed) == 1
    assert [path.suffix for path in (tmp_path / "library").rglob("*.m*")] == [".mkv"]


async def _queued(folder: Path, data: bytes) -> DrainReport:
    tree = {"Tide": {"Season 1": {"Tide - S01E01 - Ebb.mp4": data}}}
    async with open_index_site(IndexSite(kind="nginx", tree=tree)) as site:
        section = ProviderConfig(
            servers=(ServerConfig(name="attic", base_url=site.url),), requests_per_minute=6000
        )
        async with open_with(folder, "index", section) as app:
            report, _ = await fetch_first(app, "tide")
    return report
