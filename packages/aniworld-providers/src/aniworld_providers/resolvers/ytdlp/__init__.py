"""Resolve links of hosters with yt-dlp, in a process of its own behind the address guard."""
