"""Bodies and queries of the library: jobs, adoption, files, changes and upgrades."""
