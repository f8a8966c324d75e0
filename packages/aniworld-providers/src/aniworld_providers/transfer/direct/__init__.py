"""Fetch a single file over one or several connections, and resume it."""
