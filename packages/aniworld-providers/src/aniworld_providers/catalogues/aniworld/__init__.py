"""aniworld.to and s.to: one family of sites with two layouts of their pages."""

from aniworld_providers.catalogues.aniworld.loader import open_loader, open_serienstream

__all__ = ["open_loader", "open_serienstream"]
