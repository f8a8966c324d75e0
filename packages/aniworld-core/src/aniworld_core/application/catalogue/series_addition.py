"""Add series to the library with a unique key and folder."""

import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final, TypeAlias

import attrs

from aniworld_core.application.catalogue.circuit_breakers import CircuitBreakers, place_of
from aniworld_core.application.catalogue.loaders import Loaders
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.domain.catalogue import ListRules, Series, SeriesQuery
from aniworld_core.domain.identity import FolderName, SeriesKey, parse_series_key
from aniworld_core.domain.library import disambiguated_folder
from aniworld_core.errors import (
    AniworldError,
    InvalidLinkError,
    NoListError,
    NotFoundError,
    SeriesExistsError,
    SeriesMovedError,
    SeriesNotFoundError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.loader import ListLoader, Loader
from aniworld_core.ports.series import SeriesRepository

#: Start of a link: `feed:…`, `magnet:…`. Titles such as `Re:Zero` begin with a capital letter.
_LINK: Final = re.compile(r"[a-z][a-z0-9+.-]*:\S")


@attrs.frozen(kw_only=True)
class ExistingFiles:
    """What was found in the existing folders of a series.

    Attributes:
        folders: Stored paths of the folders.
        files: Number of videos in them.
        episodes: Number of episodes that have a file.
        versions: Number of further files of such episodes.
        unsure: Number of files whose names allow several readings.
        extra: Number of videos of no episode.
    """

    folders: tuple[str, ...]
    files: int
    episodes: int
    versions: int = 0
    unsure: int = 0
    extra: int = 0


@attrs.frozen(kw_only=True)
class Placement:
    """A new series with its folder.

    Attributes:
        series: The series with its folder and the episodes in it.
        existing: What was found on disk; `None` if it has no folder yet.
        notices: Folders that look like the series' and were left alone, with the reason.
    """

    series: Series
    existing: ExistingFiles | None = None
    notices: tuple[Message, ...] = ()


#: Find the folder and the episodes on disk of a series that is not stored yet, and add what is
#: known from the time when it was in the library before. Arguments: the series, the folders of
#: the other series, and a function that returns a new folder name.
DiskMatch: TypeAlias = Callable[
    [Series, Collection[FolderName], Callable[[Collection[str]], FolderName]],
    Awaitable[Placement],
]


@attrs.frozen(kw_only=True)
class Addition:
    """Result of adding a series, or of its preview.

    Attributes:
        created: False if the library had it already.
        existing: What was found on disk for a new series; `None` without a folder.
        notices: Folders that look like the series' and were left alone, with the reason.
    """

    series: Series
    created: bool
    existing: ExistingFiles | None = None
    notices: tuple[Message, ...] = ()


@attrs.define(eq=False, kw_only=True)
class SeriesAddition:
    """Find the series of a link or key and add it to the library."""

    _loaders: Loaders
    _series: SeriesRepository
    _bus: ProgressBus
    _clock: Clock
    _config: CurrentConfig
    _circuits: CircuitBreakers
    _match_to_disk: DiskMatch | None = None

    @property
    def circuits(self) -> CircuitBreakers:
        """Return the circuit breakers of the catalogues."""
        return self._circuits

    async def add(
        self,
        link_or_key: str,
        *,
        provider: str | None = None,
        name: str | None = None,
        follow: bool = False,
        rules: ListRules | None = None,
    ) -> Addition:
        """Add a series to the library and return whether it is new.

        Args:
            link_or_key: Link of an enabled catalogue, or a key to query them for.
            provider: Query only this catalogue for a key.
            name: Name instead of the catalogue's.
            follow: Accept another key if the site redirects to it.
            rules: Filters and numbering of a new series whose catalogue is a list.

        Raises:
            InvalidLinkError: If the link belongs to no enabled catalogue.
            NoListError: If there are rules, and the catalogue has no lists.
            InvalidKeyError: If the text is neither a link nor a key.
            SeriesNotFoundError: If no queried catalogue has it.
            SeriesMovedError: If the site redirects to another key and *follow* is not set.
        """
        placement = await self._found(
            link_or_key, provider, name, rules, follow=follow, stores=True
        )
        if isinstance(placement, Series):
            return Addition(series=placement, created=False)
        series = placement.series
        try:
            await self._series.add(series)
        except SeriesExistsError:
            # Another process added the same series first.
            return Addition(series=await self._series.get(series.key), created=False)
        # Imported here, because most commands publish nothing.
        from aniworld_core.events import SeriesAdded

        now = self._clock.now()
        await self._bus.publish(SeriesAdded(key=series.key, folder=series.folder, at=now))
        return _addition(placement)

    async def preview(
        self, link_or_key: str, *, provider: str | None = None, follow: bool = False
    ) -> Addition:
        """Return what `add` would add, with what exists on disk; nothing is stored.

        Raises:
            As `add` does.
        """
        placement = await self._found(
            link_or_key, provider, None, None, follow=follow, stores=False
        )
        if isinstance(placement, Series):
            return Addition(series=placement, created=False)
        return _addition(placement)

    async def _found(
        self,
        link_or_key: str,
        provider: str | None,
        name: str | None,
        rules: ListRules | None,
        *,
        follow: bool,
        stores: bool,
    ) -> Placement | Series:
        """Return a new series with its folder, or the series of the library."""
        text = link_or_key.strip()
        if "/" in text or _LINK.match(text):
            return await self._from_link(text, provider, name, rules, follow=follow, stores=stores)
        key = parse_series_key(text)
        return await self._from_key(key, provider, name, rules, follow=follow, stores=stores)

    async def _from_link(
        self,
        link: str,
        provider: str | None,
        name: str | None,
        rules: ListRules | None,
        *,
        follow: bool,
        stores: bool,
    ) -> Placement | Series:
        loader = await self._loader_of(link, provider)
        key = loader.key_from_link(link)
        known = await self._known(key, loader)
        if known is not None:
            return known
        return await self._take_in(loader, key, link, name, rules, follow=follow, stores=stores)

    async def _loader_of(self, link: str, provider: str | None) -> Loader:
        if provider is None:
            return await self._loaders.owner_of(link)
        named = self._loaders.named(provider)
        if await named.recognises(link):
            return named
        owner = await self._loaders.owner_of(link)
        reason = Message("link_of_other_catalogue", owner=owner.name, name=provider)
        raise InvalidLinkError(link, reason)

    async def _from_key(
        self,
        key: SeriesKey,
        provider: str | None,
        name: str | None,
        rules: ListRules | None,
        *,
        follow: bool,
        stores: bool,
    ) -> Placement | Series:
        if provider is None:
            stored = await self._stored(key)
            if stored is not None:
                return stored
        asked = [self._loaders.named(provider)] if provider else list(self._loaders)
        refused: AniworldError | None = None
        for loader in asked:
            known = await self._known(key, loader)
            if known is not None:
                return known
            try:
                return await self._take_in(
                    loader, key, "", name, rules, follow=follow, stores=stores
                )
            except SeriesMovedError:
                raise
            except AniworldError as error:
                if refused is None and not isinstance(error, NotFoundError):
                    refused = error
        if refused is not None:
            raise refused
        raise SeriesNotFoundError(key, where=places(asked))

    async def _take_in(
        self,
        loader: Loader,
        key: SeriesKey,
        ref: str,
        name: str | None,
        rules: ListRules | None,
        *,
        follow: bool,
        stores: bool,
    ) -> Placement | Series:
        lists = loader if isinstance(loader, ListLoader) else None
        if rules is not None:
            lists = require_lists(loader)
        config = self._config.value
        place = place_of(config, loader.name, ref, has_any_site=loader.is_fallback)
        with self._circuits.attempt(place):
            if lists is None:
                fresh = await loader.get_series(key, ref)
            elif stores:
                fresh = await lists.get_list(key, ref, rules or ListRules())
            else:
                fresh = await lists.peek(key, ref, rules or ListRules())
        if fresh.key != key:
            if not follow and not loader.is_fallback:
                raise SeriesMovedError(key, fresh.key, fresh.link)
            known = await self._known(fresh.key, loader)
            if known is not None:
                return known
        taken = await self._stored(fresh.key)
        own_key = fresh.key if taken is None else SeriesKey(f"{fresh.key}-{loader.name}")
        now = self._clock.now()
        series = attrs.evolve(
            fresh,
            key=own_key,
            name=name or fresh.name,
            catalogue_key=fresh.key if own_key != fresh.key else None,
            added_at=now,
            updated_at=now,
        )
        return await self._placed(series)

    async def _placed(self, series: Series) -> Placement:
        """Return the series with a unique folder and the episodes in it."""
        stored = await self._series.summaries(SeriesQuery())
        taken = {summary.folder for summary in stored.items}

        def plan(names: Collection[str]) -> FolderName:
            return disambiguated_folder(
                self._config.value.naming,
                series.name,
                series.year,
                series.key,
                series.site,
                taken=names,
            )

        if self._match_to_disk is None:
            return Placement(series=attrs.evolve(series, folder=plan(taken)))
        return await self._match_to_disk(series, taken, plan)

    async def _known(self, key: SeriesKey, loader: Loader) -> Series | None:
        """Return the stored series with *key* of this loader, under that or a suffixed key."""
        for candidate in (key, SeriesKey(f"{key}-{loader.name}")):
            stored = await self._stored(candidate)
            if stored is not None and stored.provider == loader.name:
                return stored
        return None

    async def _stored(self, key: SeriesKey) -> Series | None:
        try:
            return await self._series.get(key)
        except SeriesNotFoundError:
            return None


def _addition(placement: Placement) -> Addition:
    return Addition(
        series=placement.series,
        created=True,
        existing=placement.existing,
        notices=placement.notices,
    )


def require_lists(loader: Loader) -> ListLoader:
    """Return a loader whose series are lists.

    Raises:
        NoListError: If its series are no lists.
    """
    if not isinstance(loader, ListLoader):
        raise NoListError(loader.name)
    return loader


def places(asked: Sequence[Loader]) -> str:
    """Return the names of the catalogues' sites for an error text."""
    return ", ".join(loader.site for loader in asked) or Message("any_catalogue")
