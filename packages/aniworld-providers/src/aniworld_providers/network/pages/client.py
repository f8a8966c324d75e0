"""Page client: fetch pages and JSON of catalogues.

It limits the request rate, uses cached answers while they are valid, names itself honestly and
does not repeat a refused request. It connects only to permitted addresses, limits the size of
answers and raises the errors of this project.
"""

import json
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from random import SystemRandom
from typing import TYPE_CHECKING, Final

import anyio
import attrs

from aniworld_core.domain.retry_policy import RequestedWaits, RetryPolicy
from aniworld_core.errors import (
    InvalidLinkError,
    NeedsPersonError,
    ProviderUnavailableError,
    UnusableAnswerError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_providers.network.answers import REDIRECT_STATUSES, is_bot_check
from aniworld_providers.network.guard import AddressGuard
from aniworld_providers.network.pages.answers import (
    NotJsonError,
    Page,
    PageRequest,
    TemporaryFaultError,
    raise_for_status,
)
from aniworld_providers.network.pages.exchanges import (
    Player,
    note_decision,
    note_exchange,
)

if TYPE_CHECKING:
    import httpx

logger: logging.Logger = logging.getLogger(__name__)

#: Largest decoded answer, in bytes.
MAX_PAGE: Final = 5 * 1024**2
#: Longest total wait for a site during one request; the caller handles longer ones.
LONGEST_RETRY_WAIT: Final = timedelta(seconds=10)
_MAX_REDIRECTS = 5
#: Seconds for one attempt with its redirects, so that a very slow answer ends too.
_DEADLINE = 60.0
_RETRIES = RetryPolicy(
    limit=2,
    base=timedelta(seconds=0.5),
    ceiling=timedelta(seconds=5),
    requested=RequestedWaits(total=LONGEST_RETRY_WAIT),
)
_RANDOM = SystemRandom()


@attrs.frozen(kw_only=True)
class PageLimits:
    """Limits of a page client.

    Attributes:
        concurrency: Most concurrent requests to one host.
        max_bytes: Largest decoded answer, in bytes.
    """

    concurrency: int = 2
    max_bytes: int = MAX_PAGE


@attrs.define(eq=False, kw_only=True)
class PageClient:
    """Fetch pages of one provider's site. Open it with `open_page_client`.

    Every method raises `ProviderUnavailableError` (no usable answer now; with `retry_after` if the
    site named a time), `NeedsPersonError` (bot check, login or region), `ProviderDeniedError` (the
    site refuses the credentials), `PageMissingError` (404 or 410), `ProviderChangedError` (an
    answer that the site never sends) and `AddressRefusedError` (the guard refuses the address).
    """

    provider: str
    site: str
    _guard: AddressGuard
    _clock: Clock
    _connect: "Callable[[], httpx.AsyncClient]"
    _limits: PageLimits
    _player: Player | None = None
    _client: "httpx.AsyncClient | None" = attrs.field(init=False, default=None)
    _slots: dict[str, anyio.Semaphore] = attrs.field(init=False, factory=dict)
    _not_before: dict[str, datetime] = attrs.field(init=False, factory=dict)

    async def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        expects: Callable[[str], bool] | None = None,
        fresh: bool = False,
        holds: timedelta = timedelta(),
        wants_body: bool = True,
        declared_charset: bool = False,
    ) -> Page:
        """Return a page, after redirects, decoded as UTF-8.

        Args:
            url: The link.
            params: Added to the query, percent-encoded.
            headers: Sent to the same origin only, not after a redirect to another one.
            expects: Returns whether a text is a real page of the site, so that a word in it is not
                mistaken for a bot check.
            fresh: Whether to ask the site even if a cached answer is still valid.
            holds: How long to use a cached answer, also from other processes, even if the site
                marks it as stale. An answer with `no-store` is never cached.
            wants_body: Whether to read the body; if not, it may be of any length.
            declared_charset: Whether to decode it as its header or XML declaration states.
        """
        asked = attrs.evolve(
            PageRequest.of(url, params, headers, fresh=fresh),
            holds=holds,
            wants_body=wants_body,
            declared_charset=declared_charset,
        )
        page = await self._ask(asked)
        if is_bot_check(page.text) and not (expects and expects(page.text)):
            raise NeedsPersonError(self.site, page.url, Message("bot_check"))
        return page

    async def get_json(
        self,
        url: str,
        *,
        params: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        fresh: bool = False,
        holds: timedelta = timedelta(),
    ) -> object:
        """Return the JSON value at *url*; arguments as for `get`.

        Raises:
            NotJsonError: If the answer is something else, such as an HTML page.
        """
        accepting = {"Accept": "application/json", **(headers or {})}
        asked = attrs.evolve(PageRequest.of(url, params, accepting, fresh=fresh), holds=holds)
        return self.read_json(await self._ask(asked))

    async def ask(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        accepts: Collection[int] = (),
        wants_body: bool = True,
    ) -> Page:
        """Send any kind of request and return the answer, never a cached one.

        A redirect to another origin is refused, because the request may carry credentials.

        Args:
            method: HTTP method, such as `POST` or `PROPFIND`. It must be safe to repeat.
            url: The link.
            params: Added to the query, percent-encoded.
            headers: Request headers.
            body: Request body.
            accepts: Statuses to return instead of raising an error.
            wants_body: Whether to read the body; if not, it may be of any length.
        """
        asked = PageRequest.of(url, params, headers, fresh=True)
        return await self._ask(
            attrs.evolve(
                asked,
                method=method,
                body=body,
                accepts=frozenset(accepts),
                wants_body=wants_body,
                stays=True,
            )
        )

    def read_json(self, page: Page) -> object:
        """Return the JSON value of an answer.

        Raises:
            NotJsonError: If the answer is something else, such as an HTML page.
        """
        try:
            value: object = json.loads(page.text)
        except (ValueError, RecursionError) as error:
            if is_bot_check(page.text):
                raise NeedsPersonError(self.site, page.url, Message("bot_check")) from error
            raise NotJsonError(self.provider, page.url) from error
        return value

    async def aclose(self) -> None:
        """Close the connections and the cache at once."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _ask(self, asked: PageRequest) -> Page:
        """Send a request, with retries, until there is an answer or a final error."""
        state = _RETRIES.start()
        while True:
            self._respect_wait(asked.host)
            try:
                return await self._attempt(asked)
            except TemporaryFaultError as fault:
                following = state.failed(requested=fault.retry_after, draw=_RANDOM.random())
                if following is None:
                    raise self._given_up(fault) from fault
                state, wait = following, following.delay.total_seconds()
                note_decision(f"{fault.reason}; retry in {wait:.1f} s")
                logger.info("%s: %s; retry in %.1f s", self.provider, fault.reason, wait)
                await self._clock.sleep(state.delay)

    def _given_up(self, fault: TemporaryFaultError) -> ProviderUnavailableError:
        """Return the error after the last attempt; keep to the wait that the site asked for."""
        if fault.retry_after is not None:
            self._not_before[fault.host] = self._clock.now() + fault.retry_after
        return ProviderUnavailableError(self.provider, fault.reason, retry_after=fault.retry_after)

    async def _attempt(self, asked: PageRequest) -> Page:
        from aniworld_providers.network.pages.http import mapped_errors

        slot = self._slots.setdefault(asked.host, anyio.Semaphore(self._limits.concurrency))
        async with slot:
            with mapped_errors(self.provider, asked.host), anyio.fail_after(_DEADLINE):
                return await self._follow(asked)

    async def _follow(self, asked: PageRequest) -> Page:
        self._guard.check_url(asked.url)
        for _ in range(_MAX_REDIRECTS + 1):
            page = await self._exchange(asked)
            target = page.headers.get("location", "")
            if page.status in asked.accepts:
                return page
            if page.status not in REDIRECT_STATUSES or not target:
                raise_for_status(
                    page, asked, provider=self.provider, site=self.site, clock=self._clock
                )
                return page
            asked = self._redirected(asked, target)
        reason = Message("too_many_redirects", host=asked.host, limit=_MAX_REDIRECTS)
        raise ProviderUnavailableError(self.provider, reason)

    async def _exchange(self, asked: PageRequest) -> Page:
        from aniworld_providers.network.pages.http import exchange

        if self._player is not None:
            return self._player.answer(asked)
        if self._client is None:
            self._client = self._connect()
        page = await exchange(
            self._client, asked, provider=self.provider, max_bytes=self._limits.max_bytes
        )
        note_exchange(asked, page)
        return page

    def _redirected(self, asked: PageRequest, target: str) -> PageRequest:
        try:
            following = asked.redirected(target)
            self._guard.check_url(following.url)
        except (InvalidLinkError, ValueError) as error:
            raise UnusableAnswerError(self.provider, Message("answer_bad_redirect")) from error
        if asked.stays and following.origin != asked.origin:
            reason = Message("redirected_to_origin", origin=following.origin)
            raise ProviderUnavailableError(self.provider, reason)
        return following

    def _respect_wait(self, host: str) -> None:
        """Raise an error while the wait that a site asked for is not over."""
        until = self._not_before.get(host)
        if until is None:
            return
        left = until - self._clock.now()
        if left > timedelta():
            raise ProviderUnavailableError(
                self.provider, Message("asked_to_wait"), retry_after=left
            )
        del self._not_before[host]
