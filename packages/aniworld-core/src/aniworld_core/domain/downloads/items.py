"""A download item and its steps from one status to the next.

The statuses and the steps between them are in `statuses`. Every step returns a new value or raises
`IllegalTransitionError`. Repositories store items; they decide nothing.
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
from aniworld_core.messages import Message, Value


class Priority(enum.IntEnum):
    """Higher goes first."""

    LOW = 0
    NORMAL = 1
    HIGH = 2


@attrs.frozen(kw_only=True)
class Claim:
    """A worker's time-limited right to an item.

    Attributes:
        at: When it was taken or renewed; items put off beyond it are not claimable.
        expires_at: From then on anybody may release it.
    """

    worker: WorkerId
    at: datetime
    expires_at: datetime

    @classmethod
    def lasting(cls, worker: WorkerId, at: datetime, lease: timedelta) -> "Claim":
        """Make a claim of *worker* that holds from *at* for the time of *lease*."""
        return cls(worker=worker, at=at, expires_at=at + lease)


@attrs.frozen(kw_only=True)
class Failure:
    """Why an item failed or has to wait, kept with the item.

    Attributes:
        kind: The error's name for machines.
        message: One line for people, in English.
        values: What the message is built from, for texts in other languages; empty if unknown.
        retryable: Whether a later attempt may succeed by itself.
        link: A page to open, when a person is needed.
        category: Which of the seven groups of errors, such as `UnavailableError`.
    """

    kind: str
    message: str
    retryable: bool = False
    link: str | None = None
    category: str = "AniworldError"
    values: Mapping[str, Value] = attrs.field(factory=dict)

    @classmethod
    def of(cls, error: AniworldError) -> "Failure":
        """Return the failure that an error describes."""
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

    @classmethod
    def from_message(cls, message: Message, *, retryable: bool = False) -> "Failure":
        """Return a failure that no error class describes."""
        return cls(
            kind=message.kind, message=str(message), retryable=retryable, values=message.values
        )


@attrs.frozen(kw_only=True)
class DownloadItem:
    """One episode waiting for, in, or past its download.

    Attributes:
        place: Position a user gave it within its priority; lower goes first.
        not_before: Not claimable before this time (after a failure, or on request of a site).
        languages: Wanted languages in order for this item only, or `None`.
        quality: Wanted quality for this item only, or `None`.
        replaces: Fetch the episode though its file is there; that one goes to the recycle bin.
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
        """Whether it still wants its episode."""
        return self.status in OPEN_STATUSES

    def may_be_retried(self, policy: RetryPolicy) -> bool:
        """Return whether the failure may pass without a person and *policy* allows a retry."""
        failure = self.failure
        return failure is not None and failure.retryable and policy.allows(self.retry_count)

    def claimable(self, at: datetime) -> bool:
        """Whether a worker may start it at this time."""
        ready = self.not_before is None or self.not_before <= at
        return self.status is DownloadStatus.PENDING and ready

    def start(self, claim: Claim) -> "DownloadItem":
        """Hand the item to a worker; what was fetched before is kept."""
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
        """Settle it as failed; what was fetched stays on disk for a retry."""
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
        """Give it back unfinished: a stop, a lost worker, or a wait that is nobody's failure."""
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
        """Try a failed item again.

        Args:
            not_before: Start no earlier than this.
            reset: Count attempts from the start again, as when a person asks for it.
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
        """Return the status that *step* leads to.

        Raises:
            IllegalTransitionError: If the item's status does not allow the step.
        """
        following = self.status.after(step)
        if following is None:
            raise IllegalTransitionError(self.id, self.status.value, step.value)
        return following


def claim_order(item: DownloadItem) -> tuple[int, int, datetime, str]:
    """Sort key of the queue: priority, then place, then time added, then id."""
    return (-item.priority, item.place, item.added_at, item.id)


def next_claimable(items: Iterable[DownloadItem], at: datetime) -> DownloadItem | None:
    """The item a worker gets next, or `None`."""
    return min((i for i in items if i.claimable(at)), key=claim_order, default=None)
