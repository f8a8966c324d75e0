"""A catalogue of invented series with real media, served on loopback; needs no internet."""

from aniworld_providers.catalogues.demo.loader import open_loader

__all__ = ["open_loader"]
