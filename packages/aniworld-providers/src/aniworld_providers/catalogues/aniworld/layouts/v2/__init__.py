"""Layout v2: s.to since January 2026.

The selectors come from public parsers of the site. Each module parses one kind of page.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from aniworld_core.domain.catalogue import BrowseListName
from aniworld_core.domain.media import Language
from aniworld_providers.catalogues.aniworld.layouts.common import (
    Layout,
    ResponseFormat,
    SearchForm,
)
from aniworld_providers.catalogues.aniworld.layouts.hits import hits_of_index, hits_of_json
from aniworld_providers.catalogues.aniworld.layouts.markup import parse_html
from aniworld_providers.catalogues.aniworld.layouts.v2.browse import parse_browse_list
from aniworld_providers.catalogues.aniworld.layouts.v2.episode import parse_episode
from aniworld_providers.catalogues.aniworld.layouts.v2.search import parse_results
from aniworld_providers.catalogues.aniworld.layouts.v2.season import parse_season
from aniworld_providers.catalogues.aniworld.layouts.v2.series import parse_series
from aniworld_providers.catalogues.aniworld.values import (
    BrowseRow,
    EpisodePage,
    Hit,
    SeasonPage,
    SeriesPage,
)

__all__ = ["LAYOUT", "LayoutV2"]


class LayoutV2(Layout):
    """Layout v2. Flags in its episode lists show available languages."""

    films = ("staffel-0", "episode")
    searches = (
        SearchForm(path="/api/search/suggest", field="term"),
        SearchForm(
            path="/suche", field="term", extra=(("tab", "shows"),), format=ResponseFormat.PAGE
        ),
    )
    page_marks = ("season-nav", "data-play-url", "episode-table", "results-group")

    def parse_series(self, text: str) -> SeriesPage:
        return parse_series(text)

    def parse_season(self, text: str) -> SeasonPage:
        return parse_season(text)

    def parse_episode(self, text: str, language_keys: Mapping[str, Language]) -> EpisodePage:
        return parse_episode(text, language_keys)

    def parse_index(self, text: str) -> Sequence[Hit]:
        return hits_of_index(parse_html(text), 'a[href*="/serie/"], a[href*="/anime/stream/"]')

    def parse_browse_list(self, name: BrowseListName, text: str) -> Sequence[BrowseRow]:
        return parse_browse_list(name, text)

    def parse_hits(self, form: SearchForm, response: object) -> Sequence[Hit]:
        if form.format is ResponseFormat.JSON:
            return hits_of_json(response, within="shows")
        return parse_results(str(response))


LAYOUT: Final = LayoutV2()
