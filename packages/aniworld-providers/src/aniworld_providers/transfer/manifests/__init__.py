"""Parse manifests: the tracks, segments, keys and subtitles of a stream."""
