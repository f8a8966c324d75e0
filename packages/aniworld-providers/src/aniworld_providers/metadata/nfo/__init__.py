"""Metadata source `nfo`: NFO files of other programs in the library folders; no network."""

from aniworld_providers.metadata.nfo.source import open_nfo

__all__ = ["open_nfo"]
