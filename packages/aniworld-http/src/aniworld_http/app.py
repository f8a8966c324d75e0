"""The server: an application of the core behind routes and middlewares."""

from collections.abc import AsyncIterator
from importlib.metadata import version

from aiohttp import web

from aniworld_core.application.access import ApiKeys, Authenticator
from aniworld_core.bootstrap.application import Application
from aniworld_core.bootstrap.log_ring import LogRing
from aniworld_core.ports.security import PasswordHasher
from aniworld_http.checks.loop_probe import LOOP_PROBE, LoopProbe
from aniworld_http.checks.metrics import METRICS, make_metrics
from aniworld_http.keys import (
    API_KEYS,
    APPLICATION,
    AUTHENTICATOR,
    LOG_RING,
    SETTINGS,
    UPTIME,
    Uptime,
)
from aniworld_http.middlewares import MIDDLEWARES
from aniworld_http.middlewares.compression import PACKER, Packer
from aniworld_http.middlewares.cors import allow_origins
from aniworld_http.queue_runner import QUEUE_RUNNER, QueueRunner
from aniworld_http.routes import add_routes
from aniworld_http.security import JwtCodec, PasslibHasher
from aniworld_http.security.callers import CALLERS, Callers
from aniworld_http.security.connections import CONNECTIONS, Connections
from aniworld_http.security.headers import add_security_headers
from aniworld_http.security.login_throttle import LOGIN_THROTTLE, LoginThrottle
from aniworld_http.security.rate_limits import TURNSTILE, RateLimits, Turnstile
from aniworld_http.security.setup_code import CODE_FILE, SETUP_CODE, SetupCode
from aniworld_http.settings import HttpSettings
from aniworld_http.websocket import ENDPOINTS as SOCKET_ENDPOINTS
from aniworld_http.websocket import Limits, add_websocket

#: No body of ours is larger.
MAX_BODY = 1024**2


def make_app(
    application: Application,
    settings: HttpSettings,
    *,
    hasher: PasswordHasher | None = None,
    limits: RateLimits | None = None,
    socket_limits: Limits | None = None,
    logs: LogRing | None = None,
    needs_setup_code: bool = True,
) -> web.Application:
    """Put the server together; nothing runs and nothing listens yet.

    Args:
        application: The open use cases; the caller closes them after the server.
        settings: Where to listen and whom to trust.
        hasher: Hashes the master password; PBKDF2 when not given.
        limits: How often somebody may ask; the documented limits when not given.
        socket_limits: Bounds of live updates; the documented ones when not given.
        logs: Already collects what the process logs; one that begins with the server when not
            given.
        needs_setup_code: Whether the first password needs the one-time code; `False` is for the
            demo.
    """
    app = web.Application(middlewares=MIDDLEWARES, client_max_size=MAX_BODY)
    app[APPLICATION] = application
    app[SETTINGS] = settings
    app[LOG_RING] = logs or LogRing()
    app.cleanup_ctx.append(_collect_logs)
    app[UPTIME] = Uptime(version("aniworld-http"))
    app[AUTHENTICATOR] = authenticator = Authenticator(
        sessions=application.storage.sessions,
        store=application.config,
        hasher=hasher or PasslibHasher(),
        codec=JwtCodec(settings.secret_key),
        clock=application.clock,
    )
    app[API_KEYS] = api_keys = ApiKeys(keys=application.storage.api_keys, clock=application.clock)
    app[CALLERS] = Callers(authenticator=authenticator, api_keys=api_keys, clock=application.clock)
    app[SETUP_CODE] = SetupCode(
        application.settings.data_dir / CODE_FILE, is_needed=needs_setup_code
    )
    limits = limits or RateLimits()
    app[TURNSTILE] = Turnstile(limits)
    app[LOGIN_THROTTLE] = LoginThrottle(application.clock, limits.budgets)
    app[CONNECTIONS] = Connections()
    app[PACKER] = Packer()
    app[METRICS] = make_metrics()
    app[LOOP_PROBE] = LoopProbe()
    app[QUEUE_RUNNER] = QueueRunner(
        worker=application.worker,
        library=application.library,
        clock=application.clock,
        switch=application.switch,
        outage=application.outage,
    )
    add_routes(app, *SOCKET_ENDPOINTS)
    add_websocket(app, socket_limits)
    allow_origins(app)
    app.on_response_prepare.append(add_security_headers)
    return app


async def _collect_logs(app: web.Application) -> AsyncIterator[None]:
    with app[LOG_RING].collecting():
        yield
