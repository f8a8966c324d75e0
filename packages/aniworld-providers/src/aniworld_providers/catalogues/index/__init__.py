"""Folders of the owner on web servers, WebDAV or plain listings, as one catalogue."""

from aniworld_providers.catalogues.index.factory import open_loader

__all__ = ["open_loader"]
