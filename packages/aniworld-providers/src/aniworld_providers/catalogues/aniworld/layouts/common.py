"""Interface of a page layout."""

import enum
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import attrs

from aniworld_core.domain.catalogue import BrowseListName
from aniworld_core.domain.media import Language
from aniworld_providers.catalogues.aniworld.values import (
    BrowseRow,
    EpisodePage,
    Hit,
    SeasonPage,
    SeriesPage,
)


class ResponseFormat(enum.Enum):
    """Format of a search response."""

    JSON = enum.auto()
    PAGE = enum.auto()


@attrs.frozen(kw_only=True)
class SearchForm:
    """One way to search on a site.

    Attributes:
        path: Path of the search.
        field: Name of the parameter with the search text.
        extra: Further parameters.
        format: Format of the response.
        is_posted: Whether to send the parameters as a form.
    """

    path: str
    field: str
    extra: tuple[tuple[str, str], ...] = ()
    format: ResponseFormat = ResponseFormat.JSON
    is_posted: bool = False


class Layout(ABC):
    """Parser for the pages of one layout.

    Every `parse_` method raises `MissingPieceError` if a page lacks a part of every such page,
    `NoSuchPageError` and `FailedPageError` for error pages with status 200, and
    `DamagedPageError` for pages that contradict themselves.

    Attributes:
        films: Path segment of the list of films, and of one film below it.
        has_full_news: Whether its list of new episodes is complete: a series that is not listed has
            none.
        searches: Ways to search, best first.
        page_marks: Texts that only real pages of the site contain.
    """

    films: tuple[str, str]
    has_full_news: bool = False
    searches: Sequence[SearchForm]
    page_marks: Sequence[str]

    def is_own_page(self, text: str) -> bool:
        """Return whether a page is a real page of the site, such as no bot check."""
        return any(mark in text for mark in self.page_marks)

    @abstractmethod
    def parse_series(self, text: str) -> SeriesPage:
        """Parse the page of a series."""

    @abstractmethod
    def parse_season(self, text: str) -> SeasonPage:
        """Parse the page of a season or of films. Its list may be empty but not missing."""

    @abstractmethod
    def parse_episode(self, text: str, language_keys: Mapping[str, Language]) -> EpisodePage:
        """Parse the page of an episode or film.

        Args:
            text: The page.
            language_keys: Usual languages of the site's key numbers, for pages without flags.
        """

    @abstractmethod
    def parse_index(self, text: str) -> Sequence[Hit]:
        """Parse the list of all series."""

    @abstractmethod
    def parse_browse_list(self, name: BrowseListName, text: str) -> Sequence[BrowseRow]:
        """Parse a browse list in page order, each series or episode once per day."""

    @abstractmethod
    def parse_hits(self, form: SearchForm, response: object) -> Sequence[Hit]:
        """Parse a search response: a JSON value or the text of a page."""
