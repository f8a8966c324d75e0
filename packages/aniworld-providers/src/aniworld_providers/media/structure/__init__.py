"""Check that a file is one unbroken chain of its container's elements, without decoding."""

from aniworld_providers.media.structure.report import Structure
from aniworld_providers.media.structure.walk import walk_structure

__all__ = ["Structure", "walk_structure"]
