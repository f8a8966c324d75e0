"""Asking a site for pages and saying in our words what went wrong."""

from collections.abc import Callable
from datetime import timedelta
from typing import Generic, TypeVar

import attrs

from aniworld_core.errors import AniworldError, ProviderChangedError, ProviderUnavailableError
from aniworld_providers.catalogues.aniworld.layouts.markup import (
    DamagedPageError,
    FailedPageError,
    MissingPieceError,
    NoSuchPageError,
    is_whole,
)
from aniworld_providers.catalogues.aniworld.links import Place, host_of, is_same_host, place_in
from aniworld_providers.catalogues.aniworld.site import Site
from aniworld_providers.network.pages import Page, PageClient, PageMissingError, parse_in_worker

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Visit(Generic[T]):
    """A page that was read.

    Attributes:
        content: What it says.
        url: Where it came from after redirects.
        place: What that link leads to; `None` for a page that belongs to no series.
    """

    content: T
    url: str
    place: Place | None


@attrs.define(eq=False, kw_only=True)
class Visitor:
    """Asks one site for pages.

    A page without its end is asked for once more; so is one that contradicts itself.
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
    ) -> Visit[T] | None:
        """Ask for a page and read it.

        Args:
            url: Where it is.
            parse: Reads its text; one of the `read_` methods of the site's layout.
            fresh: Ask the site even if a kept answer still holds.
            holds: How long a kept answer is good enough.

        Returns:
            The page, or `None` if the site says that there is none.

        Raises:
            ProviderChangedError: If a piece of it is missing.
            ProviderUnavailableError: If it is damaged twice, the site reports a fault, or
                something else answers in its place.
        """
        try:
            return await self._attempt(url, parse, fresh=fresh, holds=holds)
        except DamagedPageError:
            pass
        try:
            return await self._attempt(url, parse, fresh=True, holds=holds)
        except DamagedPageError as error:
            reason = f"its page is damaged ({error})"
            raise ProviderUnavailableError(self._site.name, reason) from error

    async def _attempt(
        self, url: str, parse: Callable[[str], T], *, fresh: bool, holds: timedelta
    ) -> Visit[T] | None:
        try:
            page = await self._pages.get(
                url, expects=self._site.layout.is_true_page, fresh=fresh, holds=holds
            )
            if self._leads_home(url, page):
                return None
            if not is_whole(page.text):
                raise DamagedPageError("it ends too early")
            content = await parse_in_worker(self._site.name, parse, page.text)
        except (PageMissingError, NoSuchPageError):
            return None
        except FailedPageError as error:
            reason = f"its page says {error}"
            raise ProviderUnavailableError(self._site.name, reason) from error
        except MissingPieceError as error:
            raise self._blamed(url, page, error) from error
        return Visit(content=content, url=page.url, place=place_in(page.url))

    def _leads_home(self, url: str, page: Page) -> bool:
        """Whether a page of a series is answered by a page of none, as for removed ones."""
        if place_in(url) is None or place_in(page.url) is not None:
            return False
        if self._is_foreign(url, page):
            raise self._unreachable(page)
        return True

    def _blamed(self, url: str, page: Page, error: MissingPieceError) -> AniworldError:
        if self._is_foreign(url, page):
            return self._unreachable(page)
        return ProviderChangedError(self._site.name, error.piece)

    def _is_foreign(self, url: str, page: Page) -> bool:
        return not is_same_host(url, page.url) and host_of(page.url) not in self._site.hosts

    def _unreachable(self, page: Page) -> ProviderUnavailableError:
        # Providers of internet access answer like this for names they block.
        reason = f"its name is not reachable, it leads to {page.url}"
        return ProviderUnavailableError(self._site.name, reason)
