"""Catalogue of channels, playlists, series pages and single videos that yt-dlp can list."""

from aniworld_providers.catalogues.ytdlp.factory import open_loader

__all__ = ["open_loader"]
