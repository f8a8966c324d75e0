"""Cover source: fetch covers from the sites of catalogues, check them and cache them on disk."""

from aniworld_providers.covers.source import open_covers

__all__ = ["open_covers"]
