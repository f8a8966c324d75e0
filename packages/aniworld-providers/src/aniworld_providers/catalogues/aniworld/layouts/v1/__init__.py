"""Layout v1: aniworld.to since October 2026, s.to until January 2026.

The selectors come from public parsers of the sites. Each module parses one kind of page.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from aniworld_core.domain.catalogue import BrowseListName
from aniworld_core.domain.media import Language
from aniworld_providers.catalogues.aniworld.layouts.common import Layout, SearchForm
from aniworld_providers.catalogues.aniworld.layouts.hits import hits_of_index, hits_of_json
from aniworld_providers.catalogues.aniworld.layouts.markup import parse_html
from aniworld_providers.catalogues.aniworld.layouts.v1.browse import (
    BROWSE_MARKS,
    parse_browse_list,
)
from aniworld_providers.catalogues.aniworld.layouts.v1.episode import parse_episode
from aniworld_providers.catalogues.aniworld.layouts.v1.season import parse_season
from aniworld_providers.catalogues.aniworld.layouts.v1.series import parse_series
from aniworld_providers.catalogues.aniworld.values import (
    BrowseRow,
    EpisodePage,
    Hit,
    SeasonPage,
    SeriesPage,
)

__all__ = ["LAYOUT", "LayoutV1"]


class LayoutV1(Layout):
    """Layout v1. Flags in its episode lists show possible languages, not available ones."""

    films = ("filme", "film")
    has_full_news = True
    searches = (
        SearchForm(path="/ajax/seriesSearch", field="keyword"),
        SearchForm(path="/ajax/search", field="keyword", is_posted=True),
    )
    page_marks = (
        "series-title",
        "seasonEpisodesList",
        "hosterSiteTitle",
        "data-alternative-title",
        *BROWSE_MARKS,
    )

    def parse_series(self, text: str) -> SeriesPage:
        return parse_series(text)

    def parse_season(self, text: str) -> SeasonPage:
        return parse_season(text)

    def parse_episode(self, text: str, language_keys: Mapping[str, Language]) -> EpisodePage:
        return parse_episode(text, language_keys)

    def parse_index(self, text: str) -> Sequence[Hit]:
        return hits_of_index(parse_html(text), "div.genre li a[href]")

    def parse_browse_list(self, name: BrowseListName, text: str) -> Sequence[BrowseRow]:
        return parse_browse_list(name, text)

    def parse_hits(self, form: SearchForm, response: object) -> Sequence[Hit]:
        return hits_of_json(response)


LAYOUT: Final = LayoutV1()
