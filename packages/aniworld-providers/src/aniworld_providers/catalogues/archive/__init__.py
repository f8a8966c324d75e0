"""Catalogue of the Internet Archive: items are series, their video files are episodes."""

from aniworld_providers.catalogues.archive.loader import open_loader

__all__ = ["open_loader"]
