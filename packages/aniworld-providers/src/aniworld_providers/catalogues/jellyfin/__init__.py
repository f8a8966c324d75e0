"""Jellyfin servers of the owner or of friends, any number of them, as one catalogue."""

from aniworld_providers.catalogues.jellyfin.factory import open_loader

__all__ = ["open_loader"]
