"""Downloads as they happen, in plain lines."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeAlias

import attrs

from aniworld_cli.rendering.formats import bytes_text
from aniworld_cli.rendering.output import Output
from aniworld_core.domain.downloads import DownloadItem, Progress
from aniworld_core.domain.identity import EpisodeRef, ItemId

#: Names an episode for people.
Label: TypeAlias = Callable[[EpisodeRef], str]


class DownloadDisplay(ABC):
    """Is told what happens to downloads, each fact once, in order."""

    @abstractmethod
    def started(self, item: DownloadItem) -> None:
        """A worker began with an item."""

    @abstractmethod
    def progressed(self, item_id: ItemId, progress: Progress) -> None:
        """A transfer moved on."""

    @abstractmethod
    def completed(self, item: DownloadItem) -> None:
        """An episode is in the library."""

    @abstractmethod
    def failed(self, item: DownloadItem) -> None:
        """An item failed; it may still be retried."""

    @abstractmethod
    def requeued(self, item: DownloadItem) -> None:
        """An item went back to waiting."""


def describe_end(label: str, item: DownloadItem) -> str:
    """Say in one line how an item ended, or why it waits."""
    if item.failure is not None:
        if item.is_open:
            until = f" until {item.not_before:%H:%M:%S} UTC" if item.not_before else ""
            return f"waiting {label}{until}: {item.failure.message}"
        return f"failed {label}: {item.failure.message}"
    if item.is_open:
        return f"put back {label}"
    size = item.progress.total_bytes
    return f"done {label}" + (f" ({bytes_text(size)})" if size else "")


@attrs.define(eq=False, kw_only=True)
class LineDisplay(DownloadDisplay):
    """One plain line per event, none for progress."""

    _output: Output
    _label: Label

    def started(self, item: DownloadItem) -> None:
        """Say so."""
        self._output.talk(f"started {self._label(item.episode)}")

    def progressed(self, item_id: ItemId, progress: Progress) -> None:
        """Say nothing: a line for each step would drown the rest."""

    def completed(self, item: DownloadItem) -> None:
        """Say how it ended."""
        self._end(item)

    def failed(self, item: DownloadItem) -> None:
        """Say how it ended."""
        self._end(item)

    def requeued(self, item: DownloadItem) -> None:
        """Say how it ended."""
        self._end(item)

    def _end(self, item: DownloadItem) -> None:
        self._output.talk(describe_end(self._label(item.episode), item))
