"""A made-up catalogue, as a distribution of its own."""

from aniworld_example_provider.loader import ExampleLoader, open_loader

__all__ = ["ExampleLoader", "open_loader"]
