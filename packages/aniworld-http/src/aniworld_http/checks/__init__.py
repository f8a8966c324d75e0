"""Checks on demand: the health of every part of the server, and whether a folder can be used."""
