"""Parse manifests: which tracks, segments, keys and subtitles a stream has."""
