"""What can be asked of a server."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from urllib.parse import quote

import aiohttp
import attrs

from aniworld_core.application.catalogue import SearchHitView
from aniworld_core.application.downloads import DownloadItemView, QueueStatus, QueueSummary
from aniworld_core.application.library import AddedAnime, AnimeDetail, AnimeSummary
from aniworld_http.client.feed import Message, listening
from aniworld_http.client.transport import TIMEOUT_SECONDS, Transport
from aniworld_http.schemas.anime import ScanStarted, ScanView
from aniworld_http.schemas.auth import AuthStatus, TokenView
from aniworld_http.schemas.queue import QueueState, Removed, Reordered, Retried, Submitted


@attrs.define(eq=False)
class ServerClient:
    """Asks one server; every method may raise a `RemoteError`."""

    _transport: Transport

    async def auth_status(self) -> AuthStatus:
        """Tell whether the server has a master password, and whether it knows the caller."""
        return await self._transport.ask("GET", "/api/auth/status", AuthStatus)

    async def set_up(
        self, master_password: str, anime_directory: str | None = None, *, code: str | None = None
    ) -> None:
        """Set the first master password; *code* is the one that the server's start printed."""
        body = {
            "master_password": master_password,
            "anime_directory": anime_directory,
            "code": code,
        }
        await self._transport.send("POST", "/api/auth/setup", body)

    async def sign_in(self, password: str, *, remember: bool = False) -> str:
        """Begin a session; what follows is asked in it.

        Returns:
            Its token.
        """
        body = {"password": password, "remember": remember}
        signed_in = await self._transport.ask("POST", "/api/auth/login", TokenView, body)
        self._transport.headers["Authorization"] = f"Bearer {signed_in.access_token}"
        return signed_in.access_token

    async def sign_out(self) -> None:
        """End the session for good."""
        await self._transport.send("POST", "/api/auth/logout")
        self._transport.headers.pop("Authorization", None)

    async def search(self, query: str, provider: str | None = None) -> Sequence[SearchHitView]:
        """Look for series in the catalogues."""
        body = {"query": query, "provider": provider}
        return await self._transport.ask(
            "POST", "/api/anime/search", tuple[SearchHitView, ...], body
        )

    async def add(self, link: str, *, name: str | None = None, follow: bool = False) -> AddedAnime:
        """Take a series into the library."""
        body = {"link": link, "name": name, "follow": follow}
        return await self._transport.ask("POST", "/api/anime/add", AddedAnime, body)

    async def library(self, **query: str) -> Sequence[AnimeSummary]:
        """List the library; the arguments are those of `GET /api/anime`."""
        return await self._transport.ask("GET", "/api/anime", tuple[AnimeSummary, ...], query=query)

    async def series(self, key: str) -> AnimeDetail:
        """Show one series."""
        return await self._transport.ask("GET", f"/api/anime/{quote(key, safe='')}", AnimeDetail)

    async def rescan(self) -> str:
        """Begin a scan and return its id."""
        return (await self._transport.ask("POST", "/api/anime/rescan", ScanStarted)).scan_id

    async def scan(self) -> ScanView:
        """Tell how the scan under way stands, or the last one."""
        return await self._transport.ask("GET", "/api/anime/scan", ScanView)

    async def queue_status(self) -> QueueStatus:
        """Show the whole queue."""
        return await self._transport.ask("GET", "/api/queue/status", QueueStatus)

    async def queue_summary(self) -> QueueSummary:
        """Show the queue in figures."""
        return await self._transport.ask("GET", "/api/queue/summary", QueueSummary)

    async def queue_items(self, **query: str) -> Sequence[DownloadItemView]:
        """List items; the arguments are those of `GET /api/queue/items`."""
        return await self._transport.ask(
            "GET", "/api/queue/items", tuple[DownloadItemView, ...], query=query
        )

    async def queue_add(
        self, key: str, episodes: Sequence[str], priority: str = "normal"
    ) -> Submitted:
        """Queue episodes such as S01E05 of a series."""
        body = {"serie_id": key, "episodes": list(episodes), "priority": priority}
        return await self._transport.ask("POST", "/api/queue/add", Submitted, body)

    async def queue_remove(self, item_ids: Sequence[str]) -> int:
        """Take items out of the queue, active ones included; return how many there were."""
        body = {"item_ids": list(item_ids)}
        return (await self._transport.ask("POST", "/api/queue/remove", Removed, body)).removed

    async def queue_clear(self, status: str) -> int:
        """Take all `completed` or `failed` items out; return how many there were."""
        return (await self._transport.ask("DELETE", f"/api/queue/{status}", Removed)).removed

    async def queue_retry(self, item_ids: Sequence[str] | None = None) -> int:
        """Put failed items back, all when `None`; return how many there were."""
        body = {"item_ids": None if item_ids is None else list(item_ids)}
        return (await self._transport.ask("POST", "/api/queue/retry", Retried, body)).retried

    async def queue_reorder(self, item_ids: Sequence[str]) -> Sequence[DownloadItemView]:
        """Put pending items first, in this order; return them."""
        body = {"item_ids": list(item_ids)}
        return (await self._transport.ask("POST", "/api/queue/reorder", Reordered, body)).items

    async def queue_start(self) -> QueueState:
        """Have the queue worked."""
        return await self._control("start")

    async def queue_stop(self) -> QueueState:
        """Have active items put back, and rest."""
        return await self._control("stop")

    async def queue_pause(self) -> QueueState:
        """Let transfers stand still."""
        return await self._control("pause")

    async def queue_resume(self) -> QueueState:
        """Let transfers go on."""
        return await self._control("resume")

    def follow(self, *rooms: str) -> AbstractAsyncContextManager[AsyncIterator[Message]]:
        """Receive the messages of some rooms inside the context, beginning with their state.

        The iterator ends when the server says goodbye.
        """
        return listening(self._transport, rooms)

    async def _control(self, name: str) -> QueueState:
        return await self._transport.ask("POST", f"/api/queue/{name}", QueueState)


@asynccontextmanager
async def open_client(
    url: str, *, token: str = "", api_key: str = ""
) -> AsyncIterator[ServerClient]:
    """Open a client of the server at an address.

    Args:
        url: Where people open it, such as `http://127.0.0.1:8000/`.
        token: Of a session, if there is one already.
        api_key: Asks with this key instead.
    """
    headers: Mapping[str, str] = {}
    if token:
        headers = {"Authorization": f"Bearer {token}"}
    elif api_key:
        headers = {"X-Api-Key": api_key}
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    # No cookies: who is asking is said in one way only.
    async with aiohttp.ClientSession(
        timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        yield ServerClient(Transport(session, url.rstrip("/"), dict(headers)))
