"""Parse HLS playlists (RFC 8216) and choose a variant."""
