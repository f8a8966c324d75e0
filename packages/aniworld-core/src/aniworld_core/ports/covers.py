"""Pictures of series."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

from aniworld_core.domain.catalogue import Cover, CoverAddress
from aniworld_core.ports.context import AdapterContext


class CoverSource(ABC):
    """Brings covers, and keeps them so that their sites are asked rarely."""

    @abstractmethod
    async def get(self, address: CoverAddress) -> Cover:
        """Return the picture at an address: a kept one, or the one its site gives.

        What it is, is judged by its bytes and never by what the site says. However many ask at
        the same time, the site is asked once. A picture that was kept is given also when the
        site no longer has it; what could not be had is not asked for again for a while, and
        until then the same error is raised at once.

        Raises:
            CoverNotFoundError: If there is none, or what is there is no `ImageKind`, is larger
                than a cover can be, or lies where nothing may be fetched.
            ProviderUnavailableError: If the site does not answer now; with the time to wait.
        """


#: Opens a source of covers in its surroundings.
CoverSourceFactory: TypeAlias = Callable[[AdapterContext], AbstractAsyncContextManager[CoverSource]]
