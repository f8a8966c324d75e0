"""Folders of a library: whether they can be used, and the marks inside that name their series."""
