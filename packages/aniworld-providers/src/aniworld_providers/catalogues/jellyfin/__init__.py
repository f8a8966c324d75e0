"""Catalogue of Jellyfin servers: any number of configured servers as one catalogue."""

from aniworld_providers.catalogues.jellyfin.factory import open_loader
from aniworld_providers.catalogues.jellyfin.settings import JellyfinSettings

__all__ = ["JellyfinSettings", "open_loader"]
