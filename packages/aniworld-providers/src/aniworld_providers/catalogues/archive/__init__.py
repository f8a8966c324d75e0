"""The Internet Archive: items as series, their video files as episodes."""

from aniworld_providers.catalogues.archive.loader import open_loader

__all__ = ["open_loader"]
