"""Parsed contents of pages."""

from datetime import date, time

import attrs

from aniworld_core.domain.catalogue import Titles
from aniworld_core.domain.media import Language
from aniworld_providers.catalogues.aniworld.links import LinkTarget


@attrs.frozen(kw_only=True)
class EpisodeRow:
    """One row of an episode list.

    Attributes:
        season: Season in its link; `None` without a link.
        languages: Available languages, or `None` if the list does not show them.
        available: False while it is only announced.
    """

    season: int | None
    number: int
    titles: Titles = Titles()
    languages: frozenset[Language] | None = None
    available: bool = True


@attrs.frozen(kw_only=True)
class SeasonPage:
    """A page with an episode list.

    Attributes:
        seasons: Linked seasons, ascending, 0 for films; `None` without such links.
        rows: Episodes; `None` if the page has no episode list.
    """

    seasons: tuple[int, ...] | None
    rows: tuple[EpisodeRow, ...] | None


@attrs.frozen(kw_only=True)
class SeriesPage(SeasonPage):
    """The page of a series; it also lists the episodes of one season.

    Attributes:
        cover: Link of the cover, relative to the page; empty without one.
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
    """A hoster that has an episode.

    Attributes:
        link: Relative to the page.
        language: `None` if the page names no known language.
    """

    hoster: str
    link: str
    language: Language | None


@attrs.frozen(kw_only=True)
class EpisodePage:
    """The page of an episode.

    Attributes:
        season: Season that the page states, if any.
        number: Episode that the page states, if any.
        hosters: In page order.
    """

    season: int | None = None
    number: int | None = None
    hosters: tuple[HosterLink, ...]


@attrs.frozen(kw_only=True)
class Hit:
    """A series in a search response or in the list of all series.

    Attributes:
        target: Its key, path or link, as the site gives it.
        cover: Relative to the site; empty without one.
        other_titles: Further titles, if known.
    """

    target: str
    name: str
    cover: str = ""
    year: int | None = None
    description: str = ""
    other_titles: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class BrowseRow:
    """A series or an episode in a browse list of the site.

    Attributes:
        target: Target of its link.
        name: Name of the series; empty if the list does not show it.
        cover: Relative to the site; empty without one.
        languages: Languages of its flags.
        day: Release date, in the time zone of the site.
        hour: Release time, in the time zone of the site.
    """

    target: LinkTarget
    name: str = ""
    cover: str = ""
    languages: frozenset[Language] = frozenset()
    day: date | None = None
    hour: time | None = None
