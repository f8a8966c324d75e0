"""Videos that a list names, and that their site refuses at the download."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import anyio
import anyio.lowlevel
import attrs
import pytest

from aniworld_core.domain.catalogue import Episode
from aniworld_core.domain.identity import EpisodeRef, parse_series_key
from aniworld_core.domain.media import GER_DUB
from aniworld_core.errors import (
    AniworldError,
    NeedsPersonError,
    ProviderUnavailableError,
    SourceGoneError,
    UnsupportedSourceError,
)
from aniworld_core.messages import Message, kind_of
from aniworld_core.ports.loader import ListLoader
from aniworld_providers.catalogues.ytdlp.factory import open_loader
from aniworld_providers.ytdlp import EntryState, Job, ListedEntry, Listing, ListingJob, Outcome
from support.adapter_context import JumpingClock, make_context

pytestmark = pytest.mark.anyio

LINK = "https://site.org/c"


@attrs.define
class Stage:
    """The catalogue with a list of two videos; when it is opened again, it reads its file.

    Attributes:
        state: State of the first video in the list.
        meanwhile: What happens while the list is read.
    """

    folder: Path
    stack: AsyncExitStack
    clock: JumpingClock = attrs.field(factory=JumpingClock)
    state: EntryState = EntryState.AVAILABLE
    meanwhile: Callable[[], Awaitable[object]] = anyio.lowlevel.checkpoint

    async def _run(self, job: Job | ListingJob) -> Outcome:
        await self.meanwhile()
        entries = (
            ListedEntry(id="a", url=f"{LINK}/a", title="A", state=self.state),
            ListedEntry(id="b", url=f"{LINK}/b", title="B"),
        )
        return Listing(extractor="X", id="c", link=LINK, title="C", entries=entries)

    async def loader(self) -> ListLoader:
        """Open the catalogue."""
        own = {"/providers/ytdlp/cookies": str(self.folder / "cookies.txt")}
        context = make_context(self.folder, clock=self.clock, own=own)
        loader = await self.stack.enter_async_context(open_loader(context, run=self._run))
        assert isinstance(loader, ListLoader)
        return loader

    def write_cookies(self, version: int) -> None:
        """Write the cookie file of the owner."""
        path = self.folder / "cookies.txt"
        path.write_text("# Netscape HTTP Cookie File\n")
        path.chmod(0o600)
        os.utime(path, (version, version))


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        stage = Stage(tmp_path, stack)
        stage.write_cookies(1)
        yield stage


def _person(kind: str) -> AniworldError:
    return NeedsPersonError("Site", f"{LINK}/a", Message(kind))


REFUSALS: list[tuple[AniworldError, str | None]] = [
    (_person("membership_wanted"), "entry_members_only"),
    (_person("login_wanted"), "entry_login"),
    (_person("age_check_wanted"), "entry_age"),
    (_person("region_blocked"), "entry_region"),
    (SourceGoneError("x", Message("site_says_private")), "entry_private"),
    (SourceGoneError("x", Message("http_status", status=404)), "entry_gone"),
    (UnsupportedSourceError("Site", Message("live_broadcast")), "entry_live"),
    (UnsupportedSourceError("Site", Message("only_audio")), "entry_audio_only"),
    (_person("bot_check"), None),
    (NeedsPersonError("Site", LINK, Message("http_status", status=403)), None),
    (SourceGoneError("segment 7", is_part=True), None),
    (ProviderUnavailableError("Site", Message("site_asked_for_pause")), None),
    (UnsupportedSourceError("Site", Message("no_complete_video")), None),
]


async def _first(loader: ListLoader) -> tuple[Episode, int]:
    """Return the first episode after a refresh, and the number of its sources."""
    series = await loader.get_series(parse_series_key("link-0"), LINK)
    sources = await loader.get_sources(EpisodeRef(series.key, 1, 1), GER_DUB)
    return series.episodes[0], len(sources)


@pytest.mark.parametrize(("error", "kind"), REFUSALS)
async def test_a_refusal_is_a_state_of_the_video(
    stage: Stage, error: AniworldError, kind: str | None
) -> None:
    """It has the state of a listing, with its link, through refreshes and restarts."""
    loader = await stage.loader()
    key = (await loader.get_series(parse_series_key("link-0"), LINK)).key
    noted = await loader.note_refusal(EpisodeRef(key, 1, 1), error)

    assert kind_of(noted) == kind
    for opened in (loader, await stage.loader()):
        episode, sources = await _first(opened)
        assert kind_of(episode.unavailable) == kind
        assert episode.link == f"{LINK}/a"
        assert (episode.available, sources) == ((True, 1) if kind is None else (False, 0))
    assert (await loader.get_episodes(key))[1] == ([1, 2] if kind is None else [2])


async def test_refusals_at_the_same_time_are_all_kept(stage: Stage) -> None:
    """Downloads that end together, and during a refresh, do not undo each other."""
    loader = await stage.loader()
    key = (await loader.get_series(parse_series_key("link-0"), LINK)).key

    async def refuse() -> None:
        async with anyio.create_task_group() as tasks:
            for number in (1, 2):
                ref = EpisodeRef(key, 1, number)
                tasks.start_soon(loader.note_refusal, ref, _person("login_wanted"))

    stage.meanwhile = refuse
    await loader.get_series(key, LINK)

    assert await loader.get_episodes(key) == {}


@pytest.mark.parametrize(
    ("kind", "days", "is_over"),
    [("login_wanted", 6, False), ("login_wanted", 7, True), ("region_blocked", 8, True)],
)
async def test_a_refused_video_is_tried_again_after_a_week(
    stage: Stage, kind: str, days: int, is_over: bool
) -> None:
    """Memberships and countries change."""
    loader = await stage.loader()
    key = (await loader.get_series(parse_series_key("link-0"), LINK)).key
    await loader.note_refusal(EpisodeRef(key, 1, 1), _person(kind))
    stage.clock.time += timedelta(days=days)

    assert (await _first(loader))[0].available is is_over


async def test_other_cookies_open_it_at_once(stage: Stage) -> None:
    """When the owner signs in and exports cookies again, the video is available."""
    loader = await stage.loader()
    key = (await loader.get_series(parse_series_key("link-0"), LINK)).key
    await loader.note_refusal(EpisodeRef(key, 1, 1), _person("login_wanted"))
    stage.write_cookies(2)

    assert (await _first(loader))[0].available


async def test_the_list_knows_better(stage: Stage) -> None:
    """A state that the list itself gives counts."""
    loader = await stage.loader()
    key = (await loader.get_series(parse_series_key("link-0"), LINK)).key
    await loader.note_refusal(EpisodeRef(key, 1, 1), _person("login_wanted"))
    stage.state = EntryState.PRIVATE

    assert kind_of((await _first(loader))[0].unavailable) == "entry_private"
