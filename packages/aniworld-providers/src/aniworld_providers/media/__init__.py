"""Media files: what bytes are, what files hold, and putting streams into containers."""

from aniworld_providers.media.inspect import PyAvInspector, inspect_file, open_inspector

__all__ = ["PyAvInspector", "inspect_file", "open_inspector"]
