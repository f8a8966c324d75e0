"""The catalogues: each turns one site into series, episodes and sources."""
