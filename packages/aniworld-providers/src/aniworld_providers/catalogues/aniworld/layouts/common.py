"""Interface of a page layout."""

import enum
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import attrs

from aniworld_core.domain.catalogue import BrowseListName
from aniworld_core.domain.media import Language
from aniworld_providers.catalogues.aniworld.values import (
    EpisodePage,
    Hit,
    SeasonPage,
    SeriesPage,
    ShelfRow,
)


@attrs.frozen(kw_only=True)
class Speech:
    """Meaning of language key numbers on pages that show no flags for them.

    Attributes:
        by_key: Language of each key number.
    """

    by_key: Mapping[str, Language]


class Answer(enum.Enum):
    """Format of a search response."""

    JSON = enum.auto()
    PAGE = enum.auto()


@attrs.frozen(kw_only=True)
class Question:
    """One way to search on a site.

    Attributes:
        path: Path of the search.
        field: Name of the parameter with the search text.
        also: Further parameters.
        answer: Format of the response.
        posts: Whether to send the parameters as a form.
    """

    path: str
    field: str
    also: tuple[tuple[str, str], ...] = ()
    answer: Answer = Answer.JSON
    posts: bool = False


class Layout(ABC):
    """Parser for the pages of one layout.

    Every `read_` method raises `MissingPieceError` for a page without a part that every page of its
    kind has, `NoSuchPageError` and `FailedPageError` for error pages with status 200, and
    `DamagedPageError` for pages that contradict themselves.

    Attributes:
        films: Path segment of the list of films, and of one film below it.
        tells_news: Whether its list of new episodes is known well enough to conclude that a series
            has none.
        questions: Ways to search, best first.
        marks: Texts that only real pages of the site contain.
    """

    films: tuple[str, str]
    tells_news: bool = False
    questions: Sequence[Question]
    marks: Sequence[str]

    def is_true_page(self, text: str) -> bool:
        """Return whether a page is a real page of the site, such as no bot check."""
        return any(mark in text for mark in self.marks)

    @abstractmethod
    def read_series(self, text: str, speech: Speech) -> SeriesPage:
        """Parse the page of a series."""

    @abstractmethod
    def read_season(self, text: str, speech: Speech) -> SeasonPage:
        """Parse the page of a season or of films. Its list may be empty but not missing."""

    @abstractmethod
    def read_episode(self, text: str, speech: Speech) -> EpisodePage:
        """Parse the page of an episode or film."""

    @abstractmethod
    def read_index(self, text: str) -> Sequence[Hit]:
        """Parse the list of all series."""

    @abstractmethod
    def read_shelf(self, shelf: BrowseListName, text: str) -> Sequence[ShelfRow]:
        """Parse a browse list in page order, each series or episode once per day."""

    @abstractmethod
    def read_hits(self, question: Question, answer: object) -> Sequence[Hit]:
        """Parse a search response: a JSON value or the text of a page."""
