"""Catalogue of channels, playlists, series pages and single videos that yt-dlp can list."""

from aniworld_providers.catalogues.ytdlp.factory import open_loader
from aniworld_providers.catalogues.ytdlp.settings import YtDlpSettings

__all__ = ["YtDlpSettings", "open_loader"]
