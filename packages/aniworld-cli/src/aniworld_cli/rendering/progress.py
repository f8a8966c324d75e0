"""Display of downloads in plain lines."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeAlias

import attrs

from aniworld_cli.rendering.formats import bytes_text
from aniworld_cli.rendering.output import Output
from aniworld_cli.rendering.texts import tr
from aniworld_core.domain.downloads import DownloadItem, Progress
from aniworld_core.domain.identity import EpisodeRef, ItemId

#: Returns the name of an episode for people.
Label: TypeAlias = Callable[[EpisodeRef], str]


class DownloadDisplay(ABC):
    """Interface of a display; receives each change of a download once, in order."""

    @abstractmethod
    def started(self, item: DownloadItem) -> None:
        """A worker started an item."""

    @abstractmethod
    def progressed(self, item_id: ItemId, progress: Progress) -> None:
        """A transfer made progress."""

    @abstractmethod
    def completed(self, item: DownloadItem) -> None:
        """An episode is in the library."""

    @abstractmethod
    def failed(self, item: DownloadItem) -> None:
        """An item failed; it may still be retried."""

    @abstractmethod
    def requeued(self, item: DownloadItem) -> None:
        """An item is pending again."""


def describe_end(label: str, item: DownloadItem) -> str:
    """Return one line about how an item ended, or why it waits."""
    if item.failure is not None:
        if item.is_open:
            until = f"{item.not_before:%H:%M:%S}" if item.not_before else None
            text = "waiting {label}[ until {until} UTC]: {reason}"
            return tr(text, label=label, until=until, reason=item.failure.to_message())
        return tr("failed {label}: {reason}", label=label, reason=item.failure.to_message())
    if item.is_open:
        return tr("put back {label}", label=label)
    size = item.progress.total_bytes
    return tr("done {label}[ ({size})]", label=label, size=bytes_text(size) if size else None)


@attrs.define(eq=False, kw_only=True)
class LineDisplay(DownloadDisplay):
    """Prints one plain line per event, none for progress."""

    _output: Output
    _label: Label

    def started(self, item: DownloadItem) -> None:
        """Print that the item started."""
        self._output.talk(tr("started {name}", name=self._label(item.episode)))

    def progressed(self, item_id: ItemId, progress: Progress) -> None:
        """Print nothing: a line per step would hide the other lines."""

    def completed(self, item: DownloadItem) -> None:
        """Print the result."""
        self._end(item)

    def failed(self, item: DownloadItem) -> None:
        """Print the result."""
        self._end(item)

    def requeued(self, item: DownloadItem) -> None:
        """Print the result."""
        self._end(item)

    def _end(self, item: DownloadItem) -> None:
        self._output.talk(describe_end(self._label(item.episode), item))
