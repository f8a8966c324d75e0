"""Catalogues: each adapter turns one site into series, episodes and sources."""
