"""Who is asking: tokens and API keys to callers, remembered for moments."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

import anyio
import attrs
from aiohttp import hdrs, web
from multidict import istr

from aniworld_core.application.access import LEEWAY, ApiKeys, Authenticator
from aniworld_core.domain.access import ApiKey, Scope, Session
from aniworld_core.errors import InvalidTokenError
from aniworld_core.ports.clock import Clock

_API_KEY: Final = istr("X-Api-Key")
#: For so many seconds a token is believed without asking the database again. What this process
#: revokes counts at once; this is how late it learns what another one did.
REMEMBERED_SECONDS: Final = 15.0
_MOST: Final = 4096


@attrs.frozen(kw_only=True)
class Caller:
    """Somebody who proved who he is: with a session, or with an API key.

    Attributes:
        id: Tells callers apart; not secret.
    """

    id: str
    scope: Scope
    session: Session | None = None
    api_key: ApiKey | None = None


#: Who makes the request; absent when nobody who is known.
CALLER: Final = web.RequestKey("CALLER", Caller)


@attrs.define(eq=False, kw_only=True)
class Callers:
    """Recognises callers; the database is asked again after moments only.

    Args:
        authenticator: Knows sessions.
        api_keys: Knows the keys of other tools.
        clock: The time at which sessions expire.
        monotonic: Seconds that never jump.
    """

    _authenticator: Authenticator
    _api_keys: ApiKeys
    _clock: Clock
    _monotonic: Callable[[], float] = time.monotonic
    _known: OrderedDict[bytes, tuple[float, Caller]] = attrs.field(factory=OrderedDict, init=False)
    _changed: anyio.Event = attrs.field(factory=anyio.Event, init=False)
    _asking: anyio.Lock = attrs.field(factory=anyio.Lock, init=False)

    async def by_token(self, token: str) -> Caller:
        """Return who signed in with this token.

        Raises:
            InvalidTokenError: If it is forged, expired or revoked.
            NotSetUpError: If there is no master password yet.
        """
        return await self._by(b"token", token, self._ask_session)

    async def by_api_key(self, plain: str) -> Caller:
        """Return whose key this is.

        Raises:
            InvalidTokenError: If it is none of ours.
        """
        return await self._by(b"key", plain, self._ask_key)

    def forget(self) -> None:
        """Believe nobody without asking again; to be called after anything was revoked."""
        self._known.clear()
        changed, self._changed = self._changed, anyio.Event()
        changed.set()

    async def wait_for_change(self) -> None:
        """Wait until somebody may no longer be who he was; long connections ask again then."""
        await self._changed.wait()

    async def _by(
        self, kind: bytes, secret: str, ask: Callable[[str], Awaitable[Caller]]
    ) -> Caller:
        digest = hashlib.sha256(kind + secret.encode("utf-8", "surrogatepass")).digest()
        if (known := self._remembered(digest)) is not None:
            return known
        # A page asks many things at once; the first of them asks the database for all.
        async with self._asking:
            if (known := self._remembered(digest)) is not None:
                return known
            return await self._learn(digest, secret, ask)

    def _remembered(self, digest: bytes) -> Caller | None:
        known = self._known.get(digest)
        if known is None or self._monotonic() >= known[0]:
            return None
        self._require_unexpired(known[1])
        return known[1]

    async def _learn(
        self, digest: bytes, secret: str, ask: Callable[[str], Awaitable[Caller]]
    ) -> Caller:
        before = self._changed
        caller = await ask(secret)
        # What was revoked while the database answered must not come back to life here.
        if before is self._changed:
            self._known[digest] = (self._monotonic() + REMEMBERED_SECONDS, caller)
            self._known.move_to_end(digest)
            if len(self._known) > _MOST:
                self._known.popitem(last=False)
        return caller

    def _require_unexpired(self, caller: Caller) -> None:
        session = caller.session
        if session is not None and session.expires_at + LEEWAY <= self._clock.now():
            raise InvalidTokenError("it has expired")

    async def _ask_session(self, token: str) -> Caller:
        session = await self._authenticator.authenticate(token)
        return Caller(id=f"session:{session.id}", scope=Scope.ADMIN, session=session)

    async def _ask_key(self, plain: str) -> Caller:
        key = await self._api_keys.authenticate(plain)
        return Caller(id=f"key:{key.id}", scope=key.scope, api_key=key)


#: Recognises the callers of this server.
CALLERS: Final = web.AppKey("CALLERS", Callers)


async def require_caller(request: web.Request) -> Caller:
    """Return who is asking.

    Raises:
        InvalidTokenError: If he did not say, or cannot be believed.
    """
    if CALLER in request:
        return request[CALLER]
    caller = await caller_of(request)
    if caller is None:
        raise InvalidTokenError("there is none")
    return caller


async def caller_of(request: web.Request) -> Caller | None:
    """Find out who is asking; `None` if he does not say.

    Raises:
        DeniedError: If he cannot be believed.
    """
    tokens = request.headers.getall(hdrs.AUTHORIZATION, ())
    keys = request.headers.getall(_API_KEY, ())
    if len(tokens) + len(keys) > 1:
        raise InvalidTokenError("give one token or one API key")
    if keys:
        return await request.app[CALLERS].by_api_key(keys[0])
    if not tokens:
        return None
    scheme, _, token = tokens[0].partition(" ")
    if scheme.lower() != "bearer":
        raise InvalidTokenError("the scheme must be Bearer")
    return await request.app[CALLERS].by_token(token.strip())
