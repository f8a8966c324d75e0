"""Lists whose entries have no fixed numbers: give each entry a number, and store both.

Channels, playlists and feeds are such lists. A number once given stays with its entry: the file
of the list in the data folder keeps it, and the library keeps it with the episode. The filters of
a series only decide which entries are episodes.
"""

from aniworld_providers.listings.choosing import chosen_entries, preview_of
from aniworld_providers.listings.numbering import (
    Listed,
    Numbering,
    StoredEntry,
    entries_of_series,
    merge_entries,
)
from aniworld_providers.listings.series import StoredList, series_of_list
from aniworld_providers.listings.storage import ListingStorage

__all__ = [
    "Listed",
    "ListingStorage",
    "Numbering",
    "StoredEntry",
    "StoredList",
    "chosen_entries",
    "entries_of_series",
    "merge_entries",
    "preview_of",
    "series_of_list",
]
