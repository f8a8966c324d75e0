"""Asking a site for pages and saying in our words what went wrong."""

from collections.abc import Callable
from typing import Generic, NoReturn, TypeVar

import attrs

from aniworld_core.errors import ProviderChangedError, ProviderUnavailableError
from aniworld_providers.catalogues.aniworld.links import Place, host_of, is_same_host, place_in
from aniworld_providers.catalogues.aniworld.markup import (
    DamagedPageError,
    FailedPageError,
    MissingPieceError,
    NoSuchPageError,
    is_whole,
)
from aniworld_providers.catalogues.aniworld.site import Site
from aniworld_providers.network.pages import Page, PageClient, PageMissingError

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
        self, url: str, parse: Callable[[str], T], *, fresh: bool = False
    ) -> Visit[T] | None:
        """Ask for a page and read it.

        Args:
            url: Where it is.
            parse: Reads its text; one of the `read_` methods of the site's layout.
            fresh: Ask the site even if a kept answer still holds.

        Returns:
            The page, or `None` if the site says that there is none.

        Raises:
            ProviderChangedError: If a piece of it is missing.
            ProviderUnavailableError: If it is damaged twice, the site reports a fault, or
                something else answers in its place.
        """
        try:
            return await self._attempt(url, parse, fresh=fresh)
        except DamagedPageError:
            pass
        try:
            return await self._attempt(url, parse, fresh=True)
        except DamagedPageError as error:
            reason = f"its page is damaged ({error})"
            raise ProviderUnavailableError(self._site.name, reason) from error

    async def _attempt(
        self, url: str, parse: Callable[[str], T], *, fresh: bool
    ) -> Visit[T] | None:
        try:
            page = await self._pages.get(url, expects=self._site.layout.is_true_page, fresh=fresh)
            if self._leads_home(url, page):
                return None
            if not is_whole(page.text):
                raise DamagedPageError("it ends too early")
            content = parse(page.text)
        except (PageMissingError, NoSuchPageError):
            return None
        except FailedPageError as error:
            reason = f"its page says {error}"
            raise ProviderUnavailableError(self._site.name, reason) from error
        except MissingPieceError as error:
            self._blame(url, page, error)
        return Visit(content=content, url=page.url, place=place_in(page.url))

    def _leads_home(self, url: str, page: Page) -> bool:
        """Whether a page of a series is answered by a page of none, as for removed ones."""
        is_own = is_same_host(url, page.url) or host_of(page.url) in self._site.hosts
        return is_own and place_in(url) is not None and place_in(page.url) is None

    def _blame(self, url: str, page: Page, error: MissingPieceError) -> NoReturn:
        if not is_same_host(url, page.url):
            # Providers of internet access answer like this for names they block.
            reason = f"its name is not reachable, it leads to {page.url}"
            raise ProviderUnavailableError(self._site.name, reason) from error
        raise ProviderChangedError(self._site.name, error.piece) from error
