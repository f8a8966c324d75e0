"""A download item and its transitions between statuses.

The statuses and the allowed transitions are in `statuses`. Every step returns a new value or raises
`IllegalTransitionError`. Repositories only store items.
"""

import enum
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import attrs

from aniworld_core.domain.downloads.progress import Progress
from aniworld_core.domain.downloads.statuses import OPEN_STATUSES, DownloadStatus, Step
from aniworld_core.domain.identity import EpisodeRef, ItemId, WorkerId
from aniworld_core.domain.media import Language, Quality
from aniworld_core.domain.retry_policy import RetryPolicy
from aniworld_core.errors import AniworldError, IllegalTransitionError
from aniworld_core.messages import TEXTS, Message, Value, placeholders


class Priority(enum.IntEnum):
    """Priority of an item; higher values are downloaded first."""

    LOW = 0
    NORMAL = 1
    HIGH = 2


@attrs.frozen(kw_only=True)
class Claim:
    """A worker's time-limited right to an item.

    Attributes:
        at: Time of the claim or its last renewal; items delayed beyond it are not claimable.
        expires_at: Time from which any process may release the item.
    """

    worker: WorkerId
    at: datetime
    expires_at: datetime

    @classmethod
    def lasting(cls, worker: WorkerId, at: datetime, lease: timedelta) -> "Claim":
        """Return a claim of *worker* that starts at *at* and is valid for *lease*."""
        return cls(worker=worker, at=at, expires_at=at + lease)


@attrs.frozen(kw_only=True)
class Failure:
    """Reason why an item failed or waits, stored with the item.

    Attributes:
        kind: Name of the error for programs.
        message: One line in English.
        values: Values of the message, for texts in other languages; empty if unknown.
        retryable: Whether a later attempt may succeed without action by a person.
        link: Page that a person has to open, if any.
        category: Base class of the error, such as `UnavailableError`.
    """

    kind: str
    message: str
    retryable: bool = False
    link: str | None = None
    category: str = "AniworldError"
    values: Mapping[str, Value] = attrs.field(factory=dict)

    @classmethod
    def of(cls, error: AniworldError) -> "Failure":
        """Return the failure for an error."""
        bases = [c.__name__ for c in type(error).__mro__ if AniworldError in c.__bases__]
        return cls(
            kind=error.kind,
            message=str(error),
            retryable=error.retryable,
            link=getattr(error, "link", None) if error.kind == "needs_person" else None,
            category=bases[0] if bases else "AniworldError",
            values=error.values,
        )

    def to_message(self) -> Message:
        """Return the message of the failure."""
        return Message.of(self.kind, self.message, self.values)

    @property
    def hint(self) -> Message | None:
        """Return what a person can do about it; `None` if the message already says it."""
        kind = f"{self.kind}.hint"
        # The link to open is a field of its own.
        is_known = self.link is None and kind in TEXTS
        if not is_known or not placeholders(TEXTS[kind]) <= self.values.keys():
            return None
        return Message(kind, **self.values)

    @classmethod
    def from_message(cls, message: Message, *, retryable: bool = False) -> "Failure":
        """Return a failure from a message, for reasons without an error class."""
        return cls(
            kind=message.kind, message=str(message), retryable=retryable, values=message.values
        )


@attrs.frozen(kw_only=True)
class DownloadItem:
    """The download of one episode in the queue: pending, active or settled.

    Attributes:
        place: Position a user gave it within its priority; lower goes first.
        not_before: Not claimable before this time (after a failure, or on request of a site).
        languages: Wanted languages in order for this item only, or `None`.
        quality: Wanted quality for this item only, or `None`.
        replaces: Fetch the episode though its file is there; that one goes to the recycle bin.
        reason: Why the program queued it; `None` if a person did.
        failure: Why it failed, or why it waits.
        retry_count: How many attempts came after the first.
        language: What is or was fetched; `None` until chosen.
        provider: The loader whose source is or was used; empty until chosen.
        hoster: The hoster whose source is or was used; empty until chosen.
        file: The finished file, relative to the library root.
        notices: Remarks about the finished file, such as a left-out advert or a missing subtitle.
        revision: Bumped by the repository on every save.
    """

    id: ItemId
    episode: EpisodeRef
    added_at: datetime
    status: DownloadStatus = DownloadStatus.PENDING
    priority: Priority = Priority.NORMAL
    place: int = 0
    not_before: datetime | None = None
    languages: tuple[Language, ...] | None = None
    quality: Quality | None = None
    replaces: bool = False
    reason: Message | None = None
    claim: Claim | None = None
    progress: Progress = Progress()
    failure: Failure | None = None
    retry_count: int = 0
    language: Language | None = None
    provider: str = ""
    hoster: str = ""
    file: str | None = None
    notices: tuple[str, ...] = ()
    started_at: datetime | None = None
    completed_at: datetime | None = None
    revision: int = 0

    @property
    def is_open(self) -> bool:
        """Whether the item still needs its episode."""
        return self.status in OPEN_STATUSES

    def may_be_retried(self, policy: RetryPolicy) -> bool:
        """Return whether the failure is temporary and *policy* allows another retry."""
        failure = self.failure
        return failure is not None and failure.retryable and policy.allows(self.retry_count)

    def claimable(self, at: datetime) -> bool:
        """Return whether a worker may start it at this time."""
        ready = self.not_before is None or self.not_before <= at
        return self.status is DownloadStatus.PENDING and ready

    def start(self, claim: Claim) -> "DownloadItem":
        """Return the item under a claim; received bytes are kept."""
        return attrs.evolve(
            self,
            status=self.status_after(Step.START),
            claim=claim,
            failure=None,
            not_before=None,
            notices=(),
            started_at=claim.at,
            completed_at=None,
        )

    def complete(
        self,
        at: datetime,
        file: str,
        language: Language | None,
        notices: tuple[str, ...] = (),
    ) -> "DownloadItem":
        """Settle it: *file* is in the library, whole and checked."""
        return attrs.evolve(
            self,
            status=self.status_after(Step.COMPLETE),
            claim=None,
            failure=None,
            file=file,
            language=language,
            notices=notices,
            completed_at=at,
        )

    def fail(self, failure: Failure, at: datetime) -> "DownloadItem":
        """Return the item as failed; received bytes stay on disk for a retry."""
        return attrs.evolve(
            self,
            status=self.status_after(Step.FAIL),
            claim=None,
            failure=failure,
            progress=self.progress.at_rest,
            completed_at=at,
        )

    def requeue(
        self, *, reason: Failure | None = None, not_before: datetime | None = None
    ) -> "DownloadItem":
        """Return the item as pending again, after a stop, a lost worker or a delay."""
        return attrs.evolve(
            self,
            status=self.status_after(Step.REQUEUE),
            claim=None,
            failure=reason,
            progress=self.progress.at_rest,
            not_before=not_before,
            started_at=None,
        )

    def retry(self, *, not_before: datetime | None = None, reset: bool = False) -> "DownloadItem":
        """Return the failed item as pending again.

        Args:
            not_before: Earliest time of the next attempt.
            reset: Reset the count of attempts, as when a user retries.
        """
        return attrs.evolve(
            self,
            status=self.status_after(Step.RETRY),
            failure=None if reset else self.failure,
            not_before=not_before,
            retry_count=0 if reset else self.retry_count + 1,
            started_at=None,
            completed_at=None,
        )

    def status_after(self, step: Step) -> DownloadStatus:
        """Return the status after *step*.

        Raises:
            IllegalTransitionError: If the status of the item does not allow the step.
        """
        following = self.status.after(step)
        if following is None:
            status = Message(self.status.traits.message)
            raise IllegalTransitionError(self.id, status, Message(step.value))
        return following


def claim_order(item: DownloadItem) -> tuple[int, int, datetime, str]:
    """Return the sort key of the queue: priority, then place, then time added, then id."""
    return (-item.priority, item.place, item.added_at, item.id)


def next_claimable(items: Iterable[DownloadItem], at: datetime) -> DownloadItem | None:
    """Return the item that a worker gets next, or `None`."""
    return min((i for i in items if i.claimable(at)), key=claim_order, default=None)
