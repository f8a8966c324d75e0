"""Metadata sources: AniList and TVmaze."""

from aniworld_providers.metadata.anilist import open_anilist
from aniworld_providers.metadata.tvmaze import open_tvmaze

__all__ = ["open_anilist", "open_tvmaze"]
