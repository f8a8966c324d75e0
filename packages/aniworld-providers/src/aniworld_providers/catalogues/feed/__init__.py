"""Catalogue of feeds: RSS, Atom, Media RSS, podcasts and JSON Feed. Each feed is a series."""

from aniworld_providers.catalogues.feed.factory import open_loader

__all__ = ["open_loader"]
