"""Resolver for pages of hosters, with yt-dlp as a library.

yt-dlp only finds the links of the media; fetchers download them. Its connections pass the address
guard. It reads no configuration or password files, cookies only from the file that
`providers.ytdlp.cookies` names, loads no plug-ins, starts no programs
and keeps no cache. To support more hosters, install another resolver (entry point group
`aniworld.resolver`).
"""

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import anyio
import attrs

from aniworld_core.domain.media import MediaSource, Stream
from aniworld_core.errors import InvalidLinkError, ProviderUnavailableError, UnsupportedSourceError
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.resolver import StreamResolver
from aniworld_providers.network import AddressGuard
from aniworld_providers.ytdlp import (
    Failure,
    HostPace,
    Job,
    Outcome,
    Pauses,
    Runner,
    YtDlpSettings,
    open_pool,
    read_cookies,
)

NAME: Final = "ytdlp"
#: Longest time for one source, including the wait for a free process.
DEADLINE: Final = timedelta(seconds=60)
#: Longest silence of a server.
_ANSWER_WITHIN: Final = timedelta(seconds=20)
#: Pauses between requests that the time for a source is extended by.
_PAUSES: Final = 10
#: Most concurrent extractions.
_PLACES: Final = 2


@attrs.define(eq=False, kw_only=True)
class YtDlpResolver(StreamResolver):
    """Resolve every page that no other resolver accepts."""

    _allowed: frozenset[str]
    _clock: Clock
    _run: Runner
    _pace: HostPace
    _settings: YtDlpSettings = attrs.field(factory=YtDlpSettings, repr=False)
    _pause: timedelta = timedelta()
    _deadline: timedelta = DEADLINE

    def _pauses(self, host: str) -> Pauses:
        """Return the pauses before a download from a host."""
        sleeps = self._settings.sleeps(host)
        least, most = sleeps.downloads or (0.0, 0.0)
        chosen = random.uniform(least, most)  # noqa: S311 - a random pause, no secret
        requests = max(self._pause, timedelta(seconds=sleeps.requests or 0))
        return Pauses(requests=requests, downloads=timedelta(seconds=chosen))

    @property
    def name(self) -> str:
        return NAME

    @property
    def is_fallback(self) -> bool:
        return True

    def accepts(self, source: MediaSource) -> bool:
        if source.kind is not None:
            return False
        try:
            parts = urlsplit(source.url)
        except ValueError:
            return False
        return parts.scheme.lower() in {"http", "https"} and bool(parts.netloc)

    async def resolve(self, source: MediaSource) -> Sequence[Stream]:
        allowed = self._allowed | source.reach
        try:
            AddressGuard(allowed).check_url(source.url)
        except InvalidLinkError as exc:
            raise UnsupportedSourceError(source.hoster, exc.reason) from exc
        host = urlsplit(source.url).hostname or source.hoster
        job = Job(
            source=attrs.evolve(source, extras=source.extras | self._settings.extras),
            allowed=allowed,
            now=self._clock.now(),
            answer_within=_ANSWER_WITHIN.total_seconds(),
            pause=self._settings.sleeps(host).requests or 0,
            cookies=await read_cookies(self._settings.cookies, source),
        )
        async with self._pace.turn(host, source.hoster, self._pauses(host)):
            outcome = await self._in_time(job)
        failure = outcome.unpacked() if isinstance(outcome, Failure) else None
        if (error := self._pace.noted(host, failure)) is not None:
            raise error
        if not isinstance(outcome, tuple):
            raise TypeError("an extraction returned a listing")
        return outcome

    async def _in_time(self, job: Job) -> Outcome:
        limit = self._deadline.total_seconds() + _PAUSES * job.pause
        try:
            with anyio.fail_after(limit):
                return await self._run(job)
        except TimeoutError as exc:
            raise ProviderUnavailableError(
                job.source.hoster, Message("no_answer_within", waited_seconds=limit)
            ) from exc


@asynccontextmanager
async def open_resolver(
    context: AdapterContext, *, deadline: timedelta = DEADLINE, run: Runner | None = None
) -> AsyncIterator[StreamResolver]:
    """Open the resolver.

    Args:
        context: The adapter context.
        deadline: Longest time for one source.
        run: Runs an extraction; `None` for separate processes.
    """
    async with open_pool(_PLACES) as pool:
        yield YtDlpResolver(
            allowed=context.allowed_addresses,
            clock=context.clock,
            run=run or pool.run,
            pace=HostPace.of(context),
            settings=context.own_settings(NAME, YtDlpSettings),
            pause=timedelta(minutes=1) / context.config.provider(NAME).requests_per_minute,
            deadline=deadline,
        )
