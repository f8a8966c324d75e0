"""What handlers find on the server: typed keys, set once by `make_app`.

A key whose type belongs to a higher layer lives beside that type.
"""

import time
from collections.abc import Callable
from typing import Final

import attrs
from aiohttp import web

from aniworld_core.application.access import ApiKeys, Authenticator
from aniworld_core.bootstrap.application import Application
from aniworld_core.bootstrap.log_ring import LogRing
from aniworld_http.settings import HttpSettings


@attrs.define(eq=False)
class Uptime:
    """Since when the server runs, and which version of it."""

    version: str
    _monotonic: Callable[[], float] = time.monotonic
    _began: float = attrs.field(init=False)

    @_began.default
    def _now(self) -> float:
        return self._monotonic()

    @property
    def seconds(self) -> float:
        """How long it runs."""
        return self._monotonic() - self._began


APPLICATION: Final = web.AppKey("APPLICATION", Application)
SETTINGS: Final = web.AppKey("SETTINGS", HttpSettings)
#: What the process has logged lately.
LOG_RING: Final = web.AppKey("LOG_RING", LogRing)
AUTHENTICATOR: Final = web.AppKey("AUTHENTICATOR", Authenticator)
API_KEYS: Final = web.AppKey("API_KEYS", ApiKeys)
#: Names the request in its answer and in every log record made for it.
REQUEST_ID: Final = web.RequestKey("REQUEST_ID", str)
UPTIME: Final = web.AppKey("UPTIME", Uptime)
