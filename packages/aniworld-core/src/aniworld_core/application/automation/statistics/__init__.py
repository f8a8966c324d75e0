"""Statistics of the library and of downloads."""
