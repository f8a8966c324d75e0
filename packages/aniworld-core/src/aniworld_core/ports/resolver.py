"""From a source to something that can be fetched."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

from aniworld_core.domain.media import MediaSource, Stream
from aniworld_core.ports.context import AdapterContext


class StreamResolver(ABC):
    """Turns sources it accepts into streams."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The name it is installed under."""

    @property
    def is_fallback(self) -> bool:
        """Whether it is asked only after every other resolver declined."""
        return False

    @abstractmethod
    def accepts(self, source: MediaSource) -> bool:
        """Whether it knows what to do with the source; never raises, no I/O."""

    @abstractmethod
    async def resolve(self, source: MediaSource) -> Sequence[Stream]:
        """Return the streams of a source, best quality first; never empty.

        Streams carry over language, reach, provider and hoster of the source. Resolving again
        gives fresh links to the same media.

        Raises:
            SourceGoneError: If the media no longer exist.
            NeedsPersonError: If the site wants a person.
            ProtectedError: If the media are protected.
            UnsupportedSourceError: If the page holds nothing that can be fetched.
            AddressRefusedError: If it leads to an address that must not be reached.
            ProviderUnavailableError: If the site does not answer.
        """


#: Opens a resolver in its surroundings.
ResolverFactory: TypeAlias = Callable[[AdapterContext], AbstractAsyncContextManager[StreamResolver]]
