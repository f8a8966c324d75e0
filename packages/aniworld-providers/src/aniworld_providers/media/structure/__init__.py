"""Check that the elements of a container follow each other without a break; no decoding."""

from aniworld_providers.media.structure.report import Structure
from aniworld_providers.media.structure.walk import walk_structure

__all__ = ["Structure", "walk_structure"]
