"""Power losses: what a process did to a disk, and what of it may be left."""
