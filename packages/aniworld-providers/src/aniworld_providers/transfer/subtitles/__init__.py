"""Fetch subtitles beside a film and write them as files."""
