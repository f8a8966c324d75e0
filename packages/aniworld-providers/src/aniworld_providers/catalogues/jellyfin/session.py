"""Authenticated requests to one server.

The token is sent in the `Authorization` header, never in a link, because links appear in logs. A
token from a login is kept in memory only and is revoked at the end.
"""

import json
import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Final
from urllib.parse import quote

import anyio
import attrs

from aniworld_core.domain.configuration import ServerConfig
from aniworld_core.errors import (
    AniworldError,
    NeedsPersonError,
    ProviderChangedError,
    ProviderDeniedError,
    ProviderUnavailableError,
    RestrictedError,
)
from aniworld_core.messages import Message
from aniworld_providers.catalogues.jellyfin.answers import NAME, SITE, text
from aniworld_providers.catalogues.jellyfin.links import JellyfinLinks, item_id_of
from aniworld_providers.network import is_bot_check
from aniworld_providers.network.pages import Page, PageClient

_REFUSALS: Final = frozenset({400, 401, 403})
#: Seconds to wait for a logout, so that closing does not hang.
_LOGOUT_SECONDS = 2.0


@attrs.frozen(kw_only=True, eq=False)
class Access:
    """Credentials for requests.

    Attributes:
        header: The `Authorization` header.
        token: The secret in it.
        user_id: The user, if known.
        may_download: Whether the user may download files; `None` if unknown.
    """

    header: str = attrs.field(repr=False)
    token: str = attrs.field(repr=False)
    user_id: str = ""
    may_download: bool | None = None


@attrs.define(eq=False, kw_only=True)
class JellyfinSession:
    """Send requests to one server; log in when needed.

    Methods raise what `PageClient` raises, and `RestrictedError` if the user lacks a permission.
    Refused credentials are not tried again.
    """

    server: ServerConfig
    links: JellyfinLinks
    _pages: PageClient
    _version: str
    _device: str = attrs.field(init=False, factory=lambda: uuid.uuid4().hex)
    _lock: anyio.Lock = attrs.field(init=False, factory=anyio.Lock)
    _access: Access | None = attrs.field(init=False, default=None)
    _is_refused: bool = attrs.field(init=False, default=False)

    async def get_json(self, path: str, params: Mapping[str, str]) -> object:
        """Return the JSON value at an API path."""
        access = await self.access()
        asked = {**params, **({"userId": access.user_id} if access.user_id else {})}
        return self._pages.read_json(await self._answered(self.links.api(path), asked))

    async def access(self) -> Access:
        """Return the credentials for requests; log in if needed.

        Raises:
            ProviderDeniedError: If there are no credentials, or the server refused them.
        """
        async with self._lock:
            if self._is_refused:
                raise self._denied()
            if self._access is None:
                self._access = await self._obtain()
            return self._access

    async def require_download(self, item_id: str) -> None:
        """Check once, with the first requested file, that the user may download files.

        Raises:
            RestrictedError: If the user may not.
        """
        access = await self.access()
        if access.may_download is None:
            one_byte = {"Range": "bytes=0-0"}
            await self._answered(self.links.download(item_id), {}, one_byte, wants_body=False)
            access = await self.access()
            self._access = attrs.evolve(access, may_download=True)
        elif not access.may_download:
            raise self._restricted(Message("user_no_downloads"))

    async def aclose(self) -> None:
        """Revoke a token from a login."""
        access, self._access = self._access, None
        if access is None or self.server.token:
            return
        with anyio.move_on_after(_LOGOUT_SECONDS, shield=True), suppress(AniworldError):
            url = self.links.api("/Sessions/Logout")
            await self._pages.ask("POST", url, headers={"Authorization": access.header})

    async def _answered(
        self,
        url: str,
        params: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
        *,
        wants_body: bool = True,
    ) -> Page:
        """Send a request with a valid token; if the token has expired, retry with a new one."""
        for is_last in (False, True):
            access = await self.access()
            page = await self._pages.ask(
                "GET",
                url,
                params=params,
                headers={"Accept": "application/json", "Authorization": access.header}
                | dict(headers or {}),
                accepts=_REFUSALS,
                wants_body=wants_body,
            )
            if page.status != 401:
                break
            self._look_for_challenge(page)
            await self._expire(access, for_good=is_last)
        self._look_for_challenge(page)
        if page.status == 403:
            raise self._restricted(self._said(page) or Message("user_lacks_right"))
        if page.status == 400:
            said = self._said(page) or Message("http_status", status=400)
            raise ProviderUnavailableError(
                NAME, Message("server_says", server=self.server.name, said=said)
            )
        return page

    async def _expire(self, access: Access, *, for_good: bool) -> None:
        async with self._lock:
            if self._access is access:
                self._access = None
            if self.server.token or for_good:
                self._is_refused = True
                raise self._denied()

    async def _obtain(self) -> Access:
        if self.server.token:
            return await self._by_token()
        if not self.server.username:
            raise self._denied(Message("server_login.hint", server=self.server.name))
        return await self._by_password()

    async def _by_token(self) -> Access:
        """Use the configured API key; with a user name, act for that user."""
        header = self._header(self.server.token)
        if not self.server.username:
            return Access(header=header, token=self.server.token)
        url, headers = self.links.api("/Users"), {"Authorization": header}
        page = await self._pages.ask("GET", url, headers=headers, accepts=_REFUSALS)
        if page.status == 401:
            self._is_refused = True
            raise self._denied()
        users = self._pages.read_json(page) if page.status == 200 else []
        for user in users if isinstance(users, list) else []:
            if isinstance(user, dict) and _same(user.get("Name"), self.server.username):
                user_id = item_id_of(user.get("Id"))
                return Access(header=header, token=self.server.token, user_id=user_id)
        return Access(header=header, token=self.server.token)

    async def _by_password(self) -> Access:
        body = json.dumps({"Username": self.server.username, "Pw": self.server.password})
        headers = {"Authorization": self._header(), "Content-Type": "application/json"}
        url = self.links.api("/Users/AuthenticateByName")
        page = await self._pages.ask(
            "POST", url, headers=headers, body=body.encode(), accepts=_REFUSALS
        )
        self._look_for_challenge(page)
        if page.status in _REFUSALS:
            self._is_refused = True
            raise self._denied()
        answer = self._pages.read_json(page)
        user = answer.get("User") if isinstance(answer, dict) else None
        token = answer.get("AccessToken") if isinstance(answer, dict) else None
        if not isinstance(user, dict) or not isinstance(token, str) or not token:
            raise ProviderChangedError(NAME, Message("piece_login_token"))
        policy = user.get("Policy")
        right = policy.get("EnableContentDownloading") if isinstance(policy, dict) else None
        return Access(
            header=self._header(token),
            token=token,
            user_id=item_id_of(user.get("Id")),
            # A granted permission may still be missing for one library.
            may_download=False if right is False else None,
        )

    def _header(self, token: str = "") -> str:
        fields = {
            "Client": "Aniworld",
            "Device": "Aniworld",
            "DeviceId": self._device,
            "Version": self._version,
        }
        if token:
            fields["Token"] = token
        # Servers percent-decode the values, so no character can end one.
        return "MediaBrowser " + ", ".join(f'{k}="{quote(v, safe="")}"' for k, v in fields.items())

    def _look_for_challenge(self, page: Page) -> None:
        if page.status in _REFUSALS and is_bot_check(page.text):
            raise NeedsPersonError(SITE, self.links.base, Message("bot_check"))

    def _denied(self, hint: str = "") -> ProviderDeniedError:
        error = ProviderDeniedError(NAME)
        error.hint = hint or (Message("server_denied.hint", server=self.server.name, provider=NAME))
        return error

    def _restricted(self, reason: str) -> RestrictedError:
        error = RestrictedError(self.server.name, reason)
        error.hint = Message("user_rights.hint")
        return error

    def _said(self, page: Page) -> str:
        """Return the message of an error: plain text, or JSON after RFC 7807; without secrets."""
        said = page.text
        with suppress(ValueError, RecursionError):
            problem = json.loads(said)
            if isinstance(problem, dict):
                said = text(problem.get("detail")) or text(problem.get("title"))
        token = self._access.token if self._access else ""
        for secret in (self.server.password, self.server.token, token):
            said = said.replace(secret, "…") if secret else said
        said = text(said)
        return "" if said.startswith("<") else said[:200]


def _same(name: object, username: str) -> bool:
    return isinstance(name, str) and name.casefold() == username.casefold()
