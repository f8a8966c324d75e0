"""Parse the names of media files: series, season, episode, language and quality."""
