"""Assemble the server: routes and middlewares around the application of the core."""

from collections.abc import AsyncIterator
from importlib.metadata import version

from aiohttp import web

from aniworld_core.application.access import Accounts, ApiKeys, Authenticator, MasterPassword
from aniworld_core.bootstrap.logging import LogRing
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.automation import Role
from aniworld_core.ports.security import PasswordHasher
from aniworld_http.checks import (
    FOLDER_PROBE,
    LOOP_PROBE,
    METRICS,
    FolderProbe,
    LoopProbe,
    make_metrics,
)
from aniworld_http.keys import (
    API_KEYS,
    APPLICATION,
    AUTHENTICATOR,
    LOG_RING,
    ROLES,
    SETTINGS,
    UPTIME,
    Uptime,
)
from aniworld_http.middlewares import MIDDLEWARES
from aniworld_http.middlewares.compression import GZIP_CACHE, GzipCache
from aniworld_http.middlewares.cors import allow_origins
from aniworld_http.queue_runner import QUEUE_RUNNER
from aniworld_http.rendering import MEDIA_SENDER, MediaSender
from aniworld_http.routes import add_routes
from aniworld_http.security import JwtCodec, PasslibHasher
from aniworld_http.security.callers import (
    CACHE_SECONDS,
    CALLERS,
    LINKED_CACHE_SECONDS,
    Callers,
)
from aniworld_http.security.connections import CONNECTIONS, Connections
from aniworld_http.security.headers import add_security_headers
from aniworld_http.security.login_throttle import LOGIN_THROTTLE, LoginThrottle
from aniworld_http.security.media_links import MEDIA_LINKS, MediaLinks
from aniworld_http.security.oidc import OIDC, OidcSignIn
from aniworld_http.security.rate_limits import REQUEST_COUNTER, RateLimits, RequestCounter
from aniworld_http.security.setup_code import CODE_FILE, SETUP_CODE, SetupCode
from aniworld_http.settings import HttpSettings
from aniworld_http.websocket import ENDPOINTS as SOCKET_ENDPOINTS
from aniworld_http.websocket import Limits, add_websocket

#: Largest accepted request body, in bytes.
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
    ready_password: str = "",
    roles: frozenset[Role] = frozenset(Role),
) -> web.Application:
    """Return the assembled server, which does not run or listen yet.

    Args:
        application: The open application; the caller closes it after the server.
        settings: Settings of the server.
        hasher: Hashes the master password; PBKDF2 when not given.
        limits: Rate limits; the documented ones when not given.
        socket_limits: Limits of the WebSocket; the documented ones when not given.
        logs: Log ring that already collects; a new one when not given.
        needs_setup_code: Whether the first password needs the one-time code; `False` is for the
            demo.
        ready_password: Password to set at the start if there is none; for the demo.
        roles: What the process does beside serving.
    """
    app = web.Application(middlewares=MIDDLEWARES, client_max_size=MAX_BODY)
    app[APPLICATION] = application
    app[SETTINGS] = settings
    app[UPTIME] = Uptime(version("aniworld-http"))
    app[LOG_RING] = logs or LogRing()
    app.cleanup_ctx.append(_collect_logs)
    _add_access(app, hasher or PasslibHasher())
    app[SETUP_CODE] = SetupCode(
        application.settings.data_dir / CODE_FILE,
        is_needed=needs_setup_code,
        ready_password=ready_password,
    )
    _add_limits(app, limits or RateLimits())
    app[GZIP_CACHE] = GzipCache()
    app[MEDIA_SENDER] = MediaSender()
    app.on_shutdown.append(_break_transfers)
    app[METRICS] = make_metrics()
    app[LOOP_PROBE] = LoopProbe()
    app[FOLDER_PROBE] = FolderProbe(application.library, application.settings.data_dir)
    app[QUEUE_RUNNER] = application.queue_runner(is_here=Role.WORKER in roles)
    app[ROLES] = roles
    add_routes(app, *SOCKET_ENDPOINTS)
    add_websocket(app, socket_limits)
    allow_origins(app)
    app.on_response_prepare.append(add_security_headers)
    return app


async def _break_transfers(app: web.Application) -> None:
    app[MEDIA_SENDER].close()


def _add_access(app: web.Application, hasher: PasswordHasher) -> None:
    """Add the look-up of callers: sessions and API keys."""
    application = app[APPLICATION]
    sessions, clock = application.storage.sessions, application.clock
    accounts = Accounts(
        accounts=application.storage.accounts,
        sessions=sessions,
        keys=application.storage.api_keys,
        hasher=hasher,
        clock=clock,
    )
    app[AUTHENTICATOR] = authenticator = Authenticator(
        password=MasterPassword(
            sessions=sessions, store=application.config, hasher=hasher, clock=clock
        ),
        accounts=accounts,
        sessions=sessions,
        codec=JwtCodec(app[SETTINGS].secret_key),
        clock=clock,
    )
    app[OIDC] = OidcSignIn(
        config=lambda: application.current_config.value.oidc,
        accounts=accounts,
        clock=clock,
        key=app[SETTINGS].secret_key,
    )
    app[API_KEYS] = api_keys = ApiKeys(keys=application.storage.api_keys, clock=application.clock)
    app[MEDIA_LINKS] = links = MediaLinks(app[SETTINGS].secret_key, clock)
    is_linked = application.storage.link is not None
    app[CALLERS] = callers = Callers(
        authenticator=authenticator,
        api_keys=api_keys,
        links=links,
        clock=clock,
        cache_seconds=LINKED_CACHE_SECONDS if is_linked else CACHE_SECONDS,
    )
    if is_linked:
        application.others.listen_to_access(callers.clear)


def _add_limits(app: web.Application, limits: RateLimits) -> None:
    """Add rate limits, the login throttle, and limits on connections."""
    app[REQUEST_COUNTER] = RequestCounter(limits)
    application = app[APPLICATION]
    app[LOGIN_THROTTLE] = LoginThrottle(application.clock, application.guesses, limits.budgets)
    app[CONNECTIONS] = Connections()


async def _collect_logs(app: web.Application) -> AsyncIterator[None]:
    with app[LOG_RING].collecting():
        yield
