"""Run a synchronous loader of the former program behind the asynchronous port."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import unquote, urlsplit

import anyio
import anyio.to_thread
import attrs

from aniworld_core.domain.catalogue import BrowseEntry, BrowseListName, Episode, Series, SeriesMatch
from aniworld_core.domain.identity import (
    EpisodeRef,
    FolderName,
    SeriesKey,
    parse_series_key,
)
from aniworld_core.domain.library import safe_component
from aniworld_core.domain.media import Language, MediaSource, parse_language
from aniworld_core.errors import (
    AniworldError,
    BrowseListNotFoundError,
    EpisodeNotFoundError,
    InvalidInputError,
    InvalidKeyError,
    InvalidLinkError,
    ProviderChangedError,
    ProviderUnavailableError,
    SeriesNotFoundError,
    UnusableAnswerError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.loader import Loader

T = TypeVar("T")

#: Most cached search results; then all are dropped.
_MOST_FOUND: Final = 10_000

#: Path components before the key in links of the former sites.
_BEFORE_KEY = {"anime", "serie", "series", "stream", "show", "title", "watch"}


class SyncLoader(Protocol):
    """Methods of a synchronous loader.

    It may also have `get_series(key)` (a `Series` or a mapping with `name`, `description`,
    `year`, `cover_url`), `get_sources(key, season, episode, language)` (media sources, or
    mappings with `url`, `hoster`, `language`), `key_from_link(link)` and `owns(link)`.

    A loader with `browse_lists` (names of `BrowseListName`) also has `browse(name)`. Entries are
    `BrowseEntry`, or mappings with `name` or `title`, `link`, `key`, and where known `season`,
    `number`, `languages`, `day` (a date or `2026-11-21`) and `at` (a time with its zone).
    """

    def search(self, query: str) -> Iterable[Any]:
        """Return results: `SeriesMatch`, mappings, or objects such as the former `Serie`.

        Keys of mappings and attributes of objects are the same: `key` or `link`, `name` or
        `title`, and where known `folder`, `cover_url`, `year`, `description`, `episodeDict`.
        """
        ...

    def get_episodes(self, series: Any) -> Mapping[Any, Iterable[Any]] | None:
        """Return season → episode numbers, `None` for an unknown series.

        *series* is the key as a string with the attributes of the former `Serie`: `key`, `name`,
        `site`, `folder` and `episodeDict`, if `search` returned them.
        """
        ...


class FormerSerie(str):
    """A key with the attributes of the former `Serie` object."""

    key: str
    name: str
    site: str
    folder: str
    episodeDict: dict[int, list[int]]  # noqa: N815 - the former name

    def __new__(cls, key: str, site: str, found: Any = None) -> "FormerSerie":
        """Create it from a search result; missing attributes are derived from the key."""
        serie = super().__new__(cls, key)
        serie.key = key
        serie.site = site
        serie.name = str(_field(found, "name", "title") or _name_of(key))
        serie.folder = str(_field(found, "folder") or serie.name)
        serie.episodeDict = dict(_field(found, "episodeDict") or {})
        return serie


@attrs.define(eq=False)
class ThreadedLoader(Loader):
    """Run a synchronous loader in a few threads of its own.

    A cancelled call returns at once; its thread ends later.
    """

    _loader: SyncLoader
    _name: str = attrs.field(kw_only=True)
    _site: str = attrs.field(kw_only=True)
    _max_threads: int = attrs.field(default=4, kw_only=True)
    _owns: Callable[[str], bool] | None = attrs.field(default=None, kw_only=True)
    _threads: anyio.CapacityLimiter = attrs.field(init=False)
    # Search results by key: only they have the name and folder of a series.
    _found: dict[SeriesKey, Any] = attrs.field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self._threads = anyio.CapacityLimiter(self._max_threads)

    @property
    def name(self) -> str:
        return self._name

    @property
    def site(self) -> str:
        return self._site

    def owns(self, link: str) -> bool:
        own: Callable[[str], bool] | None = self._owns or getattr(self._loader, "owns", None)
        if own is not None:
            return bool(own(link))
        return _host(link) in {self._site, f"www.{self._site}"}

    def key_from_link(self, link: str) -> SeriesKey:
        if not self.owns(link):
            raise InvalidLinkError(link, Message("link_leads_elsewhere", where=self._site))
        find: Callable[[str], str] | None = getattr(self._loader, "key_from_link", None)
        try:
            return parse_series_key(find(link) if find else _key_in(link))
        except (InvalidKeyError, ValueError) as error:
            raise InvalidLinkError(link, Message("link_names_no_series")) from error

    async def search(self, query: str) -> Sequence[SeriesMatch]:
        found = await self._call(lambda: list(self._loader.search(query) or ()))
        with self._understood("a_search_result"):
            matches = tuple(self._match(entry) for entry in found)
        if len(self._found) > _MOST_FOUND:
            self._found.clear()
        self._found.update((match.key, entry) for match, entry in zip(matches, found, strict=True))
        return matches

    async def get_series(self, key: SeriesKey, ref: str = "") -> Series:
        described = await self._described(key)
        if isinstance(described, Series):
            return described
        episodes = await self.get_episodes(key)
        found = await self._result(key)
        with self._understood("a_series_description"):
            return self._series(key, described, found, episodes)

    def _series(
        self, key: SeriesKey, described: Any, found: Any, episodes: Mapping[int, Sequence[int]]
    ) -> Series:
        def given(*names: str) -> Any:
            return _field(described, *names) or _field(found, *names)

        name, link = str(given("name", "title") or _name_of(key)), str(given("link") or "")
        return Series(
            key=key,
            name=name,
            site=self._site,
            provider=self._name,
            folder=FolderName(safe_component(str(given("folder") or name))),
            link=link if _host(link) else f"https://{self._site}/{key}",
            description=str(given("description") or ""),
            year=int(given("year")) if given("year") else None,
            cover_url=given("cover_url", "cover"),
            episodes=tuple(
                Episode(season=season, number=number)
                for season, numbers in episodes.items()
                for number in numbers
            ),
        )

    async def get_episodes(self, key: SeriesKey) -> Mapping[int, Sequence[int]]:
        serie = FormerSerie(key, self._site, await self._result(key))
        try:
            found = await self._call(lambda: self._loader.get_episodes(serie))
        except LookupError as error:
            raise SeriesNotFoundError(key, where=self._site) from error
        if found is None:
            raise SeriesNotFoundError(key, where=self._site)
        with self._understood("piece_episodes"):
            seasons = {int(s): sorted({int(n) for n in numbers}) for s, numbers in found.items()}
        return {season: seasons[season] for season in sorted(seasons)}

    async def _result(self, key: SeriesKey) -> Any:
        """Return the cached search result of a series; `None` if there is none."""
        if key not in self._found:
            try:
                await self.search(_name_of(key))
            except AniworldError:
                return None  # only the real name is missing; the next call searches again
            self._found.setdefault(key, None)
        return self._found[key]

    async def get_sources(
        self, episode: EpisodeRef, language: Language, ref: str = ""
    ) -> Sequence[MediaSource]:
        listed = await self.get_episodes(episode.series_key)
        if episode.number not in listed.get(episode.season, ()):
            raise EpisodeNotFoundError(episode.series_key, episode.code)
        find: Any = getattr(self._loader, "get_sources", None)
        if find is None:
            return ()
        key, season, number = episode.series_key, episode.season, episode.number
        found = await self._call(lambda: list(find(key, season, number, language.code) or ()))
        with self._understood("a_source"):
            sources = [self._source(entry) for entry in found]
        spoken = [s for s in sources if s.language == language]
        return tuple(spoken + [s for s in sources if s.language is None])

    @property
    def browse_lists(self) -> frozenset[BrowseListName]:
        offered = getattr(self._loader, "browse_lists", None) or ()
        return frozenset(
            browse_list for browse_list in BrowseListName if browse_list.value in set(offered)
        )

    async def browse(self, browse_list: BrowseListName) -> Sequence[BrowseEntry]:
        find: Any = getattr(self._loader, "browse", None)
        if find is None or browse_list not in self.browse_lists:
            raise BrowseListNotFoundError(self._name, browse_list)
        found = await self._call(lambda: list(find(browse_list.value) or ()))
        with self._understood("a_browse_entry"):
            return tuple(self._entry(entry) for entry in found)

    async def _described(self, key: SeriesKey) -> Any:
        describe: Any = getattr(self._loader, "get_series", None)
        if describe is None:
            return {}
        try:
            described = await self._call(lambda: describe(key))
        except LookupError as error:
            raise SeriesNotFoundError(key, where=self._site) from error
        if described is None:
            raise SeriesNotFoundError(key, where=self._site)
        return described

    async def _call(self, call: Callable[[], T]) -> T:
        try:
            return await anyio.to_thread.run_sync(
                call, limiter=self._threads, abandon_on_cancel=True
            )
        except OSError as error:  # base class of errors of common HTTP libraries
            raise ProviderUnavailableError(self._name, str(error) or repr(error)) from error
        except (ValueError, TypeError, AttributeError) as error:
            raise ProviderChangedError(
                self._name, Message("loader_needs", detail=str(error))
            ) from error

    @contextmanager
    def _understood(self, what: str) -> Iterator[None]:
        try:
            yield
        except (ValueError, TypeError, AttributeError, LookupError, InvalidInputError) as error:
            reason = Message("answer_unreadable", what=Message(what), detail=str(error))
            raise UnusableAnswerError(self._name, reason) from error

    def _match(self, entry: Any) -> SeriesMatch:
        if isinstance(entry, SeriesMatch):
            return entry
        link = str(_field(entry, "link") or "")
        key = parse_series_key(str(_field(entry, "key") or _key_in(link)))
        year = _field(entry, "year")
        return SeriesMatch(
            key=key,
            name=str(_field(entry, "name", "title") or _name_of(key)),
            site=self._site,
            provider=self._name,
            link=link if _host(link) else f"https://{self._site}/{key}",
            cover_url=_field(entry, "cover_url", "cover"),
            year=int(year) if year else None,
            description=str(_field(entry, "description") or ""),
        )

    def _entry(self, entry: Any) -> BrowseEntry:
        if isinstance(entry, BrowseEntry):
            return entry
        match = self._match(entry)
        season, number = _field(entry, "season"), _field(entry, "number")
        spoken, day, at = _field(entry, "languages"), _field(entry, "day"), _field(entry, "at")
        return BrowseEntry(
            key=match.key,
            name=match.name,
            site=match.site,
            provider=match.provider,
            link=match.link,
            cover_url=match.cover_url,
            year=match.year,
            season=int(season) if season is not None else None,
            number=int(number) if season is not None and number is not None else None,
            languages=frozenset(parse_language(str(s)) for s in spoken) if spoken else None,
            day=day if day is None or isinstance(day, date) else date.fromisoformat(str(day)),
            # A time without a zone is ambiguous.
            at=at.astimezone(UTC) if isinstance(at, datetime) and at.tzinfo else None,
        )

    def _source(self, entry: Any) -> MediaSource:
        if isinstance(entry, MediaSource):
            return entry
        spoken, url = _field(entry, "language"), str(_field(entry, "url") or "")
        if not url:
            raise ValueError("it has no url")
        return MediaSource(
            provider=self._name,
            hoster=str(_field(entry, "hoster") or _host(url)),
            url=url,
            language=parse_language(str(spoken)) if spoken else None,
        )


def _field(value: Any, *names: str) -> Any:
    """Return the first named item of a mapping, or attribute of an object, with a value.

    Methods are no values: a string has a method `title`.
    """
    for name in names:
        found = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
        if found is not None and found != "" and not callable(found):
            return found
    return None


def _host(link: str) -> str:
    try:
        return (urlsplit(link).hostname or "").lower()
    except ValueError:
        return ""


def _key_in(link: str) -> str:
    """Return the first component of a path that is no fixed word of the site."""
    parts = [unquote(part) for part in urlsplit(link).path.split("/") if part]
    return next((part for part in parts if part.lower() not in _BEFORE_KEY), "")


def _name_of(key: str) -> str:
    return key.replace("-", " ").title()
