"""The enabled catalogues in their configured order."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from aniworld_core.errors import InvalidLinkError, UnknownProviderError
from aniworld_core.messages import Message
from aniworld_core.ports.loader import Breadth, Loader

_SCHEME: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):")
_WEB: Final = frozenset({"http", "https"})


@attrs.define(eq=False)
class Loaders:
    """The enabled loaders by name.

    Attributes:
        by_name: Loaders in the order in which they are queried.
        broken: Name → reason, for installed loaders that could not be opened.
    """

    by_name: Mapping[str, Loader]
    broken: Mapping[str, str] = attrs.field(factory=dict)

    def __iter__(self) -> Iterator[Loader]:
        return iter(self.by_name.values())

    def named(self, name: str) -> Loader:
        """Return a loader by name.

        Raises:
            UnknownProviderError: If it is not installed or not enabled.
        """
        loader = self.by_name.get(name)
        if loader is None:
            raise UnknownProviderError(name, tuple(self.by_name))
        return loader

    async def owner_of(self, link: str) -> Loader:
        """Return the loader of a link; narrow ones are asked first.

        A link that only a loader of any links owns may lead to a format of another one, which then
        sends a request.

        Raises:
            InvalidLinkError: If no enabled loader takes the link.
        """
        owners = [loader for loader in self if loader.owns(link)]
        owner = min(owners, key=lambda loader: loader.breadth, default=None)
        if owner is not None and owner.breadth is not Breadth.ANY:
            return owner
        for loader in self:
            if loader.breadth is Breadth.FORMAT and await loader.recognises(link):
                return loader
        if owner is not None:
            return owner
        if not _is_web_link(link):
            raise InvalidLinkError(link, Message("not_web_link"))
        names = [f"{loader.name} ({loader.site})" for loader in self]
        raise InvalidLinkError(
            link,
            Message("no_catalogue_takes_link"),
            hint=Message("enabled_catalogues.hint", names=names)
            if names
            else Message("no_provider.hint"),
        )


def _is_web_link(link: str) -> bool:
    """Return whether a text is an http link, also behind one word such as `feed:`.

    A text without a scheme, such as `example.org/a`, may be one too.
    """
    match = _SCHEME.match(link)
    if match is None:
        return True
    scheme, rest = match["scheme"].lower(), link[match.end() :]
    if scheme in _WEB:
        return rest.startswith("//") and rest.strip("/") != ""
    if not rest.startswith("//"):
        # A word in front of a whole link: `feed:https://example.org/a`.
        inner = _SCHEME.match(rest)
        return inner is not None and inner["scheme"].lower() in _WEB and _is_web_link(rest)
    return False
