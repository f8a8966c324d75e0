"""Lists whose entries have no fixed numbers: give each entry a number, and store both.

Channels, playlists and feeds are such lists. A number once given stays with its entry.
"""

from aniworld_providers.listings.numbering import Listed, StoredEntry, merge_entries
from aniworld_providers.listings.storage import ListingStorage

__all__ = ["Listed", "ListingStorage", "StoredEntry", "merge_entries"]
