"""Resolver for hosters that runs yt-dlp in a separate process behind the address guard."""
