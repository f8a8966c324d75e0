"""Catalogues aniworld.to and s.to: one family of sites with several page layouts.

`layouts` parses the pages, `site` describes the sites, and `loader` is the adapter.
"""

from aniworld_providers.catalogues.aniworld.factory import open_loader, open_serienstream
from aniworld_providers.catalogues.aniworld.settings import SiteSettings

__all__ = ["SiteSettings", "open_loader", "open_serienstream"]
