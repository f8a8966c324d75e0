"""Demo catalogue: invented series with real media from a loopback server, without internet."""

from aniworld_providers.catalogues.demo.loader import open_loader

__all__ = ["open_loader"]
