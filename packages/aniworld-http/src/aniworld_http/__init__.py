"""Server of Aniworld: REST API, WebSocket and web pages."""

from aniworld_http.settings import HttpSettings

__all__ = ["HttpSettings"]
