"""`aniworld demo`: the whole product on an embedded catalogue."""
