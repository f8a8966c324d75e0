"""Convert the parsed pages of a series to a `Series` of the core."""

from collections.abc import Iterator, Mapping
from datetime import datetime

import attrs

from aniworld_core.domain.catalogue import Episode, Series
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import safe_component
from aniworld_providers.catalogues.aniworld.links import SiteLinks
from aniworld_providers.catalogues.aniworld.site import Site
from aniworld_providers.catalogues.aniworld.values import EpisodeRow, SeriesPage


@attrs.frozen(kw_only=True)
class Listing:
    """All parsed pages of a series.

    Attributes:
        key: Key of the series on the site.
        url: Link of its page, after redirects.
        seasons: Episodes by season, 0 for films.
        read_at: When it was read.
    """

    key: SeriesKey
    url: str
    page: SeriesPage
    seasons: Mapping[int, tuple[EpisodeRow, ...]]
    read_at: datetime

    def lists(self, season: int, number: int) -> bool:
        """Return whether the series has such an episode, even if it is only announced."""
        return any(row.number == number for row in self.seasons.get(season, ()))

    def series(self, key: SeriesKey, site: Site, links: SiteLinks) -> Series:
        """Return the series under the given key."""
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
            episodes=tuple(_episodes(self.seasons)),
        )


def refreshed(
    known: Series, key: SeriesKey, links: SiteLinks, seen: Mapping[int, tuple[EpisodeRow, ...]]
) -> Series:
    """Return a series of the library with the seasons that were read again.

    Args:
        known: The series in the library.
        key: Key of the series on the site.
        links: Links of the site.
        seen: Episodes of the seasons that were read.
    """
    others = (
        attrs.evolve(episode, downloaded=False, file=None, file_language=None)
        for episode in known.episodes
        if episode.season not in seen
    )
    return attrs.evolve(
        known,
        link=links.series(key),
        provider_ref=key,
        catalogue_key=None,
        added_at=None,
        updated_at=None,
        episodes=(*others, *_episodes(seen)),
    )


def _episodes(seasons: Mapping[int, tuple[EpisodeRow, ...]]) -> Iterator[Episode]:
    for season, rows in seasons.items():
        for row in rows:
            yield Episode(
                season=season,
                number=row.number,
                titles=row.titles,
                languages=row.languages,
                available=row.available,
            )


def rows_of_season(season: int, rows: tuple[EpisodeRow, ...] | None) -> tuple[EpisodeRow, ...]:
    """Return the rows of a season; a row without a link belongs to the season of its page."""
    kept: dict[int, EpisodeRow] = {}
    for row in rows or ():
        if row.season in {None, season}:
            kept.setdefault(row.number, row)
    return tuple(kept.values())
