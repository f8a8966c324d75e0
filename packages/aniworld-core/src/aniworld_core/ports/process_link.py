"""Short notices between the processes of all machines that share a storage."""

import enum
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import attrs


class Topic(enum.StrEnum):
    """What a notice is about.

    `GAP` says that notices may have been missed: the receiver reads the stored state. `PROGRESS` is
    posted by a process; the others are sent by the storage after the commit of a change.
    """

    GAP = "gap"
    PROGRESS = "progress"
    QUEUE = "queue"
    SERIES = "series"
    ACCESS = "access"
    CONFIGURATION = "configuration"


@attrs.frozen(kw_only=True)
class Notice:
    """One notice of another process.

    Attributes:
        text: What was posted; empty for a change.
    """

    topic: Topic
    text: str = ""


class ProcessLink(ABC):
    """Send notices to the other processes that share the storage, and receive theirs.

    A process receives none of its own notices. Notices are hints: the stored state is the truth.
    """

    @abstractmethod
    def post(self, key: str, text: str) -> None:
        """Send a text with the topic `PROGRESS` to all other processes, without waiting.

        Texts are sent at most 10 times a second. A newer text replaces one of the same key that was
        not sent yet. A text that cannot be sent is dropped, and so is one above 7,000 bytes.
        """

    @abstractmethod
    def receive(self) -> AbstractAsyncContextManager[AsyncIterator[Notice]]:
        """Receive notices inside the context, those of one sender in their order.

        The first notice is a `GAP`, and there is one after each lost connection. The iterator waits
        for the server to come back and never ends.
        """
