"""Aniworld as a library."""
