"""What the layouts of pages have in common."""

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
    """What a site means where its pages leave the language open.

    Attributes:
        by_key: The usual meaning of its key numbers.
    """

    by_key: Mapping[str, Language]


class Answer(enum.Enum):
    """In what form a question is answered."""

    JSON = enum.auto()
    PAGE = enum.auto()


@attrs.frozen(kw_only=True)
class Question:
    """One way to search on a site.

    Attributes:
        path: Where to ask.
        field: Name of the parameter that holds what is looked for.
        also: Further parameters.
        answer: What comes back.
        posts: Whether the parameters are sent as a form.
    """

    path: str
    field: str
    also: tuple[tuple[str, str], ...] = ()
    answer: Answer = Answer.JSON
    posts: bool = False


class Layout(ABC):
    """Reads the pages of one layout.

    Every `read_` method raises `MissingPieceError` naming what a page of the kind always has,
    `NoSuchPageError` and `FailedPageError` for error pages with status 200, and
    `DamagedPageError` for pages that contradict themselves.

    Attributes:
        films: Path of the list of films below a series, and of one film below that.
        tells_news: Whether its shelf of new episodes is known well enough to say that a series
            has none.
        questions: Ways to search, best first.
        marks: Texts that only true pages hold.
    """

    films: tuple[str, str]
    tells_news: bool = False
    questions: Sequence[Question]
    marks: Sequence[str]

    def is_true_page(self, text: str) -> bool:
        """Whether a page is one of the site's own, whatever words it uses."""
        return any(mark in text for mark in self.marks)

    @abstractmethod
    def read_series(self, text: str, speech: Speech) -> SeriesPage:
        """Read the page of a series."""

    @abstractmethod
    def read_season(self, text: str, speech: Speech) -> SeasonPage:
        """Read the page of a season or of films, whose list may be empty but not missing."""

    @abstractmethod
    def read_episode(self, text: str, speech: Speech) -> EpisodePage:
        """Read the page of an episode or film."""

    @abstractmethod
    def read_index(self, text: str) -> Sequence[Hit]:
        """Read the list of all series."""

    @abstractmethod
    def read_shelf(self, shelf: BrowseListName, text: str) -> Sequence[ShelfRow]:
        """Read a shelf in the order of the page, each series or episode once for each day."""

    @abstractmethod
    def read_hits(self, question: Question, answer: object) -> Sequence[Hit]:
        """Read the answer to a search: a JSON value or the text of a page."""
