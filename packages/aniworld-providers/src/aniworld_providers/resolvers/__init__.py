"""From pages and links to streams."""
