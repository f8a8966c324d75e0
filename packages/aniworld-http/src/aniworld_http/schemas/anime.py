"""Bodies, queries and responses of `/api/anime`, besides the views shared with the command."""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

import attrs
from msgspec import Meta

from aniworld_core.application.catalogue import MAX_LINKS, ErrorView, wire_time
from aniworld_core.application.downloads import UNCHANGED, SeriesChanges
from aniworld_core.application.library import LinkResultView, ScanReportView, ScanState
from aniworld_core.domain.catalogue import BrowseListName, SeriesFilter, SeriesQuery, SeriesSort
from aniworld_core.domain.identity import EpisodeSelection, FolderName, parse_episode_selection
from aniworld_core.domain.media import Language, Quality, parse_language
from aniworld_core.errors import (
    EpisodeNotFoundError,
    InvalidEpisodeError,
    InvalidFieldsError,
    InvalidLanguageError,
)
from aniworld_core.messages import Message
from aniworld_http.schemas.list_rules import ListRulesBody
from aniworld_http.schemas.paging import Limit, Needle, Offset
from aniworld_http.schemas.reading import structured

QualityName: TypeAlias = Literal["best", "worst", "360p", "480p", "720p", "1080p"]
LanguageCode: TypeAlias = Annotated[
    str, Meta(min_length=2, max_length=35, examples=["ger-dub", "ger-sub"])
]
#: A season, an episode or a range of episodes of one season.
SelectionCode: TypeAlias = Annotated[
    str,
    Meta(
        pattern=r"^[Ss][0-9]{1,4}([Ee][0-9]{1,4}(-[Ee]?[0-9]{1,4})?)?$",
        examples=["S01", "S01E05", "S01E03-E08"],
    ),
]
_LinkText: TypeAlias = Annotated[str, Meta(min_length=1, max_length=2048)]
_ProviderName: TypeAlias = Annotated[str, Meta(min_length=1, max_length=100)]


FilterName: TypeAlias = Literal["all", "missing", "complete", "monitored", "unmonitored"]


@attrs.frozen(kw_only=True)
class TotalsQuery:
    """Query of `GET /api/anime/totals`: of which series."""

    filter: FilterName = "all"
    search: Needle = ""

    def to_domain(self) -> SeriesQuery:
        """Return the query as a domain value."""
        return SeriesQuery(filter=SeriesFilter(self.filter), search=self.search)


@attrs.frozen(kw_only=True)
class ListQuery:
    """Query of `GET /api/anime`."""

    filter: FilterName = "all"
    search: Needle = ""
    sort: Literal["name", "added", "missing"] = "name"
    limit: Limit | None = None
    offset: Offset = 0

    def to_domain(self) -> SeriesQuery:
        """Return the query as a domain value."""
        return SeriesQuery(
            filter=SeriesFilter(self.filter),
            search=self.search,
            sort=SeriesSort(self.sort),
            limit=self.limit,
            offset=self.offset,
        )


@attrs.frozen(kw_only=True)
class SavedListQuery:
    """Query of `GET /library.html`: which series the file lists, and their order."""

    filter: Literal["all", "missing"] = "all"
    sort_by: Literal["name", "key", "folder"] = "name"
    key: str | None = None


@attrs.frozen(kw_only=True)
class BrowseQuery:
    """Query of `GET /api/anime/browse`.

    Attributes:
        list: Popular series, new episodes, or the calendar.
        provider: Query only this catalogue.
    """

    list: Literal["popular", "new", "calendar"] = "popular"
    provider: _ProviderName | None = None
    limit: Limit | None = None
    offset: Offset = 0

    @property
    def name(self) -> BrowseListName:
        """Return the browse list as a domain value."""
        return BrowseListName(self.list)


@attrs.frozen(kw_only=True)
class RemovalQuery:
    """Query of `DELETE /api/anime/{key}`: whether its files are moved to the recycle bin."""

    files: bool = False


@attrs.frozen(kw_only=True)
class SearchBody:
    """Search in all catalogues, or in one of them."""

    query: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
    provider: _ProviderName | None = None


@attrs.frozen(kw_only=True)
class AddBody:
    """Series to add: either one `link` or several `links`. Keys come from the links.

    Attributes:
        link: Link of the series in a catalogue, or its key.
        links: Several of them. The response lists the result of each.
        name: Name to use instead of the name in the catalogue; only for one link.
        provider: Query only this catalogue.
        follow: Accept another key when the site redirects to one.
        list_rules: Filters and numbering of a new series that is a list; only for one link.
    """

    link: _LinkText | None = None
    links: Annotated[tuple[_LinkText, ...], Meta(min_length=1, max_length=MAX_LINKS)] | None = None
    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")] | None = None
    provider: _ProviderName | None = None
    follow: bool = False
    list_rules: ListRulesBody | None = None

    def one_link(self) -> str | None:
        """Return the single link; `None` if the body has several.

        Raises:
            InvalidFieldsError: If it has neither, or fields that exclude each other.
        """
        if self.links is None:
            if self.link is None:
                raise InvalidFieldsError([("/link", Message("required"))])
            return self.link
        excluded: tuple[tuple[str, object], ...] = (
            ("/link", self.link),
            ("/name", self.name),
            ("/list_rules", self.list_rules),
        )
        problems = [
            (place, Message("not_with_links")) for place, value in excluded if value is not None
        ]
        if problems:
            raise InvalidFieldsError(problems)
        return None


@attrs.frozen(kw_only=True)
class PreviewBody:
    """Series to preview.

    Attributes:
        link: Link of the series in a catalogue, or its key.
        provider: Query only this catalogue.
        follow: Accept another key when the site redirects to one.
    """

    link: _LinkText
    provider: _ProviderName | None = None
    follow: bool = False


@attrs.frozen(kw_only=True)
class LinkReport:
    """Results of several links, in their order."""

    results: tuple[LinkResultView, ...]


@attrs.frozen(kw_only=True)
class OpmlBody:
    """An OPML document: a list of feeds of a feed reader or podcast program."""

    opml: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=1024**2,
            examples=['<opml version="2.0"><body><outline xmlUrl="https://…"/></body></opml>'],
        ),
    ]


@attrs.frozen(kw_only=True)
class FeedLinks:
    """Links of feeds with the prefix `feed:`, each once, in the order of the document."""

    links: tuple[str, ...]


@attrs.frozen(kw_only=True)
class SeriesPatch:
    """Changed settings of a series; missing fields stay unchanged.

    Attributes:
        monitored: Whether missing episodes are queued automatically.
        languages: Wanted languages in order of preference; null for the global order.
        quality: Wanted quality; null for the global one.
        folder: New folder: a path below the library folder, or absolute in an additional folder.
            Files are not moved. The change is in the history and can be undone.
        list_rules: Filters and numbering of a series that is a list, as a whole; null for all
            entries. Files stay, also those of entries that are no episodes any more.
    """

    monitored: bool = True
    languages: Annotated[tuple[LanguageCode, ...], Meta(min_length=1, max_length=20)] | None = None
    quality: QualityName | None = None
    folder: Annotated[str, Meta(min_length=1, max_length=4096)] = "_"
    list_rules: ListRulesBody | None = None


@attrs.frozen(kw_only=True)
class WantedBody:
    """Episodes that are wanted or not wanted.

    Attributes:
        wanted: Whether missing ones count as missing and are queued.
        episodes: Seasons, episodes and ranges, such as `S01` and `S01E03-E08`; empty for all.
    """

    wanted: bool
    episodes: Annotated[tuple[SelectionCode, ...], Meta(max_length=1000)] = ()

    def selections(self) -> tuple[EpisodeSelection, ...]:
        """Return the episodes in the types of the core.

        Raises:
            InvalidFieldsError: If a range counts backwards.
        """
        parsed: list[EpisodeSelection] = []
        problems: list[tuple[str, str]] = []
        for index, code in enumerate(self.episodes):
            try:
                parsed.append(parse_episode_selection(code))
            except InvalidEpisodeError as error:
                problems.append((f"/episodes/{index}", error.message))
        if problems:
            raise InvalidFieldsError(problems)
        return tuple(parsed)

    def unknown(self, error: EpisodeNotFoundError) -> list[tuple[str, str]]:
        """Return one problem for each unknown selection, with its place in the body."""
        return [
            (f"/episodes/{n}", Message("no_episode", code=self.episodes[n]))
            for n in error.positions
        ]


@attrs.frozen(kw_only=True)
class ScanBody:
    """Options of a scan.

    Attributes:
        accept_loss: Files that are gone were removed on purpose, however many.
        full: Read all folders and check all files again, not only what changed.
    """

    accept_loss: bool = False
    full: bool = False


@attrs.frozen(kw_only=True)
class ScanStarted:
    """Id of the started scan."""

    scan_id: str


@attrs.frozen(kw_only=True)
class ScanView:
    """State of the running or last scan.

    Attributes:
        status: `idle` before the first scan.
        done: Number of scanned series.
        total: Number of series to scan; 0 until it is known.
        key: Series that is being scanned.
    """

    status: Literal["idle", "running", "completed", "failed", "cancelled"]
    scan_id: str | None
    started_at: str | None
    ended_at: str | None
    done: int
    total: int
    percent: float
    key: str | None
    report: ScanReportView | None
    error: ErrorView | None

    @classmethod
    def of(cls, state: ScanState) -> "ScanView":
        """Return the view of a state."""
        failure = state.failure
        return cls(
            status=state.status.value,
            scan_id=state.scan_id,
            started_at=wire_time(state.started_at),
            ended_at=wire_time(state.ended_at),
            done=state.done,
            total=state.total,
            percent=round(100 * state.done / state.total, 1) if state.total else 0.0,
            key=state.key,
            report=ScanReportView.of(state.report) if state.report else None,
            error=ErrorView.of_failure(failure) if failure else None,
        )


def read_changes(document: Mapping[str, object]) -> SeriesChanges:
    """Parse the changes of a series. Null is a value here, so only given fields are changed.

    Raises:
        InvalidFieldsError: With one entry for each bad field.
    """
    patch = structured(document, SeriesPatch)
    quality = Quality(patch.quality) if patch.quality is not None else None
    languages = read_languages(patch.languages) if patch.languages is not None else None
    rules = patch.list_rules or ListRulesBody()
    return SeriesChanges(
        monitored=patch.monitored if "monitored" in document else UNCHANGED,
        languages=languages if "languages" in document else UNCHANGED,
        quality=quality if "quality" in document else UNCHANGED,
        folder=FolderName(patch.folder) if "folder" in document else UNCHANGED,
        list_rules=rules.to_domain("/list_rules") if "list_rules" in document else UNCHANGED,
    )


def read_languages(codes: tuple[str, ...]) -> tuple[Language, ...]:
    """Parse languages, each once.

    Raises:
        InvalidFieldsError: With one entry for each bad one.
    """
    found: dict[Language, None] = {}
    problems = []
    for place, code in enumerate(codes):
        try:
            found[parse_language(code)] = None
        except InvalidLanguageError as error:
            problem = Message("with_hint", message=error.message, hint=error.hint)
            problems.append((f"/languages/{place}", problem))
    if problems:
        raise InvalidFieldsError(problems)
    return tuple(found)


@attrs.frozen(kw_only=True)
class IdentifyQuery:
    """What to return about the entries of a series.

    Attributes:
        candidates: Whether to search the sources for possible entries.
    """

    candidates: bool = False


@attrs.frozen(kw_only=True)
class IdentifyBody:
    """What to do about the entries of a series; nothing given identifies it in every source.

    Attributes:
        entry: Entry to choose, such as `anilist:16498`.
        forget: Source whose entry is forgotten.
    """

    entry: (
        Annotated[
            str,
            Meta(
                max_length=200,
                pattern=r"^[a-z0-9][a-z0-9_-]*:[^:\s]+$",
                examples=["anilist:16498"],
            ),
        ]
        | None
    ) = None
    forget: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
