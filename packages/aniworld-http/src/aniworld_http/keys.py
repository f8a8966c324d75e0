"""Typed keys of the objects that handlers use; `make_app` sets them once.

A key whose type belongs to a higher layer is defined beside that type.
"""

import time
from collections.abc import Callable
from typing import Final

import attrs
from aiohttp import web

from aniworld_core.application.access import ApiKeys, Authenticator
from aniworld_core.bootstrap.logging import LogRing
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.automation import Role
from aniworld_http.settings import HttpSettings


@attrs.define(eq=False)
class Uptime:
    """Version of the server and the time since its start."""

    version: str
    _monotonic: Callable[[], float] = time.monotonic
    _started: float = attrs.field(init=False)

    @_started.default
    def _now(self) -> float:
        return self._monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return self._monotonic() - self._started


APPLICATION: Final = web.AppKey("APPLICATION", Application)
SETTINGS: Final = web.AppKey("SETTINGS", HttpSettings)
#: The latest log records of the process.
LOG_RING: Final = web.AppKey("LOG_RING", LogRing)
AUTHENTICATOR: Final = web.AppKey("AUTHENTICATOR", Authenticator)
API_KEYS: Final = web.AppKey("API_KEYS", ApiKeys)
#: Id of the request, in its response and in its log records.
REQUEST_ID: Final = web.RequestKey("REQUEST_ID", str)
#: What the process does beside serving.
ROLES: Final = web.AppKey("ROLES", frozenset[Role])
UPTIME: Final = web.AppKey("UPTIME", Uptime)
