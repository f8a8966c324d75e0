"""Media server: refresh the changed part of its library."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

import attrs

from aniworld_core.domain.configuration import MediaServerConfig
from aniworld_core.ports.context import AdapterContext


@attrs.frozen(kw_only=True)
class ChangedFolder:
    """Folder of a series whose files changed.

    Attributes:
        path: Its path as the server sees it.
        has_removals: Whether files left it.
    """

    path: str
    has_removals: bool = False


@attrs.frozen(kw_only=True)
class MediaServerFacts:
    """Answer of a media server.

    Attributes:
        product: Product and version, such as `Jellyfin 10.11.0`.
        folders: Folders of its libraries.
    """

    product: str
    folders: tuple[str, ...] = ()


class MediaServer(ABC):
    """Refresh the library of one media server.

    Every method raises `MediaServerFailedError` if the server cannot be reached, refuses the
    credentials, or gives an answer that such a server never gives. The error contains no secret.
    """

    @abstractmethod
    async def check(self) -> MediaServerFacts:
        """Return what the server is and which folders it has; changes nothing.

        It uses the same credentials as `refresh`, and fails if these do not suffice for it.
        """

    @abstractmethod
    async def refresh(self, folders: Sequence[ChangedFolder]) -> None:
        """Make the server look at these folders again, and at no others; safe to repeat.

        The scan goes on after the call. A folder that does not exist yet or any more is passed
        like any other. Nothing is sent without folders.

        Raises:
            MediaServerFailedError: Also if no library of the server contains one of the folders.
                The others are refreshed nevertheless.
        """


#: Open the adapter of a server. Raise `MediaServerFailedError` if its address cannot be used, and
#: `AdapterNotFoundError` if a package is missing.
MediaServerFactory: TypeAlias = Callable[
    [MediaServerConfig, AdapterContext], AbstractAsyncContextManager[MediaServer]
]


def is_below(path: str, folder: str) -> bool:
    r"""Return whether a path of a server is one of its folders or in it; `/` and `\\` are equal."""
    parts, outer = (each.replace("\\", "/").rstrip("/").split("/") for each in (path, folder))
    return parts[: len(outer)] == outer
