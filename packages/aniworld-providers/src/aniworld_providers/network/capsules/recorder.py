"""Loader wrapper that writes failure capsules."""

import logging
import platform
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import anyio
import anyio.to_thread
import attrs

from aniworld_core.domain.catalogue import (
    BrowseEntry,
    BrowseListName,
    ListPreview,
    ListRules,
    Series,
    SeriesMatch,
)
from aniworld_core.domain.configuration import description_of
from aniworld_core.domain.identity import EpisodeRef, SeriesKey
from aniworld_core.domain.media import Language, MediaSource
from aniworld_core.errors import AniworldError, NeedsPersonError, ProviderChangedError
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.context import AdapterContext
from aniworld_core.ports.loader import Breadth, ListLoader, Loader
from aniworld_providers.network.capsules.archive import Capsule, prune_capsules, write_capsule
from aniworld_providers.network.capsules.scrubber import Scrubber
from aniworld_providers.network.pages import Exchange, Page, Recording, record_exchanges

logger: logging.Logger = logging.getLogger(__name__)

#: Time before the same failure is recorded again; many series can fail in the same way.
_AGAIN_AFTER: Final = timedelta(minutes=10)
#: Most characters of bodies of earlier operations to remember.
_REMEMBERED: Final = 4 * 1024**2
_HAD_A_PART: Final = ("aniworld-core", "aniworld-providers", "selectolax", "httpx")


@attrs.define(eq=False, kw_only=True)
class CapsuleRecorder(Loader):
    """Wrap a loader and write a capsule when it cannot parse its site.

    Attributes:
        inner: The wrapped loader.
    """

    inner: Loader
    _folder: Path
    _scrubber: Scrubber
    _clock: Clock
    _settings: Mapping[str, object] = attrs.field(factory=dict)
    _before: Recording = attrs.field(init=False, factory=lambda: Recording(_REMEMBERED))
    _recorded: dict[str, tuple[datetime, Path]] = attrs.field(init=False, factory=dict)

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def site(self) -> str:
        return self.inner.site

    def owns(self, link: str) -> bool:
        return self.inner.owns(link)

    @property
    def breadth(self) -> Breadth:
        return self.inner.breadth

    async def recognises(self, link: str) -> bool:
        return await self.inner.recognises(link)

    def key_from_link(self, link: str) -> SeriesKey:
        return self.inner.key_from_link(link)

    @property
    def can_search(self) -> bool:
        return self.inner.can_search

    async def search(self, query: str) -> Sequence[SeriesMatch]:
        async with self._watched("search", query=query):
            return await self.inner.search(query)

    async def get_series(self, key: SeriesKey, ref: str = "") -> Series:
        async with self._watched("get_series", key=key, ref=ref):
            return await self.inner.get_series(key, ref)

    async def refresh(self, known: Series) -> Series:
        ref = known.provider_ref or known.link
        async with self._watched("refresh", key=known.key, ref=ref):
            return await self.inner.refresh(known)

    @property
    def cover_reach(self) -> frozenset[str]:
        return self.inner.cover_reach

    @property
    def browse_lists(self) -> frozenset[BrowseListName]:
        return self.inner.browse_lists

    async def browse(self, browse_list: BrowseListName) -> Sequence[BrowseEntry]:
        async with self._watched("browse", browse_list=browse_list.value):
            return await self.inner.browse(browse_list)

    async def get_episodes(self, key: SeriesKey) -> Mapping[int, Sequence[int]]:
        async with self._watched("get_episodes", key=key):
            return await self.inner.get_episodes(key)

    async def get_sources(
        self, episode: EpisodeRef, language: Language, ref: str = ""
    ) -> Sequence[MediaSource]:
        arguments = {"key": episode.series_key, "episode": episode.code, "language": language.code}
        async with self._watched("get_sources", **arguments, ref=ref):
            return await self.inner.get_sources(episode, language, ref)

    @asynccontextmanager
    async def _watched(self, operation: str, **arguments: str) -> AsyncIterator[None]:
        own = Recording()
        try:
            with record_exchanges(own):
                yield
        except (ProviderChangedError, NeedsPersonError) as error:
            kept = await self._keep(operation, arguments, own, error)
            if kept is not None:
                error.hint = Message("pages_saved.hint", hint=error.hint, path=str(kept))
            raise
        except AniworldError:
            raise
        # A parser may raise anything for an unexpected page: save the page, raise the error.
        except Exception as error:
            await self._keep(operation, arguments, own, error)
            raise
        finally:
            for exchange in own.exchanges:
                self._before.add(exchange)

    async def _keep(
        self, operation: str, arguments: Mapping[str, str], own: Recording, error: Exception
    ) -> Path | None:
        """Write a capsule and return its path; `None` if it cannot be written."""
        now = self._clock.now()
        outcome = outcome_of(error)
        kept_at, path = self._recorded.get(f"{operation} {outcome}", (None, Path()))
        if kept_at is not None and now - kept_at < _AGAIN_AFTER and path.exists():
            return path
        stamp = f"{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:6]}"
        path = self._folder / f"{self.name}-{operation}-{stamp}.zip"
        decisions = [*own.decisions, *_causes(error)]
        exchanges = tuple(own.exchanges), tuple(self._before.exchanges)

        def write() -> None:
            capsule = self._scrubbed(operation, arguments, outcome, decisions, exchanges, now)
            write_capsule(capsule, path)
            prune_capsules(self._folder)

        try:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(write)
        except OSError as failure:
            logger.warning("cannot save the pages that %s failed to parse: %s", self.name, failure)
            return None
        logger.info("saved the pages that %s failed to parse in %s", self.name, path)
        if len(self._recorded) > 100:
            self._recorded.clear()
        self._recorded[f"{operation} {outcome}"] = now, path
        return path

    def _scrubbed(
        self,
        operation: str,
        arguments: Mapping[str, str],
        outcome: str,
        decisions: Sequence[str],
        exchanges: tuple[Sequence[Exchange], Sequence[Exchange]],
        now: datetime,
    ) -> Capsule:
        words = self._scrubber.words
        own, before = ([self._clean(e) for e in some] for some in exchanges)
        return Capsule(
            provider=self.name,
            operation=operation,
            arguments={name: self._scrubber.reference(v) for name, v in arguments.items()},
            section=self._scrubber.section,
            settings=self._settings,
            outcome=words(outcome),
            recorded_at=now,
            decisions=[words(decision) for decision in decisions],
            own=own,
            before=before,
            versions=_versions(),
        )

    def _clean(self, exchange: Exchange) -> Exchange:
        clean, page = self._scrubber, exchange.page
        return Exchange(
            method=exchange.method,
            url=clean.text(exchange.url),
            page=Page(
                status=page.status,
                url=clean.text(page.url),
                text=clean.text(page.text),
                headers=clean.headers(page.headers),
            ),
        )


@attrs.define(eq=False, kw_only=True)
class ListCapsuleRecorder(CapsuleRecorder, ListLoader):
    """Wrap a loader whose series are lists; rules change no request, so capsules lack them."""

    inner: ListLoader

    async def get_list(self, key: SeriesKey, ref: str, rules: ListRules) -> Series:
        async with self._watched("get_series", key=key, ref=ref):
            return await self.inner.get_list(key, ref, rules)

    async def peek(self, key: SeriesKey, ref: str, rules: ListRules) -> Series:
        async with self._watched("get_series", key=key, ref=ref):
            return await self.inner.peek(key, ref, rules)

    async def note_refusal(self, episode: EpisodeRef, error: AniworldError) -> Message | None:
        return await self.inner.note_refusal(episode, error)

    async def choose(self, known: Series) -> Series:
        async with self._watched("refresh", key=known.key, ref=known.provider_ref or known.link):
            return await self.inner.choose(known)

    async def preview(self, link: str, rules: ListRules, *, limit: int) -> ListPreview:
        key = self.inner.key_from_link(link)
        async with self._watched("get_series", key=key, ref=link):
            return await self.inner.preview(link, rules, limit=limit)


def record_capsules(
    loader: Loader, context: AdapterContext, settings: object | None = None
) -> Loader:
    """Return a loader that writes failure capsules to `capsules` in the data folder.

    Only requests through the page client are recorded.

    Args:
        loader: The loader to record.
        context: Context in which it was opened.
        settings: Its own settings, as `own_settings` returned them; secrets are left out.
    """
    folder = context.data_dir / "capsules"
    scrubber = Scrubber.of(context.config.provider(loader.name))
    own = _open_settings(settings)
    if isinstance(loader, ListLoader):
        return ListCapsuleRecorder(
            inner=loader, folder=folder, scrubber=scrubber, clock=context.clock, settings=own
        )
    return CapsuleRecorder(
        inner=loader, folder=folder, scrubber=scrubber, clock=context.clock, settings=own
    )


def _open_settings(settings: object | None) -> Mapping[str, object]:
    """Return the own settings of a loader that are no secrets."""
    kind: type[Any] = type(settings)
    if not attrs.has(kind):
        return {}
    return {
        field.name: getattr(settings, field.name)
        for field in attrs.fields(kind)
        if not description_of(field).is_secret
        and isinstance(getattr(settings, field.name), str | int | float)
    }


def outcome_of(error: Exception | None) -> str:
    """Return the outcome of an operation in one line; `None` means success."""
    if error is None:
        return "ok"
    if isinstance(error, AniworldError):
        return f"{error.kind}: {error}"
    return f"unexpected: {type(error).__name__}: {error}"


def _causes(error: BaseException) -> list[str]:
    causes: list[str] = []
    cause = error.__cause__ or error.__context__
    while cause is not None and len(causes) < 10:
        causes.append(f"cause: {type(cause).__name__}: {cause}"[:500])
        cause = cause.__cause__ or cause.__context__
    return causes


def _versions() -> Mapping[str, str]:
    found = {"python": platform.python_version()}
    for name in _HAD_A_PART:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
