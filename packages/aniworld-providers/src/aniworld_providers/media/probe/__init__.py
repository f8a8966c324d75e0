"""Inspect media files with libav: container, tracks, completeness and damage."""
