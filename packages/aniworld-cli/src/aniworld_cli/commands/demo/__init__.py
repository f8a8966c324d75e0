"""`aniworld demo`: the complete program with an embedded catalogue."""
