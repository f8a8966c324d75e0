"""Metadata sources: AniList, TVmaze, and NFO files in the library folders."""

from aniworld_providers.metadata.anilist import open_anilist
from aniworld_providers.metadata.nfo import open_nfo
from aniworld_providers.metadata.tvmaze import open_tvmaze

__all__ = ["open_anilist", "open_nfo", "open_tvmaze"]
