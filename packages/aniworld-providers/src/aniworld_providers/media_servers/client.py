"""Requests to one media server, with the errors of this project."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Final, TypeVar

import attrs

from aniworld_core.domain.configuration import MediaServerConfig, ProviderConfig
from aniworld_core.errors import (
    AniworldError,
    MediaServerFailedError,
    NeedsPersonError,
    ProviderChangedError,
    ProviderDeniedError,
    ProviderUnavailableError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.context import AdapterContext
from aniworld_providers.network.pages import (
    NotJsonError,
    PageClient,
    PageMissingError,
    open_page_client,
    origin_of,
)

T = TypeVar("T")

_NAME: Final = "media-server"
#: Servers of the owner need no pauses between requests.
_PER_MINUTE: Final = 6000


@attrs.frozen(kw_only=True, eq=False)
class MediaServerClient:
    """Send requests to one server.

    Attributes:
        server: Its settings.
        product: Name of the product that it should be.
        headers: Headers of every request, with the credentials.
    """

    server: MediaServerConfig
    product: str
    headers: Mapping[str, str] = attrs.field(repr=False)
    _pages: PageClient

    async def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> object:
        """Send a request and return the JSON value of the answer; `None` for an empty one.

        Raises:
            MediaServerFailedError: If there is no usable answer.
        """
        with self._mapped(path):
            page = await self._pages.ask(
                method,
                self.server.base_url.strip().rstrip("/") + path,
                params=params,
                headers={"Accept": "application/json", **self.headers, **(headers or {})},
                body=body,
            )
            return self._pages.read_json(page) if page.text.strip() else None

    def expect(self, kind: type[T], value: object) -> T:
        """Return a part of an answer of its expected type.

        Raises:
            MediaServerFailedError: If it has another type.
        """
        if not isinstance(value, kind):
            raise self.other()
        return value

    def other(self) -> MediaServerFailedError:
        """Return the error for an answer that the product never gives."""
        return self.failed(Message("media_server_other", product=self.product), is_final=True)

    def failed(self, reason: str, *, is_final: bool = False) -> MediaServerFailedError:
        """Return the error for a reason."""
        return MediaServerFailedError(self.server.label, reason, is_final=is_final)

    @contextmanager
    def _mapped(self, path: str) -> Iterator[None]:
        try:
            yield
        except ProviderDeniedError as error:
            raise self.failed(Message("media_server_denied"), is_final=True) from error
        except NeedsPersonError as error:
            raise self.failed(error.reason, is_final=True) from error
        except PageMissingError as error:
            reason = Message("media_server_not_there", path=path)
            raise self.failed(reason, is_final=True) from error
        except (NotJsonError, ProviderChangedError) as error:
            raise self.other() from error
        except ProviderUnavailableError as error:
            raise self.failed(error.reason) from error
        except AniworldError as error:
            raise self.failed(error.message, is_final=True) from error


@asynccontextmanager
async def open_client(
    server: MediaServerConfig,
    context: AdapterContext,
    *,
    product: str,
    headers: Mapping[str, str],
) -> AsyncIterator[MediaServerClient]:
    """Open the client of a server.

    The address may be in a private range, because the owner configured it. The client connects to
    it only, never through the catalogues' proxy.

    Raises:
        MediaServerFailedError: If the address cannot be used.
    """
    try:
        origin = origin_of(server.base_url)
    except AniworldError as error:
        reason = Message("not_a_web_address")
        raise MediaServerFailedError(server.label, reason, is_final=True) from error
    config = attrs.evolve(
        context.config,
        network=attrs.evolve(context.config.network, proxy="", user_agent=""),
        providers={_NAME: ProviderConfig(requests_per_minute=_PER_MINUTE)},
    )
    context = attrs.evolve(context, config=config)
    async with open_page_client(
        context, _NAME, site=server.label, reach=frozenset({origin})
    ) as pages:
        yield MediaServerClient(server=server, product=product, headers=headers, pages=pages)
