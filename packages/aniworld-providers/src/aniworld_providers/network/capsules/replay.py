"""Run an adapter again on a capsule, without network."""

import re
import shutil
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, cast

import anyio.to_thread
import attrs
from anyio import lowlevel

from aniworld_core.application.configuration import own_settings
from aniworld_core.bootstrap.plugins import load_adapter
from aniworld_core.domain.catalogue import BrowseListName
from aniworld_core.domain.configuration import Config
from aniworld_core.domain.identity import (
    EpisodeRef,
    SeriesKey,
    parse_episode_code,
    parse_series_key,
)
from aniworld_core.domain.json_pointer import pointer_to
from aniworld_core.domain.media import parse_language
from aniworld_core.errors import ProviderUnavailableError, UsageError
from aniworld_core.messages import Message
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.loader import Loader, LoaderFactory
from aniworld_providers.network.capsules.archive import Capsule, read_capsule
from aniworld_providers.network.capsules.recorder import outcome_of
from aniworld_providers.network.capsules.scrubber import Scrubber
from aniworld_providers.network.pages import Exchange, Page, PageRequest, replay_from

_TEST: Final = '''"""Result of {provider} for the pages saved when {operation} failed."""

from pathlib import Path

import pytest

from aniworld_providers.network.capsules.replay import replay

pytestmark = pytest.mark.anyio

CAPSULE = Path(__file__).with_name("{capsule}")
#: Result at the time of the recording. Once the adapter is fixed, write the correct result.
EXPECTED = {outcome!r}


async def test_{name}() -> None:
    """The adapter returns the expected result for the saved pages, without network."""
    report = await replay(CAPSULE)

    assert report.replayed == EXPECTED
'''


@attrs.frozen(kw_only=True)
class ReplayReport:
    """Result of a replay.

    Attributes:
        recorded: Outcome at the time of the recording.
        replayed: Outcome now.
        is_same: Whether both are equal.
        unanswered: Requests that the capsule has no answer for.
        decisions: Recorded decisions about answers.
        versions: Versions at the time of the recording, by distribution.
        files: Written files.
    """

    provider: str
    operation: str
    arguments: Mapping[str, str]
    recorded: str
    replayed: str
    is_same: bool
    unanswered: tuple[str, ...]
    decisions: tuple[str, ...]
    versions: Mapping[str, str]
    files: tuple[str, ...]


class CapsulePlayer:
    """Answer requests from a capsule, in recorded order; repeat the last answer of each."""

    def __init__(self, capsule: Capsule) -> None:
        self._provider = capsule.provider
        self._scrub = Scrubber.of(capsule.section)
        self._own = _by_request(capsule.own)
        self._before = _by_request(capsule.before)
        self.unanswered: list[str] = []

    def answer(self, asked: PageRequest) -> Page:
        place = asked.method, self._scrub.text(asked.url)
        pages = self._own.get(place) or self._before.get(place)
        if not pages:
            self.unanswered.append(" ".join(place))
            reason = Message("capsule_lacks_answer", method=place[0], url=place[1])
            raise ProviderUnavailableError(self._provider, reason)
        page = pages.popleft() if len(pages) > 1 else pages[0]
        return attrs.evolve(page, url=asked.url)


class _KeptTime:
    """Clock set to the time of the capsule; sleeping only advances it."""

    def __init__(self, time: datetime) -> None:
        self._time = time

    def now(self) -> datetime:
        return self._time

    async def sleep(self, delay: timedelta) -> None:
        self._time += max(delay, timedelta())
        await lowlevel.checkpoint()


class _NoLimit:
    async def take(self, amount: int) -> None:
        await lowlevel.checkpoint()


async def replay(capsule: Path, *, write_test: Path | None = None) -> ReplayReport:
    """Open the adapter of a capsule and repeat its operation.

    Args:
        capsule: The archive.
        write_test: Folder to write a test and its fixture to.

    Raises:
        UsageError: If the file is not a capsule, or names an unknown operation.
        AdapterNotFoundError: If the adapter is not installed.
        AdapterBrokenError: If it cannot be loaded.
    """
    kept = await anyio.to_thread.run_sync(read_capsule, capsule)
    player = CapsulePlayer(kept)
    replayed = Scrubber.of(kept.section).words(outcome_of(await _run(kept, player)))
    files: tuple[str, ...] = ()
    if write_test is not None:
        files = await anyio.to_thread.run_sync(_write_test, kept, capsule, write_test)
    return ReplayReport(
        provider=kept.provider,
        operation=kept.operation,
        arguments=kept.arguments,
        recorded=kept.outcome,
        replayed=replayed,
        is_same=replayed == kept.outcome,
        unanswered=tuple(player.unanswered),
        decisions=tuple(kept.decisions),
        versions=kept.versions,
        files=files,
    )


async def _run(kept: Capsule, player: CapsulePlayer) -> Exception | None:
    factory = cast("LoaderFactory", load_adapter("aniworld.loader", kept.provider))
    with TemporaryDirectory() as folder, replay_from(player):
        own = {
            pointer_to(("providers", kept.provider, name)): value
            for name, value in kept.settings.items()
        }
        config = Config(providers={kept.provider: kept.section}, unknown=own)
        context = AdapterContext(
            config=config,
            read_own=partial(own_settings, config),
            data_dir=Path(folder),
            allowed_addresses=frozenset(),
            throttle=_NoLimit(),
            clock=_KeptTime(kept.recorded_at),
            user_agent="",
        )
        opening: AbstractAsyncContextManager[Loader] = factory(context)
        try:
            async with opening as loader:
                await _repeat(loader, kept)
        except UsageError:
            raise
        # Any exception of the adapter is a possible outcome.
        except Exception as error:
            return error
    return None


async def _repeat(loader: Loader, kept: Capsule) -> None:
    arguments = defaultdict(str, kept.arguments)
    match kept.operation:
        case "search":
            await loader.search(arguments["query"])
        case "browse":
            await loader.browse(_browse_list(arguments["browse_list"]))
        # A new adapter has no earlier refresh and reads everything again.
        case "get_series" | "refresh":
            await loader.get_series(parse_series_key(arguments["key"]), arguments["ref"])
        case "get_episodes":
            await loader.get_episodes(parse_series_key(arguments["key"]))
        case "get_sources":
            key, language = (
                parse_series_key(arguments["key"]),
                parse_language(arguments["language"]),
            )
            await loader.get_sources(
                _episode(key, arguments["episode"]), language, arguments["ref"]
            )
        case other:
            raise UsageError(f"unknown operation {other[:40]!r}")


def _browse_list(name: str) -> BrowseListName:
    if name not in set(BrowseListName):
        raise UsageError(f"no adapter has the browse list {name[:40]!r}")
    return BrowseListName(name)


def _episode(key: SeriesKey, code: str) -> EpisodeRef:
    return EpisodeRef(key, *parse_episode_code(code))


def _by_request(
    exchanges: Sequence[Exchange],
) -> Mapping[tuple[str, str], deque[Page]]:
    pages: defaultdict[tuple[str, str], deque[Page]] = defaultdict(deque)
    for exchange in exchanges:
        pages[exchange.method, exchange.url].append(exchange.page)
    return dict(pages)


def _write_test(kept: Capsule, capsule: Path, folder: Path) -> tuple[str, ...]:
    """Write the test and copy the capsule beside it.

    Raises:
        UsageError: If the folder cannot be written or already has the test.
    """
    name = re.sub(r"\W+", "_", f"{capsule.stem}").strip("_").lower()
    test, fixture = folder / f"test_{name}.py", folder / f"{name}.zip"
    text = _TEST.format(
        provider=kept.provider,
        operation=kept.operation,
        capsule=fixture.name,
        outcome=kept.outcome,
        name=name,
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with test.open("x", encoding="utf-8") as file:
            file.write(text)
        shutil.copyfile(capsule, fixture)
    except OSError as error:
        raise UsageError(f"cannot write the test: {error}") from error
    return str(test), str(fixture)
