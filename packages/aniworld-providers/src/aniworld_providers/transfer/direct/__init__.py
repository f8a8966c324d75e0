"""Fetch a file over one connection or several, and resume it."""
