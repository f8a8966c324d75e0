"""The download queue: add, list, reorder, retry and remove items; stop and pause it."""
