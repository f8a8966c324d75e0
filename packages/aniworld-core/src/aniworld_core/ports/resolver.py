"""Resolver: turn a source into streams."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

from aniworld_core.domain.media import MediaSource, Stream
from aniworld_core.ports.context import AdapterContext


class StreamResolver(ABC):
    """Turn sources that it accepts into streams."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Return the name of its entry point."""

    @property
    def is_fallback(self) -> bool:
        """Return whether it is used only if no other resolver accepts."""
        return False

    @abstractmethod
    def accepts(self, source: MediaSource) -> bool:
        """Return whether it can resolve the source; never raises, no I/O."""

    @abstractmethod
    async def resolve(self, source: MediaSource) -> Sequence[Stream]:
        """Return the streams of a source, best quality first; never empty.

        Streams have the language, reach, provider and hoster of the source. Resolving again
        returns fresh links to the same media.

        Raises:
            SourceGoneError: If the media no longer exist.
            NeedsPersonError: If the site requires a person.
            ProtectedError: If the media are encrypted.
            UnsupportedSourceError: If the page has no media that can be fetched.
            AddressRefusedError: If the link has an address that must not be reached.
            ProviderUnavailableError: If the site does not answer.
        """


#: Open a resolver with its context.
ResolverFactory: TypeAlias = Callable[[AdapterContext], AbstractAsyncContextManager[StreamResolver]]
