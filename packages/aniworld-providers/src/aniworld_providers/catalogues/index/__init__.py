"""Catalogue of the owner's folders on web servers: WebDAV or directory listings."""

from aniworld_providers.catalogues.index.factory import open_loader
from aniworld_providers.catalogues.index.settings import IndexSettings

__all__ = ["IndexSettings", "open_loader"]
