"""Covers: fetched politely, judged by their bytes, and kept within bounds."""

from aniworld_providers.covers.source import open_covers

__all__ = ["open_covers"]
