"""Fetch the subtitles of a film, convert them and publish them beside it."""
