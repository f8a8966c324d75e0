"""Requests to one server, as whom, and what comes back."""

from collections.abc import Mapping
from typing import Final, TypeVar

import aiohttp
import attrs
import msgspec

from aniworld_http.client.refusals import (
    RemoteUnavailableError,
    RemoteUnusableError,
    refusal,
)

T = TypeVar("T")

#: Searching asks other sites, which takes its time.
TIMEOUT_SECONDS: Final = 60.0


@attrs.define(eq=False)
class Transport:
    """Sends requests to one server.

    Args:
        session: The connections.
        base: Address of the server, without a slash at the end.
        headers: Say who is asking.
    """

    session: aiohttp.ClientSession
    base: str
    headers: dict[str, str] = attrs.field(factory=dict, repr=False)

    async def ask(
        self,
        method: str,
        path: str,
        shape: type[T],
        body: Mapping[str, object] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> T:
        """Send a request and read the answer as *shape*.

        Raises:
            RemoteError: If the server refuses, does not answer, or is none of ours.
        """
        raw = await self.send(method, path, body, query)
        try:
            return msgspec.json.decode(raw, type=shape)
        except msgspec.DecodeError as error:
            raise RemoteUnusableError(f"{self.base} is no Aniworld server: {error}") from error

    async def send(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> bytes:
        """Send a request and return the body of the answer.

        Raises:
            RemoteError: If the server refuses or does not answer.
        """
        try:
            async with self.session.request(
                method,
                self.base + path,
                json=body,
                params=query,
                headers=self.headers,
                # A token is for this server only, wherever it points.
                allow_redirects=False,
            ) as response:
                raw = await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise RemoteUnavailableError(f"{self.base} does not answer: {error}") from error
        if not 200 <= response.status < 300:
            raise refusal(response.status, raw, response.headers.get("Retry-After"))
        return raw
