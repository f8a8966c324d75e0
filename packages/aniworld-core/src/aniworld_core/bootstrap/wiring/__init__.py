"""Build an application: its adapters, and the use cases around them."""

from aniworld_core.bootstrap.wiring.assembly import wired

__all__ = ["wired"]
