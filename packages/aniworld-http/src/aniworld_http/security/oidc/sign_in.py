"""Sign-ins with an identity provider: what a browser began, and the accounts of identities."""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Final

import attrs
import jwt
from aiohttp import web

from aniworld_core.application.access import AccountChange, Accounts
from aniworld_core.domain.access import Account, Role, parse_role, parse_user_name
from aniworld_core.domain.configuration import OidcConfig, OtherUsers
from aniworld_core.errors import (
    InvalidNameError,
    ProviderSignInError,
    UserExistsError,
    UserNotFoundError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_http.security.oidc.provider import Identity, Provider

#: Binds a sign-in to the browser that began it. Readable by no script, and no credential.
STATE_COOKIE: Final = "aniworld_oidc"
#: How long a person may take at the provider.
LIFETIME: Final = timedelta(minutes=10)
_ALGORITHM: Final = "HS256"
_CLAIMS: Final = ("exp", "state", "nonce", "verifier")
#: States that were used; older ones have expired.
_MOST_USED: Final = 4096


def _derived(key: bytes) -> bytes:
    return hmac.digest(key, b"aniworld oidc state", "sha256")


@attrs.define(eq=False, kw_only=True)
class OidcSignIn:
    """Begins and finishes sign-ins. The cookie holds what is needed, so nobody can fill a store.

    Args:
        config: Return the present configuration.
        accounts: The accounts.
        clock: The time.
        key: Secret of the server, from which the key of the cookie is derived.
    """

    _config: Callable[[], OidcConfig]
    _accounts: Accounts
    _clock: Clock
    _key: bytes = attrs.field(repr=False, converter=_derived)
    _provider: Provider | None = attrs.field(default=None, init=False)
    _used: OrderedDict[str, None] = attrs.field(factory=OrderedDict, init=False)

    @property
    def label(self) -> str:
        """Name of the provider; empty when none is configured."""
        return Provider(self._config(), self._clock).label if self._config().is_on else ""

    async def begin(self) -> tuple[str, str]:
        """Return the address at the provider, and the value of the cookie.

        Raises:
            ProviderSignInError: If none is configured, or it cannot be reached.
        """
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        address = await self._present().authorization_url(state, nonce, verifier)
        claims = {
            "exp": int((self._clock.now() + LIFETIME).timestamp()),
            "state": state,
            "nonce": nonce,
            "verifier": verifier,
        }
        return address, jwt.encode(claims, self._key, _ALGORITHM)

    async def finish(self, cookie: str, state: str, code: str, issuer: str | None) -> Account:
        """Return the account of the user that comes back from the provider.

        The account is created at the first sign-in; its role follows the groups at each.

        Raises:
            ProviderSignInError: If the answer belongs to no sign-in of this browser, the provider
                refuses it, or the user has no role or is disabled.
        """
        provider = self._present()
        claims = self._read(provider, cookie)
        if not hmac.compare_digest(claims["state"].encode(), state.encode("utf-8", "replace")):
            raise ProviderSignInError(provider.label, Message("oidc_state"))
        if state in self._used:
            raise ProviderSignInError(provider.label, Message("oidc_state"))
        self._used[state] = None
        if len(self._used) > _MOST_USED:
            self._used.popitem(last=False)
        identity = await provider.identity(code, claims["verifier"], claims["nonce"], issuer)
        return await self._account_of(provider, identity)

    def refused(self, detail: str) -> ProviderSignInError:
        """Return the error for an answer in which the provider refuses the sign-in."""
        return ProviderSignInError(self.label, Message("oidc_refused", detail=detail[:100]))

    def _present(self) -> Provider:
        config = self._config()
        if not config.is_on:
            raise ProviderSignInError("OpenID Connect", Message("oidc_off"))
        if self._provider is None or self._provider.config != config:
            self._provider = Provider(config, self._clock)
        return self._provider

    def _read(self, provider: Provider, cookie: str) -> dict[str, str]:
        try:
            claims: dict[str, str] = jwt.decode(
                cookie,
                self._key,
                algorithms=[_ALGORITHM],
                options={"require": list(_CLAIMS), "verify_exp": False},
            )
        except (jwt.PyJWTError, ValueError) as error:
            raise ProviderSignInError(provider.label, Message("oidc_state")) from error
        if float(claims["exp"]) <= self._clock.now().timestamp():
            most = LIFETIME // timedelta(minutes=1)
            raise ProviderSignInError(provider.label, Message("oidc_expired_state", most=most))
        return claims

    async def _account_of(self, provider: Provider, identity: Identity) -> Account:
        role = _role_of(provider.config, identity.groups)
        if role is None:
            reason = Message("oidc_no_group", user=identity.name[:64])
            raise ProviderSignInError(provider.label, reason)
        # The same user always has the same id, and no name gives anybody the account of another.
        digest = hashlib.sha256(f"{identity.issuer}\n{identity.subject}".encode()).hexdigest()
        user_id = digest[:32]
        try:
            account = await self._accounts.get(user_id)
        except UserNotFoundError:
            names = (_usable(identity.name), f"{_usable(identity.name)} {user_id[:8]}")
            for name in names:
                try:
                    return await self._accounts.create(name, role, user_id=user_id)
                except UserExistsError:
                    continue
            raise
        if account.is_disabled:
            raise ProviderSignInError(provider.label, Message("oidc_disabled", user=account.name))
        if account.role is not role:
            account = await self._accounts.change(user_id, AccountChange(role=role))
        return account


def _role_of(config: OidcConfig, groups: Collection[str]) -> Role | None:
    """Return the largest role of the groups, else that of other users."""
    listed = (
        (Role.MANAGE, config.manage_groups),
        (Role.REQUEST, config.request_groups),
        (Role.VIEW, config.view_groups),
    )
    for role, names in listed:
        if not set(names).isdisjoint(groups):
            return role
    other = config.default_role
    return None if other is OtherUsers.NONE else parse_role(other)


def _usable(name: str) -> str:
    """Return a name that an account may have, as close to the given one as possible."""
    shown = "".join(c for c in name if c.isprintable())[:50]
    try:
        return parse_user_name(shown)
    except InvalidNameError:
        return "user"


#: Sign-ins of this server with an identity provider.
OIDC: Final = web.AppKey("OIDC", OidcSignIn)
