"""Catalogue of Jellyfin servers: any number of configured servers as one catalogue."""

from aniworld_providers.catalogues.jellyfin.factory import open_loader

__all__ = ["open_loader"]
