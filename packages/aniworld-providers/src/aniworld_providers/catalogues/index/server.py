"""One web server: its top folders, and the films below each."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import unquote, urlsplit

import anyio
import attrs

from aniworld_core.domain.configuration import ServerConfig
from aniworld_core.domain.library import is_ignored_name, is_video_name, season_of_folder
from aniworld_core.errors import (
    NeedsPersonError,
    ProviderDeniedError,
    RestrictedError,
    UnusableAnswerError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_providers.catalogues.index.access import IndexAccess
from aniworld_providers.catalogues.index.links import IndexLinks, shown_name
from aniworld_providers.catalogues.index.listing import (
    NAME,
    PROPFIND_BODY,
    SITE,
    Entry,
    read_listing,
    read_multistatus,
)
from aniworld_providers.network import is_bot_check
from aniworld_providers.network.pages import Page, PageClient, parse_in_worker

logger: logging.Logger = logging.getLogger(__name__)

#: Folder levels from the base to a film: the series, a season, and two more.
_DEEPEST: Final = 4
#: Most folders to list for one series, and most films.
_MOST_FOLDERS: Final = 100
_MOST_FILMS: Final = 20_000
#: Statuses of servers without WebDAV for a PROPFIND request.
_NO_DAV: Final = frozenset({400, 403, 404, 405, 406, 411, 415, 501})
#: Time to reuse a listing for further requests.
_REMEMBERED_FOR = timedelta(minutes=5)
_REMEMBERED = 64
#: Time to reuse the listing of a folder without subfolders while its date stays the same. Dates are
#: coarse, so a change within a minute after the listing is noticed a day later.
_FOLDERS_HOLD = timedelta(hours=24)
_MOST_KEPT_FOLDERS = 5000


@attrs.frozen
class Film:
    """A film below the folder of a series.

    Attributes:
        path: Percent-encoded names of folders and file, starting below the series.
    """

    path: tuple[str, ...]
    size: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The path, decoded for display."""
        return tuple(map(shown_name, self.path))


@attrs.define(eq=False, kw_only=True)
class IndexServer:
    """List the folders of one server.

    Methods raise what `PageClient` raises, and `RestrictedError` for forbidden folders.

    Attributes:
        reach: Its configured `host:port`.
    """

    server: ServerConfig
    links: IndexLinks
    reach: str
    access: IndexAccess
    _pages: PageClient
    _clock: Clock
    _is_dav: bool | None = attrs.field(init=False, default=None)
    _turn: anyio.Lock = attrs.field(init=False, factory=anyio.Lock)
    _tops: tuple[datetime, Sequence[Entry]] | None = attrs.field(init=False, default=None)
    _films: dict[str, tuple[datetime, tuple[Film, ...]]] = attrs.field(init=False, factory=dict)
    _leaves: dict[tuple[str, ...], tuple[datetime, str, tuple[Entry, ...]]] = attrs.field(
        init=False, factory=dict
    )

    @property
    def name(self) -> str:
        """Its configured name."""
        return self.server.name

    async def series_folders(self) -> Sequence[Entry]:
        """Return the top folders, from a recent listing if there is one."""
        if self._tops is None or self._is_old(self._tops[0]):
            found = [
                entry
                for entry in await self._list(())
                if entry.is_folder and not is_ignored_name(entry.name)
            ]
            self._tops = self._clock.now(), found
        return self._tops[1]

    async def films(self, top: str, *, remembered: bool) -> tuple[Film, ...]:
        """Return the films of a series.

        Args:
            top: Name of its folder, percent-encoded.
            remembered: Whether a recent listing is good enough.
        """
        kept = self._films.get(top)
        if remembered and kept is not None and not self._is_old(kept[0]):
            return kept[1]
        films = tuple(await self._walk(top))
        self._films.pop(top, None)
        self._films[top] = (self._clock.now(), films)
        while len(self._films) > _REMEMBERED:
            del self._films[next(iter(self._films))]
        return films

    async def headers_for(self, url: str) -> tuple[tuple[str, str], ...]:
        """Return the request headers for a film, renewed if they expire."""
        if self.access.grows_old:
            # Only the authentication matters here, not the answer.
            accepts = frozenset({403, 404, 405, 501})
            await self._ask("HEAD", url, {}, accepts=accepts, wants_body=False)
        return tuple(self.access.headers("GET", url).items())

    async def _walk(self, top: str) -> Sequence[Film]:
        """List the folder of a series and its subfolders, within bounds."""
        films: list[Film] = []
        waiting: list[tuple[tuple[str, ...], str, tuple[frozenset[Entry], ...]]] = [
            ((top,), "", ())
        ]
        looked = 0
        while waiting and len(films) < _MOST_FILMS:
            path, stamp, above = waiting.pop(0)
            if looked >= _MOST_FOLDERS:
                shown = shown_name(top)
                logger.warning("%s: %s has too many folders; some are skipped", self.name, shown)
                break
            entries = await self._leaf(path, stamp)
            looked += 1
            content = frozenset(entries)
            if content in above:
                # The same content as a parent folder: a symbolic link that leads back up.
                continue
            for entry in entries:
                below = (*path, entry.encoded)
                if entry.is_folder and len(below) <= _DEEPEST and not _is_passed_over(entry):
                    waiting.append((below, entry.stamp, (*above, content)))
                elif not entry.is_folder and is_video_name(entry.name):
                    films.append(Film(below[1:], entry.size))
        return films

    async def _leaf(self, path: tuple[str, ...], stamp: str) -> tuple[Entry, ...]:
        """List a folder, unless its date shows that a known listing is still valid.

        The date of a folder covers its own entries only, so a folder with subfolders is always
        listed.
        """
        now = self._clock.now()
        kept = self._leaves.pop(path, None)
        if kept is not None and stamp and kept[1] == stamp and now - kept[0] < _FOLDERS_HOLD:
            self._leaves[path] = kept
            return kept[2]
        entries = await self._list(path)
        if stamp and not any(entry.is_folder for entry in entries):
            self._leaves[path] = now, stamp, entries
            while len(self._leaves) > _MOST_KEPT_FOLDERS:
                del self._leaves[next(iter(self._leaves))]
        return entries

    async def _list(self, path: tuple[str, ...]) -> tuple[Entry, ...]:
        url = self.links.folder(*path)
        if self._is_dav is not False:
            headers = {"Depth": "1", "Content-Type": "application/xml; charset=utf-8"}
            unsure = _NO_DAV if self._is_dav is None else frozenset[int]()
            page = await self._ask("PROPFIND", url, headers, PROPFIND_BODY, accepts=unsure)
            if page.status == 207:
                self._is_dav = True
                return await parse_in_worker(NAME, read_multistatus, page)
            if self._is_dav:
                raise UnusableAnswerError(NAME, Message("answer_no_webdav", server=self.name))
        accept = {"Accept": "application/json, text/html;q=0.9"}
        page = await self._ask("GET", url, accept)
        led_to = urlsplit(page.url).path
        if unquote(led_to).rstrip("/") != unquote(urlsplit(url).path).rstrip("/"):
            raise UnusableAnswerError(NAME, Message("answer_other_folder", url=url, target=led_to))
        entries = await parse_in_worker(NAME, read_listing, page)
        if entries is None:
            if is_bot_check(page.text):
                raise NeedsPersonError(SITE, url, Message("bot_check"))
            raise UnusableAnswerError(NAME, Message("answer_no_file_list", url=url))
        self._is_dav = False
        return entries

    async def _ask(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes = b"",
        *,
        accepts: frozenset[int] = frozenset(),
        wants_body: bool = True,
    ) -> Page:
        """Send a request with the authentication that the server asked for in its refusal."""
        async with self._turn:
            if self.access.is_refused:
                raise self._denied()
            for _ in range(3):
                own = self.access.headers(method, url)
                page = await self._pages.ask(
                    method,
                    url,
                    headers=headers | own,
                    body=body,
                    accepts=accepts | {401, 403},
                    wants_body=wants_body,
                )
                if page.status != 401:
                    break
                challenge = page.headers.get("www-authenticate", "")
                if not self.access.challenged(challenge, was_sent=bool(own)):
                    self.access.is_refused = True
                    raise self._denied()
        if page.status == 403 and 403 not in accepts:
            raise RestrictedError(self.name, Message("folder_access_denied"))
        if page.status not in accepts:
            self.access.accepted()
        return page

    def _is_old(self, since: datetime) -> bool:
        return self._clock.now() - since >= _REMEMBERED_FOR

    def _denied(self) -> ProviderDeniedError:
        error = ProviderDeniedError(NAME)
        error.hint = Message("server_denied.hint", server=self.name, provider=NAME)
        return error


def _is_passed_over(entry: Entry) -> bool:
    return is_ignored_name(entry.name) and season_of_folder(entry.name) is None
