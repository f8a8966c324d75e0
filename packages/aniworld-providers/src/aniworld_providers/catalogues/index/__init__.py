"""Catalogue of the owner's folders on web servers: WebDAV or directory listings."""

from aniworld_providers.catalogues.index.factory import open_loader

__all__ = ["open_loader"]
