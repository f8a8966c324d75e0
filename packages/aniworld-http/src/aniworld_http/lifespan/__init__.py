"""Start, background tasks and shutdown of the server.

This room binds the sockets, accepts connections, runs the background tasks, handles SIGINT and
SIGTERM, and keeps the order and time limits of the shutdown.
"""

from aniworld_http.lifespan.server import serving
from aniworld_http.lifespan.signals import stop_signals
from aniworld_http.lifespan.sockets import listening
from aniworld_http.lifespan.tasks import add_background

__all__ = [
    "add_background",
    "listening",
    "serving",
    "stop_signals",
]
