"""The server side of Aniworld: password hashing, tokens and the server's settings."""

from aniworld_http.settings import HttpSettings

__all__ = ["HttpSettings"]
