"""Links whose content differs from their name: the queue and `fetch` treat them alike."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final

import anyio
import attrs
import pytest

from aniworld_core import LinkOrder, Settings, open_application, open_link_fetch
from aniworld_core.domain.catalogue import Episode, Series
from aniworld_core.domain.configuration import Config, DownloadsConfig
from aniworld_core.domain.downloads import DownloadItem
from aniworld_core.domain.identity import EpisodeRef, FolderName, parse_series_key
from aniworld_core.domain.media import GER_DUB, MediaSource, StreamKind
from aniworld_core.testing.fakes import FakeLoader
from aniworld_core.testing.memory import MemoryConfigStore
from aniworld_core.testing.waiting import PATIENCE
from aniworld_providers.resolvers.direct import DirectResolver
from providers.faults.hls_faults import film, made
from providers.faults.judging import looks
from support.sites.hls import HlsSite, open_site

pytestmark = pytest.mark.anyio

KEY = parse_series_key("lanterns")
LINK = "https://fake.invalid/lanterns"


@attrs.frozen(kw_only=True)
class Row:
    """A link.

    Attributes:
        content: Path of what the link leads to.
        name: Its own file name, beside the content.
        film: Name of the film that arrives.
        kind: Kind that the catalogue declares.
    """

    content: str
    name: str
    film: str
    kind: StreamKind | None = None

    @property
    def path(self) -> str:
        """The link's path."""
        return f"{self.content.partition('/')[0]}/{self.name}"


NAMES: Final = {"direct": ".mp4", "hls": ".m3u8", "dash": ".mpd"}
#: Content of each kind, and the film it holds.
FILMS: Final = {
    "direct": ("one/media.ts", "one"),
    "hls": ("ts/media.m3u8", "ts"),
    "dash": ("dash/m.mpd", "dash"),
}
NAMED: Final[Mapping[str, Row]] = {
    f"{found}-named-as-{named}": Row(content=content, name=f"other{suffix}", film=arrives)
    for found, (content, arrives) in FILMS.items()
    for named, suffix in NAMES.items()
    if named != found
}
#: `fetch` looks at the content of a link without a telling name; in the queue, such a link is a
#: hoster's page, which the resolver of pages reads.
NAMELESS: Final[Mapping[str, Row]] = {
    f"{found}-without-a-name": Row(content=content, name="watch", film=arrives)
    for found, (content, arrives) in FILMS.items()
}
#: A kind that a catalogue declares counts more than the name and less than the content.
DECLARED: Final[Mapping[str, Row]] = {
    f"{found}-declared-as-{kind.value}": Row(
        content=content, name="declared", film=arrives, kind=kind
    )
    for found, (content, arrives) in FILMS.items()
    for kind in StreamKind
    if kind.value != found
}


@pytest.fixture
async def site() -> AsyncIterator[HlsSite]:
    """Serve every link of the tables."""
    async with open_site() as site:
        site.files.update(made())
        for row in (*NAMED.values(), *NAMELESS.values(), *DECLARED.values()):
            site.files[row.path] = site.files[row.content]
        yield site


def _series(count: int) -> Series:
    return Series(
        key=KEY,
        name="Lanterns",
        site="fake",
        provider="fake",
        folder=FolderName("Lanterns"),
        link=LINK,
        episodes=tuple(
            Episode(season=1, number=number, languages=frozenset({GER_DUB}))
            for number in range(1, count + 1)
        ),
    )


async def _downloaded(
    site: HlsSite, folder: Path, rows: Mapping[str, Row]
) -> dict[str, tuple[DownloadItem, Path | None]]:
    """Download every row as an episode; return its item and file."""
    library = folder / "library"
    library.mkdir()
    reach = frozenset({f"127.0.0.1:{site.port}"})
    episodes = {name: EpisodeRef(KEY, 1, n) for n, name in enumerate(rows, start=1)}
    sources = {
        episodes[name]: [
            MediaSource(
                provider="fake",
                hoster=name,
                url=site.url(row.path),
                language=GER_DUB,
                kind=row.kind,
                reach=reach,
            )
        ]
        for name, row in rows.items()
    }
    loader = FakeLoader(series=[_series(len(rows))], sources=sources)
    config = MemoryConfigStore(
        Config(downloads=DownloadsConfig(reserve_bytes=0, retries=0, concurrent=2))
    )
    settings = Settings(data_dir=folder / "data", anime_directory=library)
    opening = open_application(
        settings, loaders=[loader], resolvers=[DirectResolver()], config_store=config
    )
    async with opening as app:
        await app.catalogue.add(LINK)
        await app.queue.enqueue(KEY, episodes=list(episodes.values()))
        with anyio.fail_after(120):
            report = await app.worker.drain()
        items = {item.episode: item for item in (*report.completed, *report.failed)}
        return {
            name: (items[ref], library / file if (file := items[ref].file) else None)
            for name, ref in episodes.items()
        }


async def test_the_queue_fetches_links_by_their_content(site: HlsSite, tmp_path: Path) -> None:
    """Media behind a link arrive, whatever kind its name or its catalogue declares."""
    found = await _downloaded(site, tmp_path, {**NAMED, **DECLARED})
    for name, row in {**NAMED, **DECLARED}.items():
        item, file = found[name]
        assert file is not None, (name, item.failure)
        assert looks(file) == film(row.film), name


async def test_fetch_fetches_links_by_their_content(site: HlsSite, tmp_path: Path) -> None:
    """The same links without a queue."""
    settings = Settings(
        data_dir=tmp_path / "data", allowed_addresses=frozenset({f"127.0.0.1:{site.port}"})
    )
    async with open_link_fetch(settings) as links:
        for name, row in {**NAMED, **NAMELESS}.items():
            order = LinkOrder(url=site.url(row.path), folder=tmp_path / name, digest=False)
            with anyio.fail_after(PATIENCE):
                file = await links.fetch(order)
            assert looks(file.path) == film(row.film), name
