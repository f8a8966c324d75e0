"""What the pages of the sites say, read but not yet judged."""

from datetime import date, time

import attrs

from aniworld_core.domain.catalogue import Titles
from aniworld_core.domain.media import Language
from aniworld_providers.catalogues.aniworld.links import Place


@attrs.frozen(kw_only=True)
class EpisodeRow:
    """One line of a list of episodes.

    Attributes:
        season: What its link says; `None` without a link.
        languages: Languages that are to be had, or `None` where the list does not tell.
        available: False while it is only announced.
    """

    season: int | None
    number: int
    titles: Titles = Titles()
    languages: frozenset[Language] | None = None
    available: bool = True


@attrs.frozen(kw_only=True)
class SeasonPage:
    """A page with a list of episodes.

    Attributes:
        seasons: Seasons it links to, ascending, 0 for films; `None` without such links.
        rows: Episodes; `None` if the page holds no list of them.
    """

    seasons: tuple[int, ...] | None
    rows: tuple[EpisodeRow, ...] | None


@attrs.frozen(kw_only=True)
class SeriesPage(SeasonPage):
    """The page of a series, which also lists the episodes of one season.

    Attributes:
        cover: Where the picture is, relative to the page; empty without one.
    """

    title: str
    alternative_titles: tuple[str, ...] = ()
    description: str = ""
    year: int | None = None
    end_year: int | None = None
    genres: tuple[str, ...] = ()
    cover: str = ""


@attrs.frozen(kw_only=True)
class HosterLink:
    """One place an episode can be had from.

    Attributes:
        link: Relative to the page.
        language: `None` for a language the page names in no way known here.
    """

    hoster: str
    link: str
    language: Language | None


@attrs.frozen(kw_only=True)
class EpisodePage:
    """The page of an episode.

    Attributes:
        season: Which season it says it belongs to, where it does.
        number: Which episode it says it is, where it does.
        hosters: In the order of the page.
    """

    season: int | None = None
    number: int | None = None
    hosters: tuple[HosterLink, ...]


@attrs.frozen(kw_only=True)
class Hit:
    """One series in the answer to a search or in the list of all series.

    Attributes:
        target: Its key, path or link, as the site gives it.
        cover: Relative to the site; empty without one.
        other_titles: Further titles, where known.
    """

    target: str
    name: str
    cover: str = ""
    year: int | None = None
    description: str = ""
    other_titles: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class ShelfRow:
    """A series or an episode on a shelf of the site.

    Attributes:
        place: What it leads to.
        name: Of the series; empty where the shelf does not say.
        cover: Relative to the site; empty without one.
        languages: Those its flags show.
        day: Which day it came or comes, by the clock of the site.
        hour: When on that day, by the clock of the site.
    """

    place: Place
    name: str = ""
    cover: str = ""
    languages: frozenset[Language] = frozenset()
    day: date | None = None
    hour: time | None = None
