"""Series of the catalogues: episodes, covers, browse lists, metadata and hoster scores."""

from typing import TYPE_CHECKING

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
    from aniworld_core.domain.catalogue.browse_lists import BrowseEntry, BrowseListName, arranged
    from aniworld_core.domain.catalogue.covers import Cover, CoverAddress, ImageKind
    from aniworld_core.domain.catalogue.metadata import (
        AirDate,
        EpisodeDetails,
        MetadataDetails,
        MetadataEntry,
        PictureLink,
        RelatedEntry,
        SeasonDetails,
        SeriesMetadata,
        air_dates_of,
        only_season,
        with_metadata,
        without_metadata,
        without_unaired,
    )
    from aniworld_core.domain.catalogue.refresh_pace import is_resting
    from aniworld_core.domain.catalogue.scores import Place, SourceScore, by_place, order_by_score
    from aniworld_core.domain.catalogue.series import (
        Episode,
        Page,
        Series,
        SeriesFilter,
        SeriesMatch,
        SeriesQuery,
        SeriesSort,
        SeriesSummary,
        Titles,
        merge_catalogue,
        missing_by_season,
        missing_episodes,
        select_episodes,
        summarise,
    )
    from aniworld_core.domain.catalogue.versions_seen import VersionSeen, newly_seen

__all__ = [
    "AirDate",
    "BrowseEntry",
    "BrowseListName",
    "Cover",
    "CoverAddress",
    "Episode",
    "EpisodeDetails",
    "ImageKind",
    "MetadataDetails",
    "MetadataEntry",
    "Page",
    "PictureLink",
    "Place",
    "RelatedEntry",
    "SeasonDetails",
    "Series",
    "SeriesFilter",
    "SeriesMatch",
    "SeriesMetadata",
    "SeriesQuery",
    "SeriesSort",
    "SeriesSummary",
    "SourceScore",
    "Titles",
    "VersionSeen",
    "air_dates_of",
    "arranged",
    "by_place",
    "is_resting",
    "merge_catalogue",
    "missing_by_season",
    "missing_episodes",
    "newly_seen",
    "only_season",
    "order_by_score",
    "select_episodes",
    "summarise",
    "with_metadata",
    "without_metadata",
    "without_unaired",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "browse_lists": ("BrowseEntry", "BrowseListName", "arranged"),
        "covers": ("Cover", "CoverAddress", "ImageKind"),
        "metadata": (
            "AirDate",
            "EpisodeDetails",
            "MetadataDetails",
            "MetadataEntry",
            "PictureLink",
            "RelatedEntry",
            "SeasonDetails",
            "SeriesMetadata",
            "air_dates_of",
            "only_season",
            "with_metadata",
            "without_metadata",
            "without_unaired",
        ),
        "refresh_pace": ("is_resting",),
        "scores": ("Place", "SourceScore", "by_place", "order_by_score"),
        "series": (
            "Episode",
            "Page",
            "Series",
            "SeriesFilter",
            "SeriesMatch",
            "SeriesQuery",
            "SeriesSort",
            "SeriesSummary",
            "Titles",
            "merge_catalogue",
            "missing_by_season",
            "missing_episodes",
            "select_episodes",
            "summarise",
        ),
        "versions_seen": ("VersionSeen", "newly_seen"),
    },
)
