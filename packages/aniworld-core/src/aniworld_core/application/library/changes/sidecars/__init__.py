"""Plan NFO files and pictures beside the files of the library."""

from aniworld_core.application.library.changes.sidecars.pictures import (
    PictureSpots,
    SeriesPictures,
)
from aniworld_core.application.library.changes.sidecars.planner import SidecarPlanner
from aniworld_core.application.library.changes.sidecars.request import SidecarRequest
from aniworld_core.application.library.changes.sidecars.thumbs import EpisodeThumbs

__all__ = ["EpisodeThumbs", "PictureSpots", "SeriesPictures", "SidecarPlanner", "SidecarRequest"]
