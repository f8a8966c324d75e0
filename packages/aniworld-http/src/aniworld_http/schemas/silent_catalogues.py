"""Catalogues that did not answer, for reports of searches and browse lists."""

from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from aniworld_core.application.catalogue import ErrorView, SilentCatalogueView
from aniworld_core.errors import AniworldError


@attrs.define(eq=False)
class SilentCatalogues:
    """Collects the catalogues that did not answer, for a report that names them."""

    _found: list[SilentCatalogueView] = attrs.field(factory=list, init=False)

    @property
    def views(self) -> tuple[SilentCatalogueView, ...]:
        """Those that were noted, in order."""
        return tuple(self._found)

    def note(self, provider: str, error: AniworldError) -> None:
        """Note a catalogue with its error."""
        self._found.append(SilentCatalogueView(provider=provider, error=ErrorView.of(error)))

    @contextmanager
    def reported(self) -> Iterator[None]:
        """Suppress the error of the whole query if it is that of noted catalogues."""
        try:
            yield
        except AniworldError:
            if not self._found:
                raise
