"""From the pages of a series to the series as the core knows it."""

from collections.abc import Mapping

import attrs

from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.safe_name import safe_component
from aniworld_core.domain.series import Episode, Series
from aniworld_providers.catalogues.aniworld.links import SiteLinks
from aniworld_providers.catalogues.aniworld.site import Site
from aniworld_providers.catalogues.aniworld.values import EpisodeRow, SeriesPage


@attrs.frozen(kw_only=True)
class Listing:
    """All that was read about a series.

    Attributes:
        key: The key the site knows it by.
        url: Where its page came from.
        seasons: Episodes by season, 0 for films.
    """

    key: SeriesKey
    url: str
    page: SeriesPage
    seasons: Mapping[int, tuple[EpisodeRow, ...]]

    def lists(self, season: int, number: int) -> bool:
        """Whether there is such an episode, be it only announced."""
        return any(row.number == number for row in self.seasons.get(season, ()))

    def series(self, key: SeriesKey, site: Site, links: SiteLinks) -> Series:
        """Return the series under a key of the core's choice."""
        page = self.page
        title = page.title or next(iter(page.alternative_titles), "")
        name = title or self.key.replace("-", " ").title()
        folder = f"{name} ({page.year})" if page.year else name
        return Series(
            key=key,
            name=name,
            site=site.title,
            provider=site.name,
            folder=FolderName(safe_component(folder, fallback=key)),
            link=links.series(self.key),
            provider_ref=self.key,
            description=page.description,
            year=page.year,
            end_year=page.end_year,
            genres=page.genres,
            alternative_titles=page.alternative_titles,
            cover_url=links.picture(page.cover, self.url) if page.cover else None,
            episodes=tuple(
                Episode(
                    season=season,
                    number=row.number,
                    titles=row.titles,
                    languages=row.languages,
                    available=row.available,
                )
                for season, rows in self.seasons.items()
                for row in rows
            ),
        )


def rows_of(season: int, rows: tuple[EpisodeRow, ...] | None) -> tuple[EpisodeRow, ...]:
    """Return the rows that belong to a season; a row without a link belongs to its page."""
    kept: dict[int, EpisodeRow] = {}
    for row in rows or ():
        if row.season in {None, season}:
            kept.setdefault(row.number, row)
    return tuple(kept.values())
