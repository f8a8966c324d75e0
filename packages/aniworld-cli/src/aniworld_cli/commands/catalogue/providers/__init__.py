"""`aniworld providers`: command and output."""
