"""Callers of requests: tokens and API keys looked up in the database, with a short cache."""

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
from aniworld_core.application.actors import ActorName
from aniworld_core.domain.access import MASTER, Account, ApiKey, Scope, Session
from aniworld_core.domain.identity import SessionId
from aniworld_core.errors import DeniedError, InvalidTokenError, StorageUnavailableError
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_http.operations import policy_of
from aniworld_http.security.media_links import MediaLinks

_API_KEY: Final = istr("X-Api-Key")
#: Seconds to use a cached caller without reading the database. A token or key revoked by this
#: process is invalid at once, one revoked by another process after this time.
CACHE_SECONDS: Final = 15.0
#: The same if several machines share the database: notices of a sign-out may be lost.
LINKED_CACHE_SECONDS: Final = 0.5
_MOST: Final = 4096


@attrs.frozen(kw_only=True)
class Caller:
    """An identified caller.

    Attributes:
        id: Distinguishes callers; not secret.
        scope: What the caller may do.
        session: Session of the token; `None` for an API key.
        api_key: The API key; `None` for a session.
        account: Account that owns the session or key; `None` for the master password.
    """

    id: str
    scope: Scope
    session: Session | None = None
    api_key: ApiKey | None = None
    account: Account | None = None

    @property
    def user(self) -> str:
        """Owner of its sessions and API keys."""
        return MASTER if self.account is None else self.account.id

    @property
    def user_name(self) -> str | None:
        """Name of its account; `None` for the master password."""
        return None if self.account is None else self.account.name

    @property
    def actor(self) -> tuple[ActorName, str]:
        """How the history names the caller."""
        name = self.user_name or ""
        if self.api_key is None:
            return "person", name
        return "api_key", f"{self.api_key.name} ({name})" if name else self.api_key.name


#: Caller of the request; absent when it has no valid token or API key.
CALLER: Final = web.RequestKey("CALLER", Caller)


@attrs.define(eq=False, kw_only=True)
class Callers:
    """Finds the callers of tokens and API keys, and caches them for some seconds.

    Args:
        authenticator: Checks tokens against stored sessions.
        api_keys: Checks API keys.
        links: Reads signed links to media.
        clock: Time for the expiry of sessions.
        cache_seconds: Seconds to use a cached caller.
        monotonic: Return seconds of a clock that is never set.
    """

    _authenticator: Authenticator
    _api_keys: ApiKeys
    _links: MediaLinks
    _clock: Clock
    _cache_seconds: float = CACHE_SECONDS
    _monotonic: Callable[[], float] = time.monotonic
    _known: OrderedDict[bytes, tuple[float, Caller]] = attrs.field(factory=OrderedDict, init=False)
    _changed: anyio.Event = attrs.field(factory=anyio.Event, init=False)
    _asking: anyio.Lock = attrs.field(factory=anyio.Lock, init=False)

    async def by_token(self, token: str) -> Caller:
        """Return the caller of a token.

        Raises:
            InvalidTokenError: If the token is forged, expired or revoked.
            NotSetUpError: If no master password is set.
        """
        return await self._by(b"token", token, self._ask_session)

    async def by_api_key(self, plain: str) -> Caller:
        """Return the caller of an API key.

        Raises:
            InvalidTokenError: If there is no such key.
        """
        return await self._by(b"key", plain, self._ask_key)

    async def by_media_link(self, signed: str) -> Caller:
        """Return the caller that requested a link; it may read.

        Raises:
            InvalidTokenError: If the link is forged or expired, or the caller's session or API key
                has ended.
        """
        return await self._by(b"link", signed, self._ask_link)

    async def is_active(self, caller: Caller) -> bool:
        """Return whether the session or API key of a caller has not ended since.

        While the database does not answer, nothing is known to have ended.
        """
        try:
            await self._by(b"id", caller.id, self._ask_id)
        except DeniedError:
            return False
        except StorageUnavailableError:
            return True
        return True

    async def by_feed_token(self, plain: str) -> Caller:
        """Return the caller of a key with the scope calendar; others are refused.

        A link is shared and stored by programs, so it must not contain a key that opens more.

        Raises:
            InvalidTokenError: If there is no such key, or it has another scope.
        """
        caller = await self._by(b"key", plain, self._ask_key)
        if caller.scope is not Scope.CALENDAR:
            raise InvalidTokenError(Message("token_not_of_feed"))
        return caller

    def clear(self) -> None:
        """Empty the cache; called after a session, key or account was changed or ended."""
        self._known.clear()
        changed, self._changed = self._changed, anyio.Event()
        changed.set()

    async def wait_for_change(self) -> None:
        """Wait until a session or key was revoked; open WebSockets check their caller then."""
        await self._changed.wait()

    async def _by(
        self, kind: bytes, secret: str, ask: Callable[[str], Awaitable[Caller]]
    ) -> Caller:
        digest = hashlib.sha256(kind + secret.encode("utf-8", "surrogatepass")).digest()
        if (known := self._remembered(digest)) is not None:
            return known
        # A page sends many requests at once; only the first of them reads the database.
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
        # A token revoked while the database was read must not enter the cache.
        if before is self._changed:
            self._known[digest] = (self._monotonic() + self._cache_seconds, caller)
            self._known.move_to_end(digest)
            if len(self._known) > _MOST:
                self._known.popitem(last=False)
        return caller

    def _require_unexpired(self, caller: Caller) -> None:
        session = caller.session
        if session is not None and session.expires_at + LEEWAY <= self._clock.now():
            raise InvalidTokenError(Message("token_expired"))

    async def _ask_session(self, token: str) -> Caller:
        return await self._of_session(await self._authenticator.authenticate(token), Scope.ADMIN)

    async def _ask_link(self, signed: str) -> Caller:
        return await self._ask_id(self._links.read(signed).caller_id)

    async def _ask_id(self, caller_id: str) -> Caller:
        kind, _, name = caller_id.partition(":")
        if kind == "key":
            return await self._of_key(await self._api_keys.with_id(name))
        session = await self._authenticator.active_session(SessionId(name))
        return await self._of_session(session, Scope.READ)

    async def _ask_key(self, plain: str) -> Caller:
        return await self._of_key(await self._api_keys.authenticate(plain))

    async def _of_session(self, session: Session, most: Scope) -> Caller:
        account = await self._authenticator.accounts.owner(session.user)
        scope = most if account is None else most.within(account.role.scope)
        return Caller(id=f"session:{session.id}", scope=scope, session=session, account=account)

    async def _of_key(self, key: ApiKey) -> Caller:
        account = await self._authenticator.accounts.owner(key.user)
        # The role of the owner may have become smaller after the key was created.
        scope = key.scope if account is None else key.scope.within(account.role.scope)
        return Caller(id=f"key:{key.id}", scope=scope, api_key=key, account=account)


#: The callers of this server.
CALLERS: Final = web.AppKey("CALLERS", Callers)


async def require_caller(request: web.Request) -> Caller:
    """Return the caller of a request.

    Raises:
        InvalidTokenError: If the token or API key is missing or invalid.
    """
    if CALLER in request:
        return request[CALLER]
    caller = await caller_of(request)
    if caller is None:
        raise InvalidTokenError(Message("token_missing"))
    return caller


async def caller_of(request: web.Request) -> Caller | None:
    """Return the caller of a request; `None` if it has neither token nor API key.

    Raises:
        DeniedError: If the token or API key is invalid.
    """
    tokens = request.headers.getall(hdrs.AUTHORIZATION, ())
    keys = request.headers.getall(_API_KEY, ())
    if not tokens and not keys:
        return await _caller_of_address(request)
    if len(tokens) + len(keys) > 1:
        raise InvalidTokenError(Message("token_given_twice"))
    if keys:
        return await request.app[CALLERS].by_api_key(keys[0])
    if not tokens:
        return None
    scheme, _, token = tokens[0].partition(" ")
    if scheme.lower() != "bearer":
        raise InvalidTokenError(Message("token_not_bearer"))
    return await request.app[CALLERS].by_token(token.strip())


async def _caller_of_address(request: web.Request) -> Caller | None:
    """Return the caller that the address of a request identifies, where the policy allows it."""
    policy, callers = policy_of(request), request.app[CALLERS]
    if policy.takes_media_link:
        return await callers.by_media_link(request.match_info["link"])
    if policy.takes_feed_token and (feed := request.query.get("token")) is not None:
        return await callers.by_feed_token(feed)
    return None
