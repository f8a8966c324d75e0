"""Client for pages and JSON of catalogues: guarded, paced, cached and recorded."""
