"""Client for pages and JSON of catalogues: guarded, paced, cached and recorded."""

from aniworld_providers.network.pages.client import PageClient, open_page_client, origin_of

__all__ = ["PageClient", "open_page_client", "origin_of"]
