"""Source of cover pictures."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

from aniworld_core.domain.catalogue import Cover, CoverAddress
from aniworld_core.ports.context import AdapterContext


class CoverSource(ABC):
    """Return covers from a cache or from their sites."""

    @abstractmethod
    async def get(self, address: CoverAddress) -> Cover:
        """Return the picture at an address, from the cache or from its site.

        The format is detected from the bytes, never from the response headers. Concurrent calls
        make one request. A cached picture is returned even if the site no longer has it. After a
        failure no request is made for a while; the same error is raised at once.

        Raises:
            CoverNotFoundError: If there is no picture, its format is no `ImageKind`, it is too
                large, or its address must not be reached.
            ProviderUnavailableError: If the site does not answer; with the time to wait.
        """


#: Open a cover source with its context.
CoverSourceFactory: TypeAlias = Callable[[AdapterContext], AbstractAsyncContextManager[CoverSource]]
