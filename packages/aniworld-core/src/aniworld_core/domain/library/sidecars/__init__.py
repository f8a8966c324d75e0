"""Sidecars for media servers: NFO files and pictures, and how the program knows its own."""

from aniworld_core.domain.library.sidecars.facts import SidecarFacts, sidecar_facts
from aniworld_core.domain.library.sidecars.marks import MAX_NFO_BYTES, is_own_nfo, own_pictures
from aniworld_core.domain.library.sidecars.nfo import (
    render_episode_nfo,
    render_season_nfo,
    render_series_nfo,
)
from aniworld_core.domain.library.sidecars.pictures import (
    BANNER,
    FANART,
    POSTER,
    PictureNames,
    season_folder_names,
    season_poster_names,
    thumb_names,
)

__all__ = [
    "BANNER",
    "FANART",
    "MAX_NFO_BYTES",
    "POSTER",
    "PictureNames",
    "SidecarFacts",
    "is_own_nfo",
    "own_pictures",
    "render_episode_nfo",
    "render_season_nfo",
    "render_series_nfo",
    "season_folder_names",
    "season_poster_names",
    "sidecar_facts",
    "thumb_names",
]
