"""The statuses of a queue item: one row of traits for each, from which everything else derives.

A new status is a new member of `DownloadStatus`. Its row holds the steps that lead out of it,
its groups, its list order and its names in the REST interface. Repositories, use cases, REST and
the command line read the row; none of them lists the statuses again.

PENDING -start-> DOWNLOADING -complete-> COMPLETED
DOWNLOADING -fail-> FAILED -retry-> PENDING
DOWNLOADING -requeue-> PENDING
"""

import enum
from collections.abc import Mapping
from typing import Final

import attrs


class ListOrder(enum.Enum):
    """The order in which the items of one status are listed."""

    #: The claim order: the item that starts next comes first.
    NEXT_FIRST = enum.auto()
    #: The item that was settled last comes first.
    NEWEST_FIRST = enum.auto()


class Step(enum.StrEnum):
    """A step of a queue item.

    The value is the kind of its message, which completes the sentence `the item cannot ...`.
    """

    START = "step_start"
    COMPLETE = "step_complete"
    FAIL = "step_fail"
    REQUEUE = "step_requeue"
    RETRY = "step_retry"
    MOVE = "step_move"


@attrs.frozen(kw_only=True)
class StatusTraits:
    """Properties of one status.

    Attributes:
        steps: The steps that an item of this status allows, with the value of the next status.
        is_open: The item still needs its episode; at most one such item per episode exists.
        is_held: A worker works on the item, so it cannot be removed.
        order: The order of its list.
        message: The kind of the message that names it.
        list_name: The name of its list in the documented queue status.
        count_name: The name of its count in the documented statistics.
    """

    steps: Mapping[Step, str]
    is_open: bool = False
    is_held: bool = False
    order: ListOrder = ListOrder.NEWEST_FIRST
    list_name: str
    count_name: str
    message: str


class DownloadStatus(enum.StrEnum):
    """The status of a queue item; the values are part of the REST interface.

    Attributes:
        traits: The row of the status.
    """

    traits: StatusTraits

    def __new__(cls, value: str, traits: StatusTraits | None = None) -> "DownloadStatus":
        """Make a member of its value and its row; the row is always given."""
        assert traits is not None  # noqa: S101 - the default is for look-ups by value
        member = str.__new__(cls, value)
        member._value_ = value
        member.traits = traits
        return member

    PENDING = (
        "pending",
        StatusTraits(
            steps={Step.START: "downloading", Step.MOVE: "pending"},
            is_open=True,
            order=ListOrder.NEXT_FIRST,
            list_name="pending_queue",
            count_name="pending_count",
            message="status_pending",
        ),
    )
    DOWNLOADING = (
        "downloading",
        StatusTraits(
            steps={Step.COMPLETE: "completed", Step.FAIL: "failed", Step.REQUEUE: "pending"},
            is_open=True,
            is_held=True,
            order=ListOrder.NEXT_FIRST,
            list_name="active_downloads",
            count_name="active_count",
            message="status_downloading",
        ),
    )
    COMPLETED = (
        "completed",
        StatusTraits(
            steps={},
            list_name="completed_downloads",
            count_name="completed_count",
            message="status_completed",
        ),
    )
    FAILED = (
        "failed",
        StatusTraits(
            steps={Step.RETRY: "pending"},
            list_name="failed_downloads",
            count_name="failed_count",
            message="status_failed",
        ),
    )

    def after(self, step: Step) -> "DownloadStatus | None":
        """Return the status that *step* leads to, or `None` when it is not allowed."""
        following = self.traits.steps.get(step)
        return None if following is None else DownloadStatus(following)


#: Statuses in which an item still needs its episode; at most one such item per episode exists.
OPEN_STATUSES: Final = frozenset(status for status in DownloadStatus if status.traits.is_open)
#: Statuses in which a worker holds the item.
HELD_STATUSES: Final = frozenset(status for status in DownloadStatus if status.traits.is_held)
#: Statuses of the history: the item needs nothing any more.
SETTLED_STATUSES: Final = frozenset(DownloadStatus) - OPEN_STATUSES
