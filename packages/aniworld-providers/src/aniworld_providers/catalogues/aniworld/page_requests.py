"""Request pages of a site and map what goes wrong to errors of this project."""

from collections.abc import Callable
from datetime import timedelta
from typing import Generic, TypeVar

import attrs

from aniworld_core.errors import (
    AniworldError,
    ProviderChangedError,
    ProviderUnavailableError,
    UnusableAnswerError,
    shown_link,
)
from aniworld_core.messages import Message
from aniworld_providers.catalogues.aniworld.layouts.markup import (
    DamagedPageError,
    FailedPageError,
    MissingPieceError,
    NoSuchPageError,
    is_whole,
)
from aniworld_providers.catalogues.aniworld.links import (
    LinkTarget,
    host_of,
    is_same_host,
    parse_link,
)
from aniworld_providers.catalogues.aniworld.site import Site
from aniworld_providers.network.pages import (
    Page,
    PageClient,
    PageMissingError,
    UnreadablePageError,
    parse_in_worker,
)

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class ReadPage(Generic[T]):
    """A parsed page.

    Attributes:
        content: Result of the parser.
        url: Link of the page, after redirects.
        target: Target of that link; `None` for a page outside a series.
    """

    content: T
    url: str
    target: LinkTarget | None


@attrs.define(eq=False, kw_only=True)
class PageReader:
    """Request and parse pages of one site.

    A page that is cut off or contradicts itself is requested a second time.
    """

    _site: Site
    _pages: PageClient

    async def read(
        self,
        url: str,
        parse: Callable[[str], T],
        *,
        fresh: bool = False,
        holds: timedelta = timedelta(),
    ) -> ReadPage[T] | None:
        """Request a page and parse it.

        Args:
            url: Link of the page.
            parse: Parser for its text: a `parse_` method of the site's layout.
            fresh: Whether to ask the site even if a cached response is still valid.
            holds: How long to use a cached response.

        Returns:
            The page, or `None` if the site answers that there is none.

        Raises:
            ProviderChangedError: If a part of it is missing.
            ProviderUnavailableError: If it is damaged twice, reports a fault, or comes from another
                host.
        """
        try:
            return await self._attempt(url, parse, fresh=fresh, holds=holds)
        except DamagedPageError:
            pass
        try:
            return await self._attempt(url, parse, fresh=True, holds=holds)
        except DamagedPageError as error:
            reason = Message("page_damaged", reason=error.args[0])
            raise ProviderUnavailableError(self._site.name, reason) from error

    async def _attempt(
        self, url: str, parse: Callable[[str], T], *, fresh: bool, holds: timedelta
    ) -> ReadPage[T] | None:
        try:
            page = await self._pages.get(
                url, expects=self._site.layout.is_own_page, fresh=fresh, holds=holds
            )
            if self._is_redirected_away(url, page):
                return None
            if not is_whole(page.text):
                raise DamagedPageError(Message("page_ends_early"))
            content = await parse_in_worker(self._site.name, parse, page.text)
        except (PageMissingError, NoSuchPageError):
            return None
        except FailedPageError as error:
            reason = Message("page_says", said=str(error))
            raise ProviderUnavailableError(self._site.name, reason) from error
        except MissingPieceError as error:
            raise self._error(url, page, error) from error
        return ReadPage(content=content, url=page.url, target=parse_link(page.url))

    def _is_redirected_away(self, url: str, page: Page) -> bool:
        """Return whether the site redirects from a series to another page, as for removed ones."""
        if parse_link(url) is None or parse_link(page.url) is not None:
            return False
        if self._is_foreign(url, page):
            raise self._unreachable(page)
        return True

    def _error(self, url: str, page: Page, error: MissingPieceError) -> AniworldError:
        if self._is_foreign(url, page):
            return self._unreachable(page)
        if isinstance(error.__cause__, UnreadablePageError):
            return UnusableAnswerError(self._site.name, error.piece)
        return ProviderChangedError(self._site.name, error.piece)

    def _is_foreign(self, url: str, page: Page) -> bool:
        return not is_same_host(url, page.url) and host_of(page.url) not in self._site.hosts

    def _unreachable(self, page: Page) -> ProviderUnavailableError:
        # Internet providers redirect blocked host names in this way; so does a sold domain.
        reason = Message("redirected_away", url=shown_link(page.url))
        return ProviderUnavailableError(self._site.name, reason)
