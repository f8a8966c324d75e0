"""Provider for an invented catalogue, as a distribution of its own."""

from aniworld_example_provider.loader import ExampleLoader, open_loader
from aniworld_example_provider.settings import ExampleSettings

__all__ = ["ExampleLoader", "ExampleSettings", "open_loader"]
