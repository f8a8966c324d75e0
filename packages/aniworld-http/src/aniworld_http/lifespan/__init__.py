"""What lives as long as the server: its listener, its background tasks."""

from aniworld_http.lifespan.listening import listening
from aniworld_http.lifespan.serving import serving
from aniworld_http.lifespan.signals import stop_signals
from aniworld_http.lifespan.tasks import add_background

__all__ = [
    "add_background",
    "listening",
    "serving",
    "stop_signals",
]
