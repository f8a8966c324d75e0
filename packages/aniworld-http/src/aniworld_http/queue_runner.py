"""The queue of the server, as a part of the application of aiohttp."""

from typing import Final

from aiohttp import web

from aniworld_core.application.automation import QueueRunner

__all__ = ["QUEUE_RUNNER", "QueueRunner"]

#: The queue runner of this server.
QUEUE_RUNNER: Final = web.AppKey("QUEUE_RUNNER", QueueRunner)
